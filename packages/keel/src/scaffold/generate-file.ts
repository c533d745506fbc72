import type { ProjectOutline } from '../project/read-project';
import { readFileStyle } from './file-style';
import { makeFolder, writeStampedFile, type FolderResult } from './new-files';
import { safeFileName } from './safe-file-name';
import { emptyMigration, emptySeeder } from './templates/migration-file';

/** A new file, and the folder that it needed. */
export interface GeneratedFile {
  readonly path: string;
  readonly folder: FolderResult;
}

/**
 * Writes an empty migration in the language of the others.
 *
 * @throws KeelError `INVALID_NAME`, `FILE_NOT_WRITTEN`
 */
export function generateMigration(outline: ProjectOutline, name: string): Promise<GeneratedFile> {
  return generate(outline, 'migrations', name, emptyMigration);
}

/** Writes an empty seeder; the same as {@link generateMigration} otherwise. */
export function generateSeeder(outline: ProjectOutline, name: string): Promise<GeneratedFile> {
  return generate(outline, 'seeders', name, emptySeeder);
}

async function generate(
  { paths }: ProjectOutline,
  kind: 'migrations' | 'seeders',
  name: string,
  template: typeof emptyMigration,
): Promise<GeneratedFile> {
  // Before a folder is made for it.
  const safeName = safeFileName(name);
  const folder = makeFolder(kind, paths[kind], { force: false, root: paths.root });
  const style = readFileStyle(folder.path, paths.root);
  const { extension } = style;
  const path = await writeStampedFile(paths.root, folder.path, {
    name: safeName,
    extension,
    text: template(style),
  });
  return { path, folder };
}
