import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Client } from 'pg';
import { startTemporaryServer } from '../src/embedded/temporary-server';
import { buildIfStale } from '../test/support/build';
import { KEEL } from '../test/support/cli';
import { NODE_MODULES } from '../test/support/paths';
import { CHANGES, type OnlineChange } from './support/online-changes';
import { underLoad, type LoadResult } from './support/online-load';
import { measureNode } from './support/processes';
import { duration, markdownTable } from './support/table';

/** What a change cost those who used the table meanwhile. */
interface Result extends LoadResult {
  readonly change: string;
  readonly how: 'nothing' | 'at once' | "keel's steps";
  readonly files: number;
  readonly ms: number;
}

/**
 * Changes a full table while readers and writers use it, at once and in keel's steps, and measures the longest wait of
 * their statements. `--rows 1000000`, `--only <text>`, `--json`.
 */
export async function main(argv: string[]): Promise<void> {
  const { values } = parseArgs({
    args: argv,
    options: {
      rows: { type: 'string', default: '1000000' },
      only: { type: 'string', default: '' },
      json: { type: 'boolean', default: false },
    },
  });
  buildIfStale();
  const rows = Number(values.rows);
  const log = (text: string): void => void process.stderr.write(`${text}\n`);
  const server = await startTemporaryServer({ settings: { fsync: 'on', shared_buffers: '256MB' } });
  const base = new URL(
    `postgres://${server.user}:${server.password}@${server.host}:${server.port}/postgres`,
  );
  const results: Result[] = [];
  try {
    await fillTemplate(base, rows);
    const idle = await onCopy(base, async (url) => {
      const load = await underLoad(url, rows, () => sleep(10_000));
      return { ...load, change: 'none', how: 'nothing' as const, files: 0, ms: 10_000 };
    });
    results.push(idle);
    for (const change of CHANGES.filter(({ name }) => name.includes(values.only))) {
      for (const how of ['at once', "keel's steps"] as const) {
        results.push(await onCopy(base, (url) => measure(url, rows, change, how)));
        log(`${change.name}, ${how}`);
      }
    }
  } finally {
    await server.stop();
  }
  process.stdout.write(
    values.json ? `${JSON.stringify({ rows, results }, undefined, 2)}\n` : render(results),
  );
}

const TEMPLATE = 'keel_online_base';

async function fillTemplate(base: URL, rows: number): Promise<void> {
  await withClient(base, (client) => client.query(`CREATE DATABASE ${TEMPLATE}`));
  await withClient(databaseOf(base, TEMPLATE), async (client) => {
    await client.query(`CREATE TABLE teams (id serial PRIMARY KEY, name text);
      CREATE TABLE users (id serial PRIMARY KEY, name text, email text, plan integer, visits integer NOT NULL DEFAULT 0);
      INSERT INTO teams (name) SELECT 'team ' || i FROM generate_series(1, 100) i;
      INSERT INTO users (name, email, plan) SELECT 'name ' || i, 'user' || i || '@example.org', 1 + i % 100
        FROM generate_series(1, ${rows}) i;`);
    await client.query('VACUUM ANALYZE');
  });
}

async function onCopy<T>(base: URL, use: (url: string) => Promise<T>): Promise<T> {
  const name = 'keel_online';
  await withClient(base, (client) => client.query(`CREATE DATABASE ${name} TEMPLATE ${TEMPLATE}`));
  try {
    await withClient(base, (client) => client.query('CHECKPOINT'));
    return await use(databaseOf(base, name).href);
  } finally {
    await withClient(base, (client) => client.query(`DROP DATABASE ${name} WITH (FORCE)`));
  }
}

async function measure(
  url: string,
  rows: number,
  change: OnlineChange,
  how: 'at once' | "keel's steps",
): Promise<Result> {
  const root = mkdtempSync(path.join(tmpdir(), 'keel-online-'));
  const options = { cwd: root, env: { DATABASE_URL: url } };
  try {
    writeProject(root, change);
    await measureNode(KEEL, ['db:migrate', '--fake'], options);
    const before = readdirSync(path.join(root, 'migrations')).length;
    await writeChange(root, change, how, options);
    let ms = 0;
    const load = await underLoad(url, rows, async () => {
      ({ ms } = await measureNode(KEEL, ['db:migrate'], options));
    });
    const files = readdirSync(path.join(root, 'migrations')).length - before;
    return { ...load, change: change.name, how, files, ms };
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

function writeProject(root: string, { attributes = '', options = '' }: OnlineChange): void {
  for (const folder of ['config', 'models', 'migrations']) mkdirSync(path.join(root, folder));
  symlinkSync(NODE_MODULES, path.join(root, 'node_modules'));
  const files = {
    'package.json': '{"private":true}',
    'config/config.json': JSON.stringify({
      development: { use_env_variable: 'DATABASE_URL', dialect: 'postgres' },
    }),
    'models/team.js': `module.exports = (s, T) => s.define('Team', { name: T.TEXT }, { tableName: 'teams', timestamps: false });`,
    'models/user.js': `module.exports = (s, T) => s.define('User',
      Object.fromEntries(Object.entries({ name: T.TEXT, email: T.TEXT, plan: T.INTEGER,
        visits: { type: T.INTEGER, allowNull: false, defaultValue: 0 }, ${attributes} }).filter(([, type]) => type)),
      { tableName: 'users', timestamps: false, ${options} });`,
    'migrations/20250101000001-tables.js': `module.exports = {
      async up(q, S) {
        await q.sequelize.query('CREATE TABLE teams (id serial PRIMARY KEY, name text)');
        await q.sequelize.query('CREATE TABLE users (id serial PRIMARY KEY, name text, email text, plan integer, visits integer NOT NULL DEFAULT 0)');
      },
      async down() {},
    };`,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(root, name), text);
}

async function writeChange(
  root: string,
  { naive, steps, value, expand = [] }: OnlineChange,
  how: Result['how'],
  options: Parameters<typeof measureNode>[2],
): Promise<void> {
  const own = how === 'at once' ? naive : steps;
  if (own !== undefined) {
    const head = how === 'at once' ? '' : `const { backfill } = require('sequelize-keel');\n`;
    const transaction = how === 'at once' ? '' : 'transaction: false, ';
    const text = `${head}module.exports = { ${transaction}async up(q, S) { ${own} }, async down() {} };\n`;
    writeFileSync(path.join(root, 'migrations', '20250101000002-change.js'), text);
    return;
  }
  const flags = expand.flatMap((text) => ['--expand', text]);
  const generate = ['migration:generate', '--from-models', '--name', 'change', ...flags];
  await measureNode(KEEL, generate, options);
  const folder = path.join(root, 'migrations');
  for (const name of readdirSync(folder).filter((file) => /-(release|drop)-/.test(file))) {
    const text = readFileSync(path.join(folder, name), 'utf8');
    // The load tells no release, so nobody is waited for.
    writeFileSync(path.join(folder, name), text.replace('undefined', `'1.0.0'`));
  }
  for (const name of readdirSync(folder).filter((file) => file.includes('-backfill-'))) {
    const text = readFileSync(path.join(folder, name), 'utf8');
    const filled = text.replace('undefined', value ?? 'undefined');
    writeFileSync(
      path.join(folder, name),
      filled.replace('up(queryInterface)', 'up(queryInterface, S)'),
    );
  }
}

function databaseOf(base: URL, name: string): URL {
  const url = new URL(base);
  url.pathname = `/${name}`;
  return url;
}

async function withClient<T>(url: URL, use: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url.href });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

function render(results: readonly Result[]): string {
  const head = [
    'change',
    'how',
    'files',
    'longest read',
    'longest write',
    'statements',
    'whole change',
  ];
  const rows = results.map(({ change, how, files, readers, writers, ms, failures }) => [
    change,
    how,
    `${files}`,
    duration(readers.longest),
    duration(writers.longest) + (failures.length > 0 ? ` (${failures.length} failed)` : ''),
    (readers.count + writers.count).toLocaleString('en-US'),
    duration(ms),
  ]);
  return `${markdownTable(head, rows)}\n`;
}
