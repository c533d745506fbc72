import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { KeelError } from '../errors';
import { programOf } from './binaries';
import type { Binaries } from './binaries';
import { isAlive, readCommand, readWorkingFolder } from './processes';

/** What a data folder's postmaster.pid says, of a postmaster that is alive. */
export interface Postmaster {
  readonly pid: number;
  readonly port: number;
  readonly status: 'starting' | 'ready' | 'stopping';
}

/** How long a start, with the recovery after a crash, or a stop may take. */
export const PATIENCE_MS = 60_000;
export const POLL_MS = 15;

/** The living postmaster of a data folder, if any. */
export function readPostmaster(dataDir: string): Postmaster | undefined {
  const file = readPidFile(dataDir);
  return file !== undefined && isPostmaster(file.pid, dataDir) ? file : undefined;
}

/** The content of postmaster.pid, which a server that was killed leaves behind. */
function readPidFile(dataDir: string): Postmaster | undefined {
  let lines: string[];
  try {
    lines = readFileSync(join(dataDir, 'postmaster.pid'), 'utf8').split('\n');
  } catch {
    return undefined;
  }
  // Lines: pid, data folder, start time, port, socket folder, address, shared memory, status.
  const [pid, port, status = ''] = [Number(lines[0]), Number(lines[3]), lines[7]?.trim()];
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  return {
    pid,
    port,
    status: status === 'ready' || status === 'stopping' ? status : 'starting',
  };
}

/** The postmaster once it is ready, or undefined once there is none: waits while it starts or stops. */
export async function awaitSettled(dataDir: string): Promise<Postmaster | undefined> {
  for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline; await sleep(POLL_MS)) {
    const postmaster = readPostmaster(dataDir);
    if (postmaster === undefined || postmaster.status === 'ready') return postmaster;
  }
  throw new KeelError(
    'The embedded PostgreSQL server has been starting or stopping for a minute.',
    {
      code: 'EMBEDDED_NOT_READY',
      state: 'It goes on doing so.',
      hint: 'Wait and run the command again.',
    },
  );
}

/**
 * Removes the postmaster.pid of a server that is gone when its process id is another process's now:
 * PostgreSQL would take that one for the server, and refuse to start.
 */
export function removeStalePidFile(dataDir: string): void {
  const file = readPidFile(dataDir);
  if (file === undefined || !isAlive(file.pid)) return;
  if (process.platform === 'win32' || !isPostmaster(file.pid, dataDir)) {
    rmSync(join(dataDir, 'postmaster.pid'), { force: true });
  }
}

/**
 * Whether the process is the postmaster of this data folder, not another one that got its number
 * later, as is common when a container is made anew.
 */
function isPostmaster(pid: number, dataDir: string): boolean {
  if (!isAlive(pid)) return false;
  if (process.platform === 'win32') return true;
  const command = readCommand(pid);
  if (!command.includes('postgres')) return false;
  // Somebody may have started it by hand with a relative path.
  return command.includes(` -D ${dataDir} `) || readWorkingFolder(pid) === dataDir;
}

/**
 * Stops the server of a data folder the fast way: sessions are ended, data is written out.
 *
 * @returns whether one was running
 * @throws KeelError EMBEDDED_NOT_STOPPED
 */
export async function stopPostmaster(
  dataDir: string,
  findBinaries: () => Binaries,
): Promise<boolean> {
  const postmaster = readPostmaster(dataDir);
  if (postmaster === undefined) return false;
  if (process.platform === 'win32') {
    // A signal would end the process at once there, without a shutdown.
    const stop = ['stop', '-s', '-w', '-m', 'fast', '-D', dataDir];
    execFileSync(programOf(findBinaries(), 'pg_ctl'), stop);
  } else {
    process.kill(postmaster.pid, 'SIGINT');
  }
  const deadline = Date.now() + PATIENCE_MS;
  while (existsSync(join(dataDir, 'postmaster.pid')) || isPostmaster(postmaster.pid, dataDir)) {
    if (Date.now() > deadline) {
      throw new KeelError(`The embedded PostgreSQL server (pid ${postmaster.pid}) did not stop.`, {
        code: 'EMBEDDED_NOT_STOPPED',
        state: 'It is shutting down, and has not finished within a minute.',
        hint: 'Wait and run the command again.',
      });
    }
    await sleep(POLL_MS);
  }
  return true;
}
