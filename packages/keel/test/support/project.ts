import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { cleanEnvironment, KEEL, runKeel } from './cli';
import { withDatabase } from './database';
import type { TestDatabase } from './database';
import { readState, withProject } from './projects';
import type { ProgramResult, ProjectFiles } from './projects';
import { REPOSITORY } from './paths';

/** Variables for a command besides those of {@link cleanEnvironment}. */
type Variables = Readonly<Record<string, string>>;

/** A small project that has an empty database to run on. */
export interface DatabaseProject {
  readonly root: string;
  readonly database: TestDatabase;
  readonly write: (files: ProjectFiles) => void;
  readonly remove: (file: string) => void;
  /** Runs keel in the project. */
  readonly keel: (args: readonly string[], env?: Variables) => Promise<ProgramResult>;
  /** Starts keel in the project. */
  readonly start: (args: readonly string[], env?: Variables) => StartedKeel;
  /** Every object of the database and the names in both ledgers: what a failed run must not change. */
  readonly state: () => Promise<object>;
}

/** A command that is running. */
export interface StartedKeel {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  readonly ended: Promise<ProgramResult>;
}

const CONFIG = {
  development: {
    use_env_variable: 'DATABASE_URL',
    dialect: 'postgres',
    seederStorage: 'sequelize',
  },
};

/** Makes a project whose database is `DATABASE_URL`, runs `use` with it, and removes both. */
export async function withDatabaseProject(
  files: ProjectFiles,
  use: (project: DatabaseProject) => Promise<void>,
): Promise<void> {
  await withDatabase((database) =>
    withProject({ 'config/config.json': CONFIG, ...files }, (project) => {
      const { root } = project;
      const settings = (env: Variables) => ({
        cwd: root,
        env: { DATABASE_URL: database.url, ...env },
      });
      return use({
        root,
        database,
        write: (added) => {
          project.write(added);
        },
        remove: (file) => {
          rmSync(path.join(root, file), { recursive: true });
        },
        keel: (args, env = {}) => runKeel(args, settings(env)),
        start: (args, env = {}) => startKeel(args, settings(env)),
        state: () => readState(database),
      });
    }),
  );
}

/** Starts keel and lets it run. */
export function startKeel(
  args: readonly string[],
  { cwd, env }: { readonly cwd: string; readonly env: Variables },
): StartedKeel {
  const child = spawn(process.execPath, [KEEL, ...args], {
    cwd,
    env: { ...cleanEnvironment(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return { child, ended: collect(child) };
}

async function collect(
  child: ChildProcessByStdio<null, Readable, Readable>,
): Promise<ProgramResult> {
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

/** Runs a script of this repository's package.json, with what follows it on npm's command line. */
export async function runScript(args: readonly string[], env: Variables): Promise<ProgramResult> {
  const child = spawn('npm', ['run', '--silent', ...args], {
    cwd: REPOSITORY,
    env: { ...cleanEnvironment(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // npm is a batch file there.
    shell: process.platform === 'win32',
  });
  return collect(child);
}

/** A migration that makes a table with one column and drops it. */
export function tableMigration(table: string): string {
  return migration(
    `await q.createTable('${table}', { id: S.INTEGER });`,
    `await q.dropTable('${table}');`,
  );
}

/** A migration of these statements, in which `q` is the query interface and `S` is Sequelize. */
export function migration(up: string, down = ''): string {
  return `module.exports = { up: async (q, S) => { ${up} }, down: async (q, S) => { ${down} } };\n`;
}
