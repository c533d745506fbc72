import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { KeelError, messageOf, NOTHING_CHANGED } from '../../errors';
import { compareNames } from './compare-names';
import type { MigrationFile } from './migration-state';

const MIGRATION_FILE = /^(?!.*\.d\.[cm]?ts$).*\.[cm]?[jt]s$/;

/**
 * Lists the files of a flat folder in the order in which they run: by code unit, as sequelize-cli sorts.
 *
 * @throws KeelError `FOLDER_NOT_FOUND`
 */
export async function listFiles(folder: string, flag: string): Promise<MigrationFile[]> {
  let entries;
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const problem = code === 'ENOENT' ? 'does not exist' : `cannot be read: ${messageOf(error)}`;
    throw new KeelError(`The folder ${folder} ${problem}.`, {
      code: 'FOLDER_NOT_FOUND',
      state: NOTHING_CHANGED,
      hint: `Run keel in the project's folder, give --${flag}, or set it in .sequelizerc.`,
      cause: error,
    });
  }
  const within = path.join(folder, path.sep);
  return entries
    .filter((entry) => !entry.isDirectory() && MIGRATION_FILE.test(entry.name))
    .map(({ name }) => ({ name, path: `${within}${name}` }))
    .sort((a, b) => compareNames(a.name, b.name));
}
