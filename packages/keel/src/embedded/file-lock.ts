import {
  closeSync,
  openSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeSync,
} from 'node:fs';
import { basename, dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { KeelError } from '../errors';
import { isAlive } from './processes';

const POLL_MS = 40;
const HEARTBEAT_MS = 2_000;
/** After so long without a heartbeat the holder is dead, whoever has its process id now. */
const STALE_MS = 15_000;
const PATIENCE_MS = 180_000;

/**
 * Runs `use` while no other process runs anything under the lock of the same path. The lock of a
 * holder that was killed passes on to the next.
 *
 * Node has no flock(2), and a plain lock file cannot be taken from a dead holder without a moment in
 * which two take it. So each holding is a new file, `<path>.<number>`: it is held by the one who
 * makes the next number, which only one can, and the highest number is never removed. Its time of
 * change is the holder's last heartbeat, set back to long ago when it is done.
 *
 * @throws KeelError EMBEDDED_LOCKED after three minutes
 */
export async function withFileLock<T>(path: string, use: () => Promise<T>): Promise<T> {
  const file = await acquire(path);
  const heartbeat = setInterval(() => touch(file, new Date()), HEARTBEAT_MS);
  heartbeat.unref();
  try {
    return await use();
  } finally {
    clearInterval(heartbeat);
    touch(file, new Date(0));
  }
}

async function acquire(path: string): Promise<string> {
  for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline; await sleep(POLL_MS)) {
    const last = highestNumber(path);
    if (last > 0 && isHeld(`${path}.${last}`)) continue;
    const file = `${path}.${last + 1}`;
    if (!create(file)) continue;
    if (highestNumber(path) === last + 1) {
      removeBelow(path, last + 1);
      return file;
    }
    // Slept between the look and the making, while others went by and cleared away.
    rmSync(file, { force: true });
  }
  throw new KeelError('Another keel process has been busy with the embedded server for minutes.', {
    code: 'EMBEDDED_LOCKED',
    state: 'This one did nothing.',
    hint: `Wait for it, or end it (its process id is in ${path}.${highestNumber(path)}).`,
  });
}

function numbersOf(path: string): number[] {
  const prefix = `${basename(path)}.`;
  return readdirSync(dirname(path))
    .filter((name) => name.startsWith(prefix))
    .map((name) => Number(name.slice(prefix.length)))
    .filter(Number.isInteger);
}

function highestNumber(path: string): number {
  return Math.max(0, ...numbersOf(path));
}

function removeBelow(path: string, number: number): void {
  for (const other of numbersOf(path)) {
    if (other < number) rmSync(`${path}.${other}`, { force: true });
  }
}

function create(file: string): boolean {
  let descriptor: number;
  try {
    descriptor = openSync(file, 'wx');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
  try {
    writeSync(descriptor, String(process.pid));
  } catch {
    // On a full disk a file without content is made all the same; its heartbeat shows that it is held.
  } finally {
    closeSync(descriptor);
  }
  return true;
}

function isHeld(file: string): boolean {
  try {
    if (Date.now() - statSync(file).mtimeMs > STALE_MS) return false;
    const holder = readFileSync(file, 'utf8');
    return holder === '' || isAlive(Number(holder));
  } catch {
    // Cleared away by the next holder.
    return true;
  }
}

function touch(file: string, time: Date): void {
  try {
    utimesSync(file, time, time);
  } catch {
    // Somebody has removed the folder: there is nothing left to guard.
  }
}
