import { spawn } from 'node:child_process';
import { closeSync, fchownSync, fstatSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { KeelError } from '../errors';
import { identityOf } from './choose-account';
import type { Account } from './choose-account';
import { programEnvironment, programOf } from './binaries';
import type { Binaries } from './binaries';
import { readLogTail } from './startup-failure';
import { freePorts } from './free-ports';
import { PATIENCE_MS, POLL_MS, readPostmaster } from './read-postmaster';
import type { Postmaster } from './read-postmaster';

/** What to start, and as whom. */
export interface Launch {
  readonly binaries: Binaries;
  readonly dataDir: string;
  readonly port: number;
  readonly account: Account | undefined;
  /** The file to which the server writes its log. */
  readonly logPath: string;
  /** Told the process's id as soon as there is one. */
  readonly onSpawn?: (pid: number) => void;
}

/** The server ended, or could not be run at all, before it was ready. */
export class LaunchError extends Error {
  constructor(
    message: string,
    /** The last lines that it wrote to its log. */
    readonly output: readonly string[],
    cause?: unknown,
  ) {
    super(message, { cause });
  }
}

/**
 * Starts a server that lives on after this process, and waits until it accepts connections.
 *
 * @throws LaunchError when it ends instead, or is not ready within a minute
 */
async function launchPostmaster(launch: Launch): Promise<Postmaster> {
  const log = openSync(launch.logPath, 'a');
  const { size: logStart } = fstatSync(log);
  if (launch.account !== undefined) fchownSync(log, launch.account.uid, launch.account.gid);
  let failure: string | undefined;
  let cause: unknown;
  try {
    const child = spawn(...commandOf(launch), {
      ...identityOf(launch.account),
      cwd: launch.dataDir,
      detached: true,
      env: programEnvironment(),
      stdio: ['ignore', log, log],
      windowsHide: true,
    });
    child.once('error', (error) => {
      failure = error.message;
      cause = error;
    });
    child.once('exit', (code, signal) => {
      // On Windows the child is pg_ctl, which ends once the server is ready.
      if (process.platform === 'win32' && code === 0) return;
      failure = `PostgreSQL ended with ${signal ?? `exit code ${code}`}`;
    });
    child.unref();
    if (child.pid !== undefined) launch.onSpawn?.(child.pid);
  } finally {
    closeSync(log);
  }
  const deadline = Date.now() + PATIENCE_MS;
  while (failure === undefined && Date.now() < deadline) {
    await sleep(POLL_MS);
    const postmaster = readPostmaster(launch.dataDir);
    if (postmaster?.status === 'ready' && postmaster.port === launch.port) return postmaster;
  }
  throw new LaunchError(
    failure ?? `PostgreSQL is not ready after ${PATIENCE_MS / 1000} s`,
    readLogTail(launch.logPath, logStart),
    cause,
  );
}

function commandOf({ binaries, dataDir, port, logPath }: Launch): [string, string[]] {
  if (process.platform !== 'win32') {
    return [programOf(binaries, 'postgres'), ['-D', dataDir, '-p', String(port)]];
  }
  // pg_ctl gives up an administrator's rights, with which PostgreSQL refuses to run.
  const wait = ['-w', '-t', String(PATIENCE_MS / 1000)];
  const start = ['start', '-s', ...wait, '-D', dataDir, '-l', logPath, '-o', `-p ${port}`];
  return [programOf(binaries, 'pg_ctl'), start];
}

/**
 * Starts a server on the preferred port, or on the next free one.
 *
 * @throws LaunchError as {@link launchPostmaster} does
 * @throws KeelError EMBEDDED_NO_PORT
 */
export async function launchOnFreePort(
  launch: Omit<Launch, 'port'>,
  preferred: number | undefined,
): Promise<Postmaster> {
  for await (const port of freePorts(preferred)) {
    try {
      return await launchPatiently({ ...launch, port });
    } catch (error) {
      // Somebody was quicker.
      if (!isAbout(error, /Address already in use|could not create any TCP\/IP sockets/))
        throw error;
    }
  }
  throw new KeelError('There is no free port for the embedded PostgreSQL server.', {
    code: 'EMBEDDED_NO_PORT',
    state: 'Nothing was started.',
    hint: 'End what listens on 127.0.0.1 from port 54320 upwards.',
  });
}

/** The processes of a server that was killed notice it within moments, and hold its memory until then. */
async function launchPatiently(launch: Launch): Promise<Postmaster> {
  for (const deadline = Date.now() + 10_000; ; await sleep(100)) {
    try {
      return await launchPostmaster(launch);
    } catch (error) {
      if (Date.now() > deadline || !isAbout(error, /pre-existing shared memory block/)) throw error;
    }
  }
}

function isAbout(error: unknown, pattern: RegExp): boolean {
  return error instanceof LaunchError && error.output.some((line) => pattern.test(line));
}
