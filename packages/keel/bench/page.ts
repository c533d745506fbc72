import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Client } from 'pg';
import { startTemporaryServer } from '../src/embedded/temporary-server';
import { findBrowser, openBrowser } from '../test/support/browser';
import { shopProject } from '../test/support/shop-project';
import { installPeers, PEERS } from './support/peers';
import { measureNode, median, type Measure } from './support/processes';
import { duration, markdownTable } from './support/table';

const PACKAGES = ['sequelize@6', 'pg@8'] as const;
const FOLDER = path.join(PEERS, 'page');
const KEEL = path.join(PEERS, 'node_modules', 'sequelize-keel', 'dist', 'bin.js');
const FILE = path.join(FOLDER, '.keel', 'schema.html');

/** Milliseconds, but where it says otherwise; the median of all turns. */
interface Result {
  readonly tables: number;
  readonly migrations: number;
  /** The first write: every migration is replayed. */
  readonly first: number;
  /** Nothing has changed since the last. */
  readonly again: number;
  readonly offline: number;
  readonly peakMiB: number;
  readonly bytes: number;
  /** In the browser, from the navigation to the first picture; undefined without one. */
  readonly firstPaint: number | undefined;
}

/** Measures `schema:page` on projects with as many migrations as tables. */
export async function main(argv: string[]): Promise<void> {
  const { values } = parseArgs({
    args: argv,
    options: {
      tables: { type: 'string', default: '10,100,300' },
      runs: { type: 'string', default: '3' },
      json: { type: 'boolean', default: false },
    },
  });
  process.stderr.write('Installing the peers…\n');
  installPeers(PACKAGES);
  const { stop, user, password, host, port } = await startTemporaryServer({
    settings: { fsync: 'on' },
  });
  const base = `postgres://${user}:${password}@${host}:${port}/postgres`;
  const results: Result[] = [];
  try {
    for (const tables of values.tables.split(',').map(Number))
      results.push(await measure(base, tables, Number(values.runs)));
  } finally {
    await stop();
    rmSync(FOLDER, { recursive: true, force: true });
  }
  process.stdout.write(
    values.json ? `${JSON.stringify({ results }, undefined, 2)}\n` : render(results),
  );
}

async function measure(base: string, tables: number, runs: number): Promise<Result> {
  const url = new URL(base);
  url.pathname = `/keel_bench_page_${tables}`;
  await withAdmin(base, `CREATE DATABASE keel_bench_page_${tables}`);
  writeProject(tables);
  const keel = (...args: string[]): Promise<Measure> =>
    measureNode(KEEL, args, { cwd: FOLDER, env: { DATABASE_URL: url.href } });
  await keel('db:migrate');
  const turns = [];
  for (let turn = 1; turn <= runs; turn += 1) {
    rmSync(path.join(FOLDER, '.keel'), { recursive: true, force: true });
    const first = await keel('schema:page');
    const again = await keel('schema:page');
    const firstPaint = await measurePaint();
    const bytes = statSync(FILE).size;
    const offline = await keel('schema:page', '--offline');
    turns.push({ first, again, offline, firstPaint, bytes });
    process.stderr.write(`${tables} tables, turn ${turn} of ${runs}\n`);
  }
  const paints = turns.flatMap(({ firstPaint }) => firstPaint ?? []);
  return {
    tables,
    migrations: tables,
    first: median(turns.map(({ first }) => first.ms)),
    again: median(turns.map(({ again }) => again.ms)),
    offline: median(turns.map(({ offline }) => offline.ms)),
    peakMiB: Math.max(...turns.map(({ first }) => first.peakMiB)),
    bytes: median(turns.map(({ bytes }) => bytes)),
    firstPaint: paints.length === 0 ? undefined : median(paints),
  };
}

function writeProject(tables: number): void {
  rmSync(FOLDER, { recursive: true, force: true });
  const config = { development: { use_env_variable: 'DATABASE_URL', dialect: 'postgres' } };
  const files = {
    'config/config.json': JSON.stringify(config),
    ...(shopProject({ tables, perMigration: 1 }) as Record<string, string>),
  };
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(FOLDER, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}

async function withAdmin(url: string, sql: string): Promise<void> {
  const admin = new Client({ connectionString: url });
  await admin.connect();
  await admin.query(sql);
  await admin.end();
}

async function measurePaint(): Promise<number | undefined> {
  if (findBrowser() === undefined) return undefined;
  const html = readFileSync(FILE, 'utf8');
  if (!html.includes('<svg id="diagram"')) throw new Error('There is no picture in the page.');
  const browser = await openBrowser();
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    await page.goto(`file://${FILE}`);
    return await page.evaluate<number>(
      `performance.getEntriesByName('first-contentful-paint')[0].startTime`,
    );
  } finally {
    await browser.close();
  }
}

function render(results: readonly Result[]): string {
  const head = [
    ...['tables and migrations', 'first write', 'again', 'offline'],
    ...['peak MiB', 'file', 'first paint'],
  ];
  const rows = results.map((result) => [
    `${result.tables}`,
    duration(result.first),
    duration(result.again),
    duration(result.offline),
    result.peakMiB.toFixed(0),
    `${(result.bytes / 1e6).toFixed(2)} MB`,
    result.firstPaint === undefined ? '-' : duration(result.firstPaint),
  ]);
  return `${markdownTable(head, rows)}\n`;
}
