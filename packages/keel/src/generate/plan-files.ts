import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { makeFolders } from '../make-folders';
import { KeelError, NOTHING_WRITTEN } from '../errors';
import type { Project } from '../project/project';
import { compareNames } from '../runner/files/compare-names';
import { makeFolder, stampedName, writeNewFile } from '../scaffold/new-files';
import { formatWithPrettier } from '../project/format-with-prettier';

/** A migration that was written. */
export interface NewFile {
  readonly path: string;
  readonly text: string;
  /** Whether it is for a later release: it waits until no session of an older one is left. */
  readonly later?: true;
}

export interface StepText {
  readonly later?: true;
  readonly suffix: string;
  readonly text: string;
  readonly extension: string;
}

/**
 * Where each step will be, a migration of its own: under names that run after all that are there, in their
 * order, and laid out as the project lays its files out.
 *
 * @throws KeelError MIGRATION_NOT_LAST
 */
export async function planFiles(
  { paths }: Project,
  name: string,
  steps: readonly StepText[],
): Promise<NewFile[]> {
  const folder = makeFolder('migrations', paths.migrations, { force: false, root: paths.root });
  const names = readdirSync(folder.path).filter((one) => /\.[cm]?[jt]s$/.test(one));
  const files: NewFile[] = [];
  for (const { suffix, text, extension, later } of steps) {
    const last = [...names].sort(compareNames).at(-1);
    const parts = { name: `${name}${safe(suffix)}`, extension };
    const named = stampedName(names, parts, afterLast(last));
    if (last !== undefined && compareNames(named, last) <= 0) throw notLast(named, last);
    names.push(named);
    const target = path.join(folder.path, named);
    const file: NewFile = {
      path: target,
      text: await formatWithPrettier(paths.root, target, text),
    };
    files.push(later === true ? { ...file, later } : file);
  }
  return files;
}

/** Now, or the second after the last file's, which may be of the future. */
function afterLast(last: string | undefined): Date {
  const now = new Date();
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] =
    /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)/
      .exec(last ?? '')
      ?.slice(1)
      .map(Number) ?? [];
  const stamp = new Date(Date.UTC(year, month - 1, day, hour, minute, second + 1));
  // A year of five digits sorts before one of four.
  return year > 0 && stamp > now && stamp.getUTCFullYear() < 10_000 ? stamp : now;
}

function notLast(file: string, last: string): KeelError {
  return new KeelError(`A new migration, ${file}, would run before ${last}`, {
    code: 'MIGRATION_NOT_LAST',
    state: NOTHING_WRITTEN,
    hint: `Files run in the order of their names, and the new one builds on all others. Rename ${last} so that it begins with a timestamp (YYYYMMDDHHmmss)${/^\d{14}/.test(last) ? ' that others can come after' : ''}.`,
  });
}

/** The name of an index may hold what a file's name cannot. */
function safe(suffix: string): string {
  return suffix.replaceAll(/[^\w.-]+/g, '-');
}

const PROOF_PREFIX = '.keel-proof-';

/**
 * Runs `use` with the files in a folder inside that of the migrations, beside copies of all others and under their
 * own names. They find the same packages, module type and compiler settings there, and no other run sees them
 * before they are proved.
 */
export async function withProofFolder<T>(
  { paths }: Project,
  files: readonly NewFile[],
  use: (folder: string) => Promise<T>,
): Promise<T> {
  removeLeftFolders(paths.migrations);
  const folder = mkdtempSync(path.join(paths.migrations, PROOF_PREFIX));
  try {
    for (const name of readdirSync(paths.migrations)) {
      const file = path.join(paths.migrations, name);
      const isFile = statSync(file, { throwIfNoEntry: false })?.isFile();
      if (isFile) copyFileSync(file, path.join(folder, name));
    }
    for (const { path: target, text } of files) {
      writeFileSync(path.join(folder, path.basename(target)), text);
    }
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const LEFT_AFTER_MS = 60 * 60 * 1000;

/** Removes what a killed run has left; a younger folder may be another run's. */
function removeLeftFolders(migrations: string): void {
  for (const name of readdirSync(migrations).filter((one) => one.startsWith(PROOF_PREFIX))) {
    const folder = path.join(migrations, name);
    const changed = statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (Date.now() - changed > LEFT_AFTER_MS) rmSync(folder, { recursive: true, force: true });
  }
}

/** Writes the files into their places. */
export function keepFiles(files: readonly NewFile[]): void {
  for (const file of files) writeNewFile(file.path, file.text);
}

/** Keeps what was not proved where nobody runs it. */
export function saveDrafts({ paths }: Project, files: readonly NewFile[]): string[] {
  const folder = path.join(paths.home, 'drafts');
  makeFolders(folder);
  // Of no interest to Git, whether the embedded server has made the folder or not.
  const ignore = path.join(paths.home, '.gitignore');
  if (!existsSync(ignore)) writeFileSync(ignore, '*\n');
  return files.map((file) => {
    const draft = path.join(folder, path.basename(file.path));
    writeFileSync(draft, file.text);
    return path.relative(paths.root, draft);
  });
}
