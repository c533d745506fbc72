import {
  appendFileSync,
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { findBinaries, prepareBinaries } from '../../src/embedded/binaries';
import { chooseAccount } from '../../src/embedded/choose-account';
import { launchOnFreePort } from '../../src/embedded/launch-on-free-port';
import { binariesStorage } from '../../src/embedded/storage';
import type { TemporaryServer } from '../../src/embedded/temporary-server';
import { PACKAGE } from './paths';

/** Runs `use` with a real replica of a server, which replays what it gets only after a while. */
export async function withLateStandby(
  primary: TemporaryServer,
  delayMs: number,
  use: () => Promise<void>,
): Promise<void> {
  const { dataDir, host, port, user, password } = primary;
  const folder = path.dirname(dataDir);
  const copy = path.join(folder, 'standby');
  appendFileSync(path.join(dataDir, 'pg_hba.conf'), `host replication ${user} all scram-sha-256\n`);
  const client = new Client({ host, port, user, password, database: 'postgres' });
  await client.connect();
  await client.query('SELECT pg_reload_conf()');
  await client.query(`SELECT pg_backup_start('standby', true)`);
  cpSync(dataDir, copy, { recursive: true });
  // Node 24 makes the folders of a copy with the usual mode, and PostgreSQL takes none that others can read.
  chmodSync(copy, 0o700);
  const { rows } = await client.query<{ labelfile: string }>('SELECT * FROM pg_backup_stop(false)');
  await client.end();
  for (const name of readdirSync(path.join(copy, 'pg_wal')))
    if (/^[0-9A-F]{24}$/.test(name)) rmSync(path.join(copy, 'pg_wal', name));
  rmSync(path.join(copy, 'postmaster.pid'), { force: true });
  writeFileSync(path.join(copy, 'backup_label'), rows[0]!.labelfile);
  writeFileSync(path.join(copy, 'standby.signal'), '');
  appendFileSync(
    path.join(copy, 'postgresql.conf'),
    `\nprimary_conninfo = 'host=${host} port=${port} user=${user} password=${password} application_name=late'
     recovery_min_apply_delay = ${delayMs}\nwal_receiver_status_interval = 1\nunix_socket_directories = ''\n`,
  );
  const owner = statSync(dataDir);
  giveAll(copy, owner);
  const account = chooseAccount(folder);
  const binaries = prepareBinaries(
    findBinaries([PACKAGE]),
    account,
    binariesStorage(folder, account),
  );
  const logPath = path.join(folder, 'standby.log');
  const { pid } = await launchOnFreePort({ binaries, dataDir: copy, account, logPath }, undefined);
  try {
    await use();
  } finally {
    process.kill(pid, 'SIGINT');
    while (existsSync(path.join(copy, 'postmaster.pid'))) await sleep(50);
  }
}

function giveAll(folder: string, owner: { readonly uid: number; readonly gid: number }): void {
  chownSync(folder, owner.uid, owner.gid);
  for (const name of readdirSync(folder, { recursive: true }) as string[])
    chownSync(path.join(folder, name), owner.uid, owner.gid);
}
