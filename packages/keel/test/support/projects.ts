import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { Client } from 'pg';
import { listObjects } from './catalog';
import { cleanEnvironment, KEEL } from './cli';
import { createDatabase, type TestDatabase } from './database';
import { NODE_MODULES } from './paths';

/** The program of each tool that can run a project. */
export const TOOLS = {
  keel: KEEL,
  'sequelize-cli': require.resolve('sequelize-cli/lib/sequelize'),
} as const;

export type Tool = keyof typeof TOOLS;

/** The files of a project: path from its folder to text; anything but text is written as JSON. */
export type ProjectFiles = Readonly<Record<string, unknown>>;

/** How a tool is run. */
export interface RunSettings {
  /** Variables besides those of {@link cleanEnvironment}. */
  readonly env?: Readonly<Record<string, string>>;
  /** A sub-folder of the project to run in. */
  readonly folder?: string;
}

/** What a program came to. */
export interface ProgramResult {
  /** The exit code; null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A project in a folder of its own, which has this repository's packages. */
export interface TestProject {
  readonly root: string;
  write(files: ProjectFiles): void;
  run(tool: Tool, args: readonly string[], settings?: RunSettings): Promise<ProgramResult>;
}

/** Makes a project, runs `use` with it, and removes it. */
export async function withProject<T>(
  files: ProjectFiles,
  use: (project: TestProject) => Promise<T>,
): Promise<T> {
  const root = realpathSync(mkdtempSync(path.join(tmpdir(), 'keel-project-')));
  try {
    symlinkSync(NODE_MODULES, path.join(root, 'node_modules'), 'junction');
    writeFiles(root, { 'package.json': { name: 'project' }, ...files });
    return await use({
      root,
      write: (more) => {
        writeFiles(root, more);
      },
      run: (tool, args, { env = {}, folder = '.' } = {}) =>
        runProgram([TOOLS[tool], ...args], { cwd: path.join(root, folder), env }),
    });
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** Writes files into a folder, with the folders that they need. */
export function writeFiles(root: string, files: ProjectFiles): void {
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(root, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content, null, 2));
  }
}

/** @throws Error with all that the program said where it did not succeed */
export function requireSuccess(what: string, { code, stdout, stderr }: ProgramResult): void {
  if (code !== 0) throw new Error(`${what} ended with ${code}:\n${stdout}\n${stderr}`);
}

/** Runs a Node program to its end. */
export function runProgram(
  args: readonly string[],
  settings: { readonly cwd: string; readonly env?: Readonly<Record<string, string>> },
): Promise<ProgramResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd: settings.cwd,
      env: { ...cleanEnvironment(), ...settings.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 120_000,
      killSignal: 'SIGKILL',
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.once('error', reject);
    child.once('close', (code) => {
      resolve({ code, stdout, stderr });
    });
  });
}

/** Runs a query on a test's database. */
export async function queryDatabase<Row extends object>(
  { url }: Pick<TestDatabase, 'url'>,
  sql: string,
): Promise<Row[]> {
  return withClient(url, async (client) => (await client.query<Row>(sql)).rows);
}

/** The names that a ledger holds, in their order; none where there is no such table. */
export async function readLedger(
  database: Pick<TestDatabase, 'url'>,
  table = '"SequelizeMeta"',
): Promise<string[]> {
  return withClient(database.url, async (client) => {
    const { rows: found } = await client.query<{ there: boolean }>(
      'SELECT to_regclass($1) IS NOT NULL AS there',
      [table],
    );
    if (!found[0]?.there) return [];
    const { rows } = await client.query<{ name: string }>(
      `SELECT name FROM ${table} ORDER BY name COLLATE "C"`,
    );
    return rows.map(({ name }) => name);
  });
}

/** What a database holds. */
export interface DatabaseState {
  readonly objects: readonly string[];
  readonly migrations: readonly string[];
  readonly seeders: readonly string[];
}

/**
 * What a database holds: every object, and the names in both ledgers. Columns go without their places: under
 * sequelize-cli statements that are sent at the same time run in no certain order.
 */
export async function readState(database: Pick<TestDatabase, 'url'>): Promise<DatabaseState> {
  const objects = await withClient(database.url, listObjects);
  return {
    objects: objects.map((object) => object.replace(/^(column \S+) #\d+/, '$1')),
    migrations: await readLedger(database),
    seeders: await readLedger(database, '"SequelizeData"'),
  };
}

async function withClient<T>(url: string, use: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

/** Runs `use` with so many databases, which are dropped afterwards. */
export async function withDatabases<T>(
  count: number,
  use: (...databases: readonly TestDatabase[]) => Promise<T>,
): Promise<T> {
  const databases = await Promise.all(Array.from({ length: count }, createDatabase));
  try {
    return await use(...databases);
  } finally {
    await Promise.all(databases.map(({ drop }) => drop()));
  }
}

/** What a tool printed, without colours, blank lines, sequelize-cli's banner, times and what names the database. */
export function linesOf({ stdout }: ProgramResult): string[] {
  return stripVTControlCharacters(stdout)
    .split('\n')
    .map((line) => line.trimEnd().replace(/\(\d+\.\d+s\)/, '(time)'))
    .filter((line) => line !== '' && !line.startsWith('Sequelize CLI ['));
}
