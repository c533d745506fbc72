import { KeelError } from '../../errors';
import { checksum } from './checksum';
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
 * @throws KeelError where it cannot be loaded, or has nothing for the direction
 */
export async function loadFile(file: MigrationFile, direction: 'up' | 'down'): Promise<LoadedFile> {
  const { [direction]: body, withoutTransaction } = await loadMigration(file);
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
