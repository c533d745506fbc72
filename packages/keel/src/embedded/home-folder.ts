import {
  chownSync,
  existsSync,
  lstatSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { makeFolders } from '../make-folders';
import type { ServerInfo } from './server-info';

/** When to begin a new log, in bytes. */
const LOG_LIMIT = 10_000_000;

/** keel's folder in a project: `.keel`, or what KEEL_HOME says. */
export function homeOf(root: string): string {
  return resolve(root, process.env.KEEL_HOME || '.keel');
}

/** Makes keel's folder in a project, ignored by Git. */
export function prepareHome(home: string): void {
  const made = makeFolders(home);
  if (made !== undefined && process.geteuid?.() === 0) {
    // So that the developer can go on in it after one command with sudo.
    const { uid, gid } = statSync(dirname(made));
    chownSync(home, uid, gid);
  }
  const ignore = join(home, '.gitignore');
  if (!existsSync(ignore)) writeFileSync(ignore, '*\n');
}

/** The lock under which the server is started and stopped. */
export function lockOf(home: string): string {
  return join(home, 'server.lock');
}

/** The data folder, also where `<home>/postgres` is a link to it; undefined if there is none yet. */
export function dataFolderOf(home: string): string | undefined {
  try {
    return realpathSync(join(home, 'postgres'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Where the data folder had to be made elsewhere, notes that as a link at its usual place. */
export function linkData(home: string, dataDir: string): void {
  if (dataFolderOf(home) === dataDir) return;
  const link = join(home, 'postgres');
  // A link to a folder that somebody removed.
  if (lstatSync(link, { throwIfNoEntry: false }) !== undefined) rmSync(link);
  symlinkSync(dataDir, link);
}

/** The server's log, its content moved aside when it has become long. */
export function rotateLog(home: string): string {
  const path = join(home, 'postgres.log');
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size > LOG_LIMIT) renameSync(path, `${path}.old`);
  return path;
}

/** What `<home>/server.json` says of the last start. */
export function readRecord(home: string): ServerInfo | undefined {
  try {
    return JSON.parse(readFileSync(join(home, 'server.json'), 'utf8')) as ServerInfo;
  } catch {
    return undefined;
  }
}

/** Writes `<home>/server.json`, in one step so that no reader sees half of it. */
export function writeRecord(home: string, info: ServerInfo): void {
  const path = join(home, 'server.json');
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(info, null, 2)}\n`);
  renameSync(draft, path);
}
