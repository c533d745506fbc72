import { spawnSync } from 'node:child_process';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Client } from 'pg';
import { startTemporaryServer } from '../src/embedded/temporary-server';
import { readSchema } from '../src/schema/read-schema';
import { createTestDatabase } from '../src/testing/test-database';
import { installPeers, PEERS } from './support/peers';
import { measureNode, median } from './support/processes';
import { modelText, writeSchemaProject } from './support/schema-project';
import { duration, markdownTable } from './support/table';

const PACKAGES = ['sequelize@6', 'pg@8'] as const;
const FOLDER = path.join(PEERS, 'schema');
const KEEL = path.join(PEERS, 'node_modules', 'sequelize-keel', 'dist', 'bin.js');

interface Result {
  readonly tables: number;
  /** Milliseconds: reading the catalog on an open connection. */
  readonly readMs: number;
  /** Milliseconds of the whole process; undefined where there is no pg_dump for this server. */
  readonly pgDumpMs: number | undefined;
  readonly dumpMs: number;
  readonly checkMs: number;
  readonly cachedCheckMs: number;
  readonly generateMs: number;
  /** `createTestDatabase()` of the test kit where its template is there, and its `drop()`. */
  readonly cloneMs: number;
  readonly dropMs: number;
}

/**
 * Measures reading, checking, generating and cloning a test database on projects of 10, 100 and 1,000
 * tables, beside `pg_dump --schema-only`.
 */
export async function main(argv: string[]): Promise<void> {
  const { values } = parseArgs({
    args: argv,
    options: {
      tables: { type: 'string', default: '10,100,1000' },
      runs: { type: 'string', default: '3' },
      url: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const log = (text: string): void => void process.stderr.write(`${text}\n`);
  log('Installing the peers…');
  installPeers(PACKAGES);
  const server =
    values.url === undefined
      ? await startTemporaryServer({ settings: { fsync: 'on' } })
      : undefined;
  const base = values.url ?? urlOf(server);
  const results: Result[] = [];
  try {
    for (const tables of values.tables.split(',').map(Number)) {
      results.push(await measureTables(base, tables, Number(values.runs), log));
    }
  } finally {
    await server?.stop();
    rmSync(FOLDER, { recursive: true, force: true });
  }
  process.stdout.write(
    values.json ? `${JSON.stringify({ results }, undefined, 2)}\n` : render(results),
  );
}

function urlOf(
  server: { user: string; password: string; host: string; port: number } | undefined,
): string {
  if (server === undefined) throw new Error('There is no server.');
  return `postgres://${server.user}:${server.password}@${server.host}:${server.port}/postgres`;
}

async function measureTables(
  base: string,
  tables: number,
  runs: number,
  log: (text: string) => void,
): Promise<Result> {
  const database = `keel_bench_${tables}`;
  const url = new URL(base);
  url.pathname = `/${database}`;
  const admin = new Client({ connectionString: base });
  await admin.connect();
  await admin.query(`DROP DATABASE IF EXISTS ${database}`);
  await admin.query(`CREATE DATABASE ${database}`);
  try {
    writeSchemaProject(FOLDER, tables);
    const env = { DATABASE_URL: url.href };
    const keel = async (...args: string[]): Promise<number> =>
      (await measureNode(KEEL, args, { cwd: FOLDER, env })).ms;
    await keel('db:migrate');
    const names = ['read', 'pgDump', 'dump', 'check', 'cached', 'generate', 'clone', 'drop'];
    const times: Record<string, number[]> = Object.fromEntries(names.map((name) => [name, []]));
    const templates = await listTemplates(admin);
    await measureClone(base);
    for (let turn = 1; turn <= runs; turn += 1) {
      times.read?.push(await measureRead(url.href));
      times.pgDump?.push(measurePgDump(url.href) ?? Number.NaN);
      times.dump?.push(await keel('db:schema:dump'));
      times.check?.push(await keel('db:check', '--no-cache'));
      times.cached?.push(await keel('db:check'));
      times.generate?.push(await measureGenerate(keel, tables));
      const { cloneMs, dropMs } = await measureClone(base);
      times.clone?.push(cloneMs);
      times.drop?.push(dropMs);
      log(`${tables} tables, turn ${turn} of ${runs}`);
    }
    for (const name of await listTemplates(admin))
      if (!templates.includes(name)) await admin.query(`DROP DATABASE IF EXISTS "${name}"`);
    const middle = (name: string): number => median(times[name] ?? []);
    const pgDump = middle('pgDump');
    return {
      tables,
      readMs: middle('read'),
      pgDumpMs: Number.isNaN(pgDump) ? undefined : pgDump,
      dumpMs: middle('dump'),
      checkMs: middle('check'),
      cachedCheckMs: middle('cached'),
      generateMs: middle('generate'),
      cloneMs: middle('clone'),
      dropMs: middle('drop'),
    };
  } finally {
    await admin.query(`DROP DATABASE IF EXISTS ${database}`);
    await admin.end();
  }
}

async function measureRead(url: string): Promise<number> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const start = performance.now();
  await readSchema(client);
  const ms = performance.now() - start;
  await client.end();
  return ms;
}

async function measureClone(url: string): Promise<{ cloneMs: number; dropMs: number }> {
  const start = performance.now();
  const database = await createTestDatabase({ cwd: FOLDER, url });
  const cloned = performance.now();
  await database.drop();
  return { cloneMs: cloned - start, dropMs: performance.now() - cloned };
}

/** The test kit keeps its templates on the server. */
async function listTemplates(admin: Client): Promise<string[]> {
  const { rows } = await admin.query<{ name: string }>(
    `SELECT datname AS name FROM pg_database WHERE starts_with(datname, 'keel_template_')`,
  );
  return rows.map(({ name }) => name);
}

/** Undefined where pg_dump is not there or refuses a server newer than itself. */
function measurePgDump(url: string): number | undefined {
  const start = performance.now();
  const { status } = spawnSync('pg_dump', [
    '--schema-only',
    '--file',
    path.join(FOLDER, 'dump.sql'),
    url,
  ]);
  return status === 0 ? performance.now() - start : undefined;
}

/** A column more in one model; the files are as before afterwards. */
async function measureGenerate(
  keel: (...args: string[]) => Promise<number>,
  tables: number,
): Promise<number> {
  const model = path.join(FOLDER, 'models', `m${String(tables - 1).padStart(5, '0')}.js`);
  writeFileSync(model, modelText(tables - 1, ', phone: T.STRING'));
  const ms = await keel('migration:generate', '--from-models', '--name', 'phone');
  writeFileSync(model, modelText(tables - 1, ''));
  for (const name of readdirSync(path.join(FOLDER, 'migrations'))) {
    if (name.endsWith('-phone.js')) rmSync(path.join(FOLDER, 'migrations', name));
  }
  return ms;
}

function render(results: readonly Result[]): string {
  const head = [
    'Tables',
    'read catalog',
    'pg_dump --schema-only',
    'db:schema:dump',
    'db:check',
    'db:check, cached',
    'generate',
    'test database, cloned',
    'and dropped',
  ];
  const rows = results.map((result) => [
    result.tables.toLocaleString('en-US'),
    duration(result.readMs),
    result.pgDumpMs === undefined ? '-' : duration(result.pgDumpMs),
    duration(result.dumpMs),
    duration(result.checkMs),
    duration(result.cachedCheckMs),
    duration(result.generateMs),
    duration(result.cloneMs),
    duration(result.dropMs),
  ]);
  return `${markdownTable(head, rows)}\n`;
}
