import { spawn } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { ModuleKind, transpileModule } from 'typescript';
import type { BulkEvent } from '../../src/bulk/bulk-events';
import type { BulkOptions } from '../../src/bulk/prepare-bulk';
import { ASSOCIATIONS, NODE_MODULES, PACKAGE } from './paths';

/** What the runs that are disturbed make. */
export const ROWS = { User: 2000, Post: 40_000, Student: 3000, Course: 30 };

const TABLES = ['users', 'profiles', 'posts', 'students', 'courses', '"StudentCourses"'];

/** The three ways in which rows are written. */
export const MODES = [
  {
    name: 'constraints live, chunks of 3,000 rows',
    options: { chunkRows: 3000, rebuild: 'never' },
  },
  { name: 'four connections', options: { chunkRows: 3000, connections: 4 } },
  { name: 'foreign keys added back', options: { chunkRows: 3000 } },
] as const satisfies readonly { readonly name: string; readonly options: Partial<BulkOptions> }[];

/** When a run is struck: at an event, or so many milliseconds after its first one. */
export type Moment = ((event: BulkEvent) => boolean) | number;

/** What a run in a process of its own came to. */
export interface BulkAttempt {
  /** The exit code; null where a signal ended it. */
  readonly code: number | null;
  readonly stderr: string;
  readonly struck: boolean;
}

/** Bulk runs over the associations project, each in a process of its own that can be killed. */
export interface BulkProcesses {
  run(url: string, options: object, moment?: Moment, strike?: Strike): Promise<BulkAttempt>;
  dispose(): void;
}

/** What is done to a run; to kill its process where nothing else is said. */
export type Strike = (kill: () => void) => unknown;

/** Makes a folder with the program to run: compiled once, so that a process is up within half a second. */
export function prepareBulkProcesses(): BulkProcesses {
  const folder = mkdtempSync(join(tmpdir(), 'keel-bulk-'));
  const script = join(folder, 'run.js');
  mkdirSync(join(folder, 'models'));
  // A copy: whoever builds meanwhile would pull it from under the processes.
  cpSync(join(PACKAGE, 'dist'), join(folder, 'dist'), { recursive: true });
  symlinkSync(NODE_MODULES, join(folder, 'node_modules'));
  for (const file of readdirSync(join(ASSOCIATIONS, 'models'))) {
    const { outputText } = transpileModule(
      readFileSync(join(ASSOCIATIONS, 'models', file), 'utf8'),
      {
        compilerOptions: { module: ModuleKind.CommonJS, esModuleInterop: true, target: 9 },
      },
    );
    writeFileSync(join(folder, 'models', file.replace(/\.ts$/, '.js')), outputText);
  }
  writeFileSync(script, PROGRAM);
  return {
    run: (url, options, moment, strike) => attempt(script, url, { options, moment, strike }),
    dispose: () => rmSync(folder, { recursive: true }),
  };
}

const PROGRAM = `
const { Sequelize } = require('sequelize');
const pg = require('pg');
const { defineModels } = require('./models/define-models');
const { runBulk } = require('./dist/bulk/run-bulk');
const [url, options] = process.argv.slice(2);
const sequelize = new Sequelize(url, { logging: false });
defineModels(sequelize);
const connect = async () => {
  const client = new pg.Client({ connectionString: url, application_name: 'bulk under test' });
  client.on('error', () => undefined);
  await client.connect();
  return client;
};
runBulk({
  connect,
  models: Object.values(sequelize.models),
  rows: new Map(Object.entries(${JSON.stringify(ROWS)})),
  onEvent: (event) => process.stdout.write(JSON.stringify(event) + '\\n'),
  ...JSON.parse(options),
}).then(() => process.exit(0), (error) => { console.error(error.code, error.message); process.exit(1); });
`;

interface AttemptOptions {
  readonly options: object;
  readonly moment: Moment | undefined;
  readonly strike: Strike | undefined;
}

async function attempt(
  script: string,
  url: string,
  { options, moment, strike = (kill) => kill() }: AttemptOptions,
): Promise<BulkAttempt> {
  const child = spawn(process.execPath, [script, url, JSON.stringify(options)]);
  let [stderr, rest, struck] = ['', '', false];
  const hit = (): void => {
    if (struck || child.exitCode !== null) return;
    struck = true;
    strike(() => child.kill('SIGKILL'));
  };
  child.stderr.on('data', (text) => (stderr += String(text)));
  if (typeof moment === 'number') child.stdout.once('data', () => void sleep(moment).then(hit));
  child.stdout.on('data', (text) => {
    const lines = (rest + String(text)).split('\n');
    rest = lines.pop()!;
    if (typeof moment !== 'function') return;
    if (lines.some((line) => moment(JSON.parse(line) as BulkEvent))) hit();
  });
  const code = await new Promise<number | null>((done) => child.once('close', done));
  return { code, stderr, struck: struck && code !== 0 };
}

/** Every row of the tables by its text, and how often it is there. */
export type RowCounts = ReadonlyMap<string, number>;

/** Reads the rows of the tables that runs make. */
export async function countRows(client: pg.Client): Promise<RowCounts> {
  const counts = new Map<string, number>();
  for (const table of TABLES) {
    const { rows } = await client.query<{ row: string; count: number }>(
      `SELECT md5(r::text) AS row, count(*)::int AS count FROM ${table} AS r GROUP BY 1`,
    );
    for (const { row, count } of rows) counts.set(`${table} ${row}`, count);
  }
  return counts;
}

/** How many rows an undisturbed run has made that are missing, and how many are there that it has not made. */
export function compareRows(
  expected: RowCounts,
  found: RowCounts,
): { readonly lost: number; readonly doubled: number } {
  const beyond = (a: RowCounts, b: RowCounts): number =>
    [...a].reduce((sum, [row, count]) => sum + Math.max(0, count - (b.get(row) ?? 0)), 0);
  return { lost: beyond(expected, found), doubled: beyond(found, expected) };
}

/** The foreign keys and indexes of the tables that runs make, as they are now: one way of writing drops them meanwhile. */
export async function readStructure(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ part: string }>(
    `SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) || ' ' || convalidated AS part
       FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace
     UNION ALL
     SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename NOT LIKE 'keel%'
     ORDER BY 1`,
  );
  return rows.map(({ part }) => part);
}
