import { existsSync, readdirSync, rmdirSync, unlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { makeFolders } from '../make-folders';
import { KeelError, messageOf } from '../errors';
import { formatWithPrettier } from '../project/format-with-prettier';
import { nextTimestamp } from './next-timestamp';
import { safeFileName } from './safe-file-name';

/** A folder that a command needed. */
export interface FolderResult {
  /** What it is for: `migrations`, `seeders` or `models`. */
  readonly name: string;
  readonly path: string;
  readonly created: boolean;
  /** It was there, and was deleted with its files first. */
  readonly deleted: boolean;
}

/**
 * Makes a folder unless it is there.
 *
 * @param options `force` deletes it with its files first; `root` is the project's folder, which never is
 * @throws KeelError `FOLDER_NOT_EMPTIED` before anything is deleted, `FILE_NOT_WRITTEN`
 */
export function makeFolder(
  name: string,
  folder: string,
  options: { readonly force: boolean; readonly root: string },
): FolderResult {
  const deleted = options.force && existsSync(folder);
  if (deleted) deleteFolder(folder, options.root);
  const created = !existsSync(folder);
  if (created) attempt(folder, () => makeFolders(folder));
  return { name, path: folder, created, deleted };
}

function deleteFolder(folder: string, root: string): void {
  const entries = readdirSync(folder, { withFileTypes: true });
  const inner = entries.find((entry) => entry.isDirectory());
  if (inner ?? `${root}${path.sep}`.startsWith(`${folder}${path.sep}`)) {
    const why = inner ? `it has a folder "${inner.name}" in it` : 'the project is in it';
    throw new KeelError(`The folder ${folder} is not deleted: ${why}.`, {
      code: 'FOLDER_NOT_EMPTIED',
      state: 'Nothing was deleted.',
      hint: 'Empty it by hand, then run the command without --force.',
    });
  }
  for (const { name } of entries) unlinkSync(path.join(folder, name));
  rmdirSync(folder);
}

/**
 * Writes a file.
 *
 * @param options `replace` overwrites what is there
 * @throws KeelError `FILE_EXISTS`, `FILE_NOT_WRITTEN`
 */
export function writeNewFile(
  file: string,
  text: string,
  { replace }: { readonly replace: boolean } = { replace: false },
): void {
  attempt(file, () => {
    makeFolders(path.dirname(file));
    writeFileSync(file, text, { flag: replace ? 'w' : 'wx' });
  });
}

/** Writes a file as the project's own Prettier lays it out, where it has one; else as {@link writeNewFile} does. */
export async function writeFormattedFile(
  root: string,
  file: string,
  text: string,
  options?: { readonly replace: boolean },
): Promise<void> {
  writeNewFile(file, await formatWithPrettier(root, file, text), options);
}

/**
 * Writes a file with a timestamp before its name, which no other file of the folder has.
 *
 * @returns its path
 */
export async function writeStampedFile(
  root: string,
  folder: string,
  {
    name,
    extension,
    text,
  }: { readonly name: string; readonly extension: string; readonly text: string },
  now = new Date(),
): Promise<string> {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const file = path.join(folder, stampedName(names, { name, extension }, now));
  await writeFormattedFile(root, file, text);
  return file;
}

/**
 * The name of a new file, with a timestamp that no other has.
 *
 * @param names the names that are in the folder
 * @throws KeelError `INVALID_NAME`
 */
export function stampedName(
  names: readonly string[],
  { name, extension }: { readonly name: string; readonly extension: string },
  now: Date,
): string {
  return `${nextTimestamp(names, now)}-${safeFileName(name)}.${extension}`;
}

function attempt(file: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    const exists = (error as NodeJS.ErrnoException).code === 'EEXIST';
    throw new KeelError(
      exists
        ? `The file ${file} already exists. Run command with --force to overwrite it.`
        : `${file} could not be written: ${messageOf(error)}`,
      {
        code: exists ? 'FILE_EXISTS' : 'FILE_NOT_WRITTEN',
        state: 'It is as it was.',
        cause: error,
      },
    );
  }
}
