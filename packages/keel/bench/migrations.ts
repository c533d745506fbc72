import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Client } from 'pg';
import { startTemporaryServer, type TemporaryServer } from '../src/embedded/temporary-server';
import { FLOOR, SEQUELIZE_FLOOR, writeSteps } from './support/floor';
import { writeHistory, type HistoryForm } from './support/histories';
import { installPeers, PEERS } from './support/peers';
import { measureNode, median, type Measure } from './support/processes';
import { duration, markdownTable } from './support/table';

/** A runner that is measured: its own project folder, and how each step is called. */
interface Tool {
  readonly name: string;
  readonly form: HistoryForm | undefined;
  readonly script: string;
  readonly up: readonly string[];
  readonly down: (count: number) => readonly string[];
  readonly status?: readonly string[];
  readonly version?: readonly string[];
  /** Whether nothing that was compiled before is used; otherwise all is. */
  readonly compiles?: boolean;
  /** The longest history that it is given by default. */
  readonly most: number;
}

const bin = (file: string): string => path.join(PEERS, 'node_modules', file);

const TOOLS: readonly Tool[] = [
  {
    name: 'bare pg',
    form: undefined,
    script: path.join(PEERS, 'floor.js'),
    up: ['up'],
    down: () => ['down'],
    most: 5000,
  },
  {
    name: 'bare pg in one transaction',
    form: undefined,
    script: path.join(PEERS, 'floor.js'),
    up: ['up', 'together'],
    down: () => ['down', 'together'],
    most: 5000,
  },
  {
    name: 'Sequelize alone',
    form: 'js',
    script: path.join(PEERS, 'sequelize-floor.js'),
    up: ['up'],
    down: () => ['down'],
    most: 5000,
  },
  {
    name: 'keel',
    form: 'js',
    script: bin('sequelize-keel/dist/bin.js'),
    up: ['db:migrate'],
    down: () => ['db:migrate:undo:all'],
    status: ['db:migrate:status'],
    version: ['--version'],
    most: 5000,
  },
  {
    name: 'keel --atomic',
    form: 'js',
    script: bin('sequelize-keel/dist/bin.js'),
    up: ['db:migrate', '--atomic'],
    down: () => ['db:migrate:undo:all'],
    most: 5000,
  },
  {
    name: 'keel (TypeScript, first time)',
    form: 'ts',
    script: bin('sequelize-keel/dist/bin.js'),
    up: ['db:migrate'],
    down: () => ['db:migrate:undo:all'],
    most: 5000,
    compiles: true,
  },
  {
    name: 'keel (TypeScript)',
    form: 'ts',
    script: bin('sequelize-keel/dist/bin.js'),
    up: ['db:migrate'],
    down: () => ['db:migrate:undo:all'],
    most: 5000,
  },
  {
    name: 'knex',
    form: 'knex',
    script: bin('knex/bin/cli.js'),
    up: ['migrate:latest'],
    down: () => ['migrate:rollback', '--all'],
    status: ['migrate:status'],
    version: ['--version'],
    most: 5000,
  },
  {
    name: 'node-pg-migrate',
    form: 'nodePgMigrate',
    script: bin('node-pg-migrate/bin/node-pg-migrate.js'),
    up: ['up'],
    down: (count) => ['down', String(count)],
    version: ['--version'],
    most: 5000,
  },
  {
    name: 'sequelize-cli',
    form: 'js',
    script: bin('sequelize-cli/lib/sequelize'),
    up: ['db:migrate'],
    down: () => ['db:migrate:undo:all'],
    status: ['db:migrate:status'],
    version: ['--version'],
    most: 1000,
  },
];

/** Where keel keeps what it has compiled. */
const COMPILED = path.join(PEERS, 'node_modules', '.cache', 'keel');

const PACKAGES = ['sequelize@6', 'pg@8', 'sequelize-cli@6', 'knex@3', 'node-pg-migrate@8'];

/** Of several turns. */
interface Summary {
  readonly leastMs: number;
  readonly ms: number;
  readonly cpuMs: number;
  readonly peakMiB: number;
}

interface Result {
  readonly tool: string;
  readonly count: number;
  readonly runs: number;
  readonly up: Summary;
  readonly noop: Summary;
  readonly down: Summary;
}

/** Measures applying, a run with nothing to do, and undoing, for histories of each length, tools in turn. */
export async function main(argv: string[]): Promise<void> {
  const { values } = parseArgs({
    args: argv,
    options: {
      counts: { type: 'string', default: '10,100,1000,5000' },
      runs: { type: 'string', default: '3' },
      tools: { type: 'string' },
      fsync: { type: 'string', default: 'on' },
      json: { type: 'boolean', default: false },
      'no-limit': { type: 'boolean', default: false },
    },
  });
  const log = (text: string): void => void process.stderr.write(`${text}\n`);
  log('Installing the peers…');
  installPeers(PACKAGES);
  const tools = chooseTools(values.tools);
  const server = await startTemporaryServer({
    settings: {
      fsync: values.fsync,
      full_page_writes: values.fsync,
      synchronous_commit: values.fsync,
      max_locks_per_transaction: '512',
    },
  });
  try {
    const results: Result[] = [];
    for (const count of values.counts.split(',').map(Number)) {
      const able = tools.filter(({ most }) => values['no-limit'] || count <= most);
      results.push(...(await measureCount(server, able, count, Number(values.runs), log)));
    }
    const starts = await measureStarts(server, tools, Number(values.runs) * 3);
    process.stdout.write(
      values.json
        ? `${JSON.stringify({ results, starts }, undefined, 2)}\n`
        : render(results, starts),
    );
  } finally {
    await server.stop();
  }
}

/** The tools that `--tools` names; names have commas of their own. */
function chooseTools(names: string | undefined): readonly Tool[] {
  if (names === undefined) return TOOLS;
  const rest = [...TOOLS]
    .sort((a, b) => b.name.length - a.name.length)
    .reduce(
      (left, { name }) => left.replace(new RegExp(`(^|,)${escapeRegExp(name)}(?=,|$)`), '$1'),
      names,
    );
  const unknown = rest.replaceAll(/^,+|,+$/g, '');
  if (unknown !== '')
    throw new Error(
      `No tool is called ${unknown}. These are: ${TOOLS.map(({ name }) => name).join('; ')}.`,
    );
  return TOOLS.filter(({ name }) => `,${names},`.includes(`,${name},`));
}

function escapeRegExp(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

async function measureCount(
  server: TemporaryServer,
  tools: readonly Tool[],
  count: number,
  runs: number,
  log: (text: string) => void,
): Promise<Result[]> {
  const measures = new Map<string, Record<'up' | 'noop' | 'down', Measure[]>>(
    tools.map((tool) => [tool.name, { up: [], noop: [], down: [] }]),
  );
  for (let turn = 1; turn <= runs; turn += 1) {
    for (const tool of tools) {
      const place = await prepare(server, tool, count);
      if (tool.compiles) rmSync(COMPILED, { recursive: true, force: true });
      else if (tool.form === 'ts')
        await measureNode(tool.script, ['db:migrate', '--dry-run'], place);
      const step = (args: readonly string[]): Promise<Measure> =>
        measureNode(tool.script, args, place);
      const taken = measures.get(tool.name);
      taken?.up.push(await step(tool.up));
      taken?.noop.push(await step(tool.up));
      taken?.down.push(await step(tool.down(count)));
      log(
        `${count} migrations, turn ${turn}, ${tool.name}: ${duration(taken?.up.at(-1)?.ms ?? 0)}`,
      );
    }
  }
  const middle = (list: readonly Measure[]): Summary => ({
    leastMs: Math.min(...list.map(({ ms }) => ms)),
    ms: median(list.map(({ ms }) => ms)),
    cpuMs: median(list.map(({ cpuMs }) => cpuMs)),
    peakMiB: Math.max(...list.map(({ peakMiB }) => peakMiB)),
  });
  return tools.map(({ name }) => {
    const taken = measures.get(name) as Record<'up' | 'noop' | 'down', Measure[]>;
    return {
      tool: name,
      count,
      runs,
      up: middle(taken.up),
      noop: middle(taken.noop),
      down: middle(taken.down),
    };
  });
}

/** A fresh database and a project folder for the tool. */
async function prepare(
  server: TemporaryServer,
  tool: Tool,
  count: number,
): Promise<{ cwd: string; env: Record<string, string> }> {
  const database = 'bench';
  await administer(server, [
    `DROP DATABASE IF EXISTS ${database} WITH (FORCE)`,
    `CREATE DATABASE ${database}`,
  ]);
  const { host, port, user, password } = server;
  const url = `postgres://${user}:${password}@${host}:${String(port)}/${database}`;
  const folder = path.join(PEERS, 'projects', tool.name.replaceAll(/\W+/g, '-'));
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(path.join(folder, 'config'), { recursive: true });
  if (tool.form) writeHistory(path.join(folder, 'migrations'), tool.form, count);
  else writeSteps(folder, count);
  writeFileSync(path.join(PEERS, 'floor.js'), FLOOR);
  writeFileSync(path.join(PEERS, 'sequelize-floor.js'), SEQUELIZE_FLOOR);
  const config = { url, dialect: 'postgres', logging: false };
  writeFileSync(
    path.join(folder, 'config', 'config.json'),
    JSON.stringify({ development: config }),
  );
  writeFileSync(
    path.join(folder, 'knexfile.js'),
    `module.exports = { client: 'pg', connection: ${JSON.stringify(url)} };`,
  );
  writeFileSync(path.join(folder, 'package.json'), '{ "name": "bench-project" }');
  return { cwd: folder, env: { DATABASE_URL: url } };
}

async function administer(server: TemporaryServer, statements: readonly string[]): Promise<void> {
  const { host, port, user, password } = server;
  const client = new Client({ host, port, user, password, database: 'postgres' });
  await client.connect();
  for (const statement of statements) await client.query(statement);
  await client.end();
}

interface Start {
  readonly tool: string;
  readonly version: number | undefined;
  readonly status: number | undefined;
}

/** Start-up alone: `--version`, and the status of ten migrations that are applied. */
async function measureStarts(
  server: TemporaryServer,
  tools: readonly Tool[],
  runs: number,
): Promise<Start[]> {
  const starts: Start[] = [];
  for (const tool of tools) {
    if (!tool.version && !tool.status) continue;
    const place = await prepare(server, tool, 10);
    await measureNode(tool.script, tool.up, place);
    const timed = async (args: readonly string[] | undefined): Promise<number | undefined> => {
      if (!args) return undefined;
      const times: number[] = [];
      for (let i = 0; i < runs; i += 1)
        times.push((await measureNode(tool.script, args, place)).ms);
      return median(times);
    };
    starts.push({
      tool: tool.name,
      version: await timed(tool.version),
      status: await timed(tool.status),
    });
  }
  return starts;
}

function render(results: readonly Result[], starts: readonly Start[]): string {
  const floor = (count: number): Result | undefined =>
    results.find((r) => r.tool === 'bare pg' && r.count === count);
  const both = ({ leastMs, ms }: Summary): string => `${duration(leastMs)} / ${duration(ms)}`;
  const times = (r: Result, step: 'up' | 'down'): string => {
    const base = floor(r.count)?.[step].leastMs;
    return base === undefined ? '' : (r[step].leastMs / base).toFixed(2);
  };
  const rows = results.map((r) => [
    r.tool,
    `${r.count}`,
    both(r.up),
    times(r, 'up'),
    both(r.noop),
    both(r.down),
    times(r, 'down'),
    duration(r.up.cpuMs),
    r.up.peakMiB.toFixed(0),
  ]);
  const head = [
    'runner',
    'migrations',
    'apply',
    '× bare pg',
    'nothing to do',
    'undo all',
    '× bare pg',
    'processor',
    'peak MiB',
  ];
  const time = (ms: number | undefined): string => (ms === undefined ? '' : duration(ms));
  const startRows = starts.map((s) => [s.tool, time(s.version), time(s.status)]);
  return `${markdownTable(head, rows)}\n\n${markdownTable(['runner', '--version', 'status'], startRows)}\n`;
}
