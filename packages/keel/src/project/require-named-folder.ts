import { statSync } from 'node:fs';
import { KeelError, NOTHING_CHANGED } from '../errors';
import type { ProjectFolder, ProjectPaths } from './project';

/**
 * Requires that a folder is there, where a flag or `.sequelizerc` names it: a misspelt one would be taken for an
 * empty one. The usual folder may be missing in a project that needs none.
 *
 * @throws KeelError `FOLDER_NOT_FOUND`
 */
export function requireNamedFolder(
  paths: Pick<ProjectPaths, ProjectFolder | 'namedBy'>,
  folder: ProjectFolder,
): void {
  const origin = paths.namedBy[folder];
  if (origin === undefined) return;
  const found = statSync(paths[folder], { throwIfNoEntry: false });
  if (found?.isDirectory()) return;
  throw new KeelError(
    `${paths[folder]}, the folder of the ${folder} by ${origin}, ${found ? 'is no folder' : 'does not exist'}.`,
    {
      code: 'FOLDER_NOT_FOUND',
      state: NOTHING_CHANGED,
      hint: `Correct ${origin}, or make the folder.`,
    },
  );
}
