import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { chooseAccount } from '../../src/embedded/choose-account';
import { findFreePort } from './free-port';
import { serverUrl } from './server';

/** A server and a pg_dump that is not older than it. */
export interface DumpableServer {
  readonly url: string;
  /** `pg_dump --schema-only` of a database, without owners and grants. */
  readonly dump: (database: string) => Promise<string>;
}

/**
 * Runs `use` with the server of the tests, or, where pg_dump is older than that, with one of pg_dump's own distribution.
 *
 * @throws where neither is possible: a law that is not tried is no law
 */
export async function withDumpableServer(
  use: (server: DumpableServer) => Promise<void>,
): Promise<void> {
  const folders = findFolders();
  const major = await majorOf(serverUrl());
  const fit = folders.find((folder) => dumpMajor(folder) >= major);
  if (fit !== undefined) return use({ url: serverUrl(), dump: dumper(serverUrl(), fit) });
  const complete = folders.find((folder) => existsSync(path.join(folder, 'initdb')));
  if (complete === undefined) {
    throw new Error(
      `No pg_dump fits the server of version ${major}. Install the client programs of PostgreSQL ${major}, name their folder in KEEL_PG_BIN, or install a whole PostgreSQL of any version (apt-get install postgresql).`,
    );
  }
  return withOwnServer(complete, use);
}

/** The folders that hold a pg_dump, the newest first. */
function findFolders(): string[] {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian) : [];
  return [
    ...(process.env.KEEL_PG_BIN === undefined ? [] : [process.env.KEEL_PG_BIN]),
    ...versions.map((version) => path.join(debian, version, 'bin')),
    ...(process.env.PATH ?? '').split(path.delimiter),
  ]
    .filter((folder) => existsSync(path.join(folder, 'pg_dump')))
    .sort((a, b) => dumpMajor(b) - dumpMajor(a));
}

function dumpMajor(folder: string): number {
  const text = execFileSync(path.join(folder, 'pg_dump'), ['--version'], { encoding: 'utf8' });
  return Number(/(\d+)/.exec(text)?.[1] ?? 0);
}

async function majorOf(url: string): Promise<number> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ number: number }>(
    `SELECT current_setting('server_version_num')::int / 10000 AS number`,
  );
  await client.end();
  return rows[0]?.number ?? 0;
}

function dumper(server: string, folder: string): DumpableServer['dump'] {
  return async (database) => {
    const url = new URL(server);
    url.pathname = `/${database}`;
    const program = path.join(folder, 'pg_dump');
    const flags = ['--schema-only', '--no-owner', '--no-privileges', '--no-subscriptions'];
    const { stdout } = await promisify(execFile)(program, [...flags, url.href]);
    return stdout;
  };
}

async function withOwnServer(
  folder: string,
  use: (server: DumpableServer) => Promise<void>,
): Promise<void> {
  const data = mkdtempSync(path.join(tmpdir(), 'keel-dump-'));
  const account = chooseAccount(tmpdir());
  if (account !== undefined) chownSync(data, account.uid, account.gid);
  const how = { uid: account?.uid, gid: account?.gid, cwd: data, stdio: 'ignore' } as const;
  try {
    execFileSync(
      path.join(folder, 'initdb'),
      ['-D', data, '-U', 'postgres', '-A', 'trust', '-N', '--locale=C', '-E', 'UTF8'],
      how,
    );
    const port = await findFreePort();
    const settings = ['-p', String(port), '-k', '', '-h', '127.0.0.1', '-F'];
    const server = spawn(path.join(folder, 'postgres'), ['-D', data, ...settings], how);
    const ended = once(server, 'exit');
    try {
      const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
      await waitFor(url);
      await use({ url, dump: dumper(url, folder) });
    } finally {
      server.kill('SIGINT');
      await ended;
    }
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
}

async function waitFor(url: string): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      await majorOf(url);
      return;
    } catch (error) {
      if (attempt === 150) throw error;
      await sleep(200);
    }
  }
}
