import { KeelError } from '../../errors';
import { checksum } from './checksum';
import type { LoadOptions } from '../../project/load-module';
import { loadMigration, type MigrationFunction } from './load-migration';
import type { MigrationFile } from './migration-state';

/** A file that is ready to run in one direction. */
export interface LoadedFile extends MigrationFile {
  readonly body: MigrationFunction;
  /** The file asked for no transaction. */
  readonly withoutTransaction: boolean;
  readonly checksum: string;
}

/**
 * Loads a file for one direction.
 *
 * @param options `afresh`: as if it had not been loaded before
 * @throws KeelError where it cannot be loaded, or has nothing for the direction
 */
export async function loadFile(
  { name, path }: MigrationFile,
  direction: 'up' | 'down',
  options: LoadOptions = {},
): Promise<LoadedFile> {
  const file = { name, path };
  const { [direction]: body, withoutTransaction } = await loadMigration(file, options);
  if (body) return { ...file, body, withoutTransaction, checksum: checksum(file.path) };
  throw new KeelError(`${file.name} has no function "${direction}".`, {
    code: direction === 'up' ? 'NO_UP' : 'NO_DOWN',
    state: `Nothing of ${file.name} was run.`,
    hint:
      direction === 'up'
        ? `Export "up" from ${file.path}; if it is a helper, put it into a folder of its own.`
        : `Export "down" from ${file.path}, or take it off the record without running anything: --fake.`,
  });
}
