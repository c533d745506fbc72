import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { startServer, stopServer } from '../../src/embedded/embedded-server';
import type { ServerInfo } from '../../src/embedded/embedded-server';
import { cleanEnvironment } from './cli';
import { PACKAGE } from './paths';

const CREDENTIALS = { user: 'postgres', password: '1971' } as const;

/** Gives `use` the path of a keel folder that is not there yet; stops its server and removes it. */
export async function withHome(
  use: (home: string) => Promise<void>,
  { name = '.keel', mode = 0o755 } = {},
): Promise<void> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'keel-test-')));
  chmodSync(folder, mode);
  const home = join(folder, name);
  try {
    await use(home);
  } finally {
    await stopServer(home);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Starts the server of a keel folder with this repository's PostgreSQL. */
export function start(home: string): Promise<ServerInfo> {
  return startServer({ home, ...CREDENTIALS, root: PACKAGE });
}

/** Runs a statement on the server and returns the first column of its first row. */
export async function query(server: ServerInfo, statement: string): Promise<unknown> {
  const { host, port } = server;
  const client = new Client({ host, port, ...CREDENTIALS, database: 'postgres' });
  await client.connect();
  try {
    const { rows } = await client.query<unknown[]>({ text: statement, rowMode: 'array' });
    return rows[0]?.[0];
  } finally {
    await client.end();
  }
}

/**
 * A process of its own that evaluates an expression, in which `load(path)` is a compiled module, and
 * prints the result.
 */
export function evaluateInProcess(expression: string): ChildProcess {
  const load = `const load = (path) => require(${JSON.stringify(join(PACKAGE, 'dist'))} + '/' + path);`;
  const program = `${load} (async () => console.log(JSON.stringify(await ${expression})))()`;
  return spawn(process.execPath, ['-e', program], {
    env: cleanEnvironment(),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** A process of its own that starts the server of a keel folder and prints where it is. */
export function startInProcess(home: string): ChildProcess {
  const options = JSON.stringify({ home, ...CREDENTIALS, root: PACKAGE });
  return evaluateInProcess(`load('embedded/embedded-server.js').startServer(${options})`);
}

/** What a process printed, as JSON, once it has ended. */
export async function resultOf(child: ChildProcess): Promise<unknown> {
  let text = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`The process ended with ${code}.`);
  return JSON.parse(text) as unknown;
}

/** The names in the folder of a keel folder that begin so. */
export function namesBeginning(folder: string, prefix: string): string[] {
  return readdirSync(folder).filter((name) => name.startsWith(prefix));
}
