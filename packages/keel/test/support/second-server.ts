import { chmodSync, chownSync, copyFileSync, existsSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { findBinaries, prepareBinaries } from '../../src/embedded/binaries';
import { chooseAccount } from '../../src/embedded/choose-account';
import { launchOnFreePort } from '../../src/embedded/launch-on-free-port';
import { binariesStorage } from '../../src/embedded/storage';
import { startTemporaryServer } from '../../src/embedded/temporary-server';
import { PACKAGE } from './paths';

/** A server beside that of the run, whose settings a test may change. */
export interface SecondServer {
  readonly user: string;
  readonly password: string;
  readonly host: string;
  /** It may be another one after {@link SecondServer.becomeStandby}. */
  readonly port: number;
  /** Runs statements as the superuser, one after the other. */
  readonly admin: (...statements: readonly string[]) => Promise<void>;
  /** Lets it speak TLS with `server.crt` and `server.key` of a folder, and trust its `ca.crt`. */
  readonly useTls: (folder: string) => Promise<void>;
  /** Replaces its pg_hba.conf; the superuser gets in by password in any case. */
  readonly admit: (...rules: readonly string[]) => Promise<void>;
  /** Starts it again as a server in recovery. */
  readonly becomeStandby: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** Starts it; the caller stops it. */
export async function startSecondServer(): Promise<SecondServer> {
  const server = await startTemporaryServer({ root: PACKAGE });
  const { dataDir, host, user, password } = server;
  const owner = statSync(dataDir);
  let postmaster: { readonly pid: number; readonly port: number } = server;
  const give = (name: string): void => {
    const file = path.join(dataDir, name);
    chownSync(file, owner.uid, owner.gid);
    chmodSync(file, 0o600);
  };
  const admin = async (...statements: readonly string[]): Promise<void> => {
    const { port } = postmaster;
    const client = new Client({ host, port, user, password, database: 'postgres' });
    await client.connect();
    try {
      for (const statement of statements) await client.query(statement);
    } finally {
      await client.end();
    }
  };
  const reload = (): Promise<void> => admin('SELECT pg_reload_conf()', 'SELECT pg_sleep(0.2)');
  const shutDown = async (): Promise<void> => {
    process.kill(postmaster.pid, 'SIGINT');
    while (existsSync(path.join(dataDir, 'postmaster.pid'))) await sleep(50);
  };
  return {
    user,
    password,
    host,
    get port() {
      return postmaster.port;
    },
    admin,
    useTls: async (folder) => {
      for (const name of ['ca.crt', 'server.crt', 'server.key']) {
        copyFileSync(path.join(folder, name), path.join(dataDir, name));
        give(name);
      }
      await admin("ALTER SYSTEM SET ssl_ca_file = 'ca.crt'", 'ALTER SYSTEM SET ssl = on');
      await reload();
    },
    admit: async (...rules) => {
      const lines = [`host all ${user} all scram-sha-256`, ...rules, ''];
      writeFileSync(path.join(dataDir, 'pg_hba.conf'), lines.join('\n'));
      await reload();
    },
    becomeStandby: async () => {
      await shutDown();
      writeFileSync(path.join(dataDir, 'standby.signal'), '');
      give('standby.signal');
      const folder = path.dirname(dataDir);
      const account = chooseAccount(folder);
      const binaries = prepareBinaries(
        findBinaries([PACKAGE]),
        account,
        binariesStorage(folder, account),
      );
      const logPath = path.join(folder, 'postgres.log');
      postmaster = await launchOnFreePort({ binaries, dataDir, account, logPath }, undefined);
    },
    stop: async () => {
      await shutDown();
      await server.stop();
    },
  };
}
