import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { KeelError, messageOf, NOTHING_CHANGED } from '../errors';
import { makeFolders } from '../make-folders';

/**
 * Writes a file that a command was asked for, and the folders that it needs.
 *
 * @throws KeelError `FILE_NOT_WRITTEN`
 */
export async function saveText(file: string, text: string): Promise<void> {
  try {
    makeFolders(path.dirname(file));
    await writeFile(file, text);
  } catch (error) {
    throw new KeelError(`${file} could not be written: ${messageOf(error)}`, {
      code: 'FILE_NOT_WRITTEN',
      state: NOTHING_CHANGED,
      hint: 'Name a file in a folder that may be written to.',
      cause: error,
    });
  }
}
