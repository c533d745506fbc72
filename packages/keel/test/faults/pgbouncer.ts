import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { chooseAccount } from '../../src/embedded/choose-account';
import { findFreePort } from '../support/free-port';
import { serverConnection } from '../support/server';

/**
 * Where PgBouncer is; installed with apt-get where it is missing, we are root and that is possible. Where it stays
 * missing, that is said on standard error, or thrown with KEEL_TEST_REQUIRES_PGBOUNCER=1.
 */
export function findPgBouncer(): string | undefined {
  const look = (): string | undefined =>
    ['/usr/sbin/pgbouncer', '/usr/bin/pgbouncer', '/usr/local/bin/pgbouncer'].find(
      (file) => spawnSync(file, ['--version']).status === 0,
    );
  const found = look();
  if (found !== undefined) return found;
  if (process.geteuid?.() === 0 && spawnSync('apt-get', ['--version']).status === 0) {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    spawnSync('apt-get', ['update', '-qq'], { env, timeout: 90_000 });
    spawnSync('apt-get', ['install', '-y', '-qq', 'pgbouncer'], { env, timeout: 90_000 });
    const installed = look();
    if (installed !== undefined) return installed;
  }
  const message =
    'NOT TESTED: keel behind PgBouncer, which is not installed (apt-get install pgbouncer).';
  if (process.env.KEEL_TEST_REQUIRES_PGBOUNCER === '1') throw new Error(message);
  process.stderr.write(`\n${message}\n\n`);
  return undefined;
}

/** Runs `use` with the port of a PgBouncer in transaction mode before the run's server. */
export async function withPgBouncer(
  program: string,
  use: (port: number) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'keel-pgbouncer-'));
  const account = chooseAccount(folder);
  const port = await findFreePort();
  const { host, port: target, user = '', password = '' } = serverConnection('postgres');
  const config = path.join(folder, 'pgbouncer.ini');
  writeFileSync(
    config,
    `[databases]
* = host=${host} port=${target} user=${user} password=${password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 30
max_client_conn = 300
ignore_startup_parameters = extra_float_digits
`,
  );
  chmodSync(folder, 0o755);
  if (account) chownSync(folder, account.uid, account.gid);
  let output = '';
  const child: ChildProcess = spawn(program, [config], {
    stdio: ['ignore', 'ignore', 'pipe'],
    ...(account ? { uid: account.uid, gid: account.gid } : {}),
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (output += text));
  const ended = once(child, 'exit');
  try {
    for (let tries = 0; !(await answers(port)); tries += 1) {
      if (tries > 100 || child.exitCode !== null) throw new Error(`No PgBouncer:\n${output}`);
      await sleep(50);
    }
    await use(port);
  } finally {
    child.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}
