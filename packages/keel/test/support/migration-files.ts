import { readdirSync } from 'node:fs';
import path from 'node:path';
import { REPOSITORY } from './paths';
import { Sequelize } from 'sequelize';
import type { QueryInterface } from 'sequelize';

/** One file of a folder of migrations or seeders. */
export interface MigrationFile {
  readonly name: string;
  readonly up: (sequelize: Sequelize) => Promise<void>;
  readonly down: (sequelize: Sequelize) => Promise<void>;
}

interface MigrationModule {
  up(queryInterface: QueryInterface, sequelize: typeof Sequelize): Promise<void>;
  down(queryInterface: QueryInterface, sequelize: typeof Sequelize): Promise<void>;
}

/** Loads the files of `migrations` or `seeders` in their order, to be run one by one, unrecorded. */
export function readMigrationFiles(folder: 'migrations' | 'seeders'): MigrationFile[] {
  const root = path.join(REPOSITORY, folder);
  const names = readdirSync(root).filter((name) => name.endsWith('.ts'));
  return names.sort().map((name) => {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- as the runners load them
    const file = require(path.join(root, name)) as MigrationModule;
    return {
      name,
      up: (sequelize) => file.up(sequelize.getQueryInterface(), Sequelize),
      down: (sequelize) => file.down(sequelize.getQueryInterface(), Sequelize),
    };
  });
}

/** Builds the whole schema by its migrations. */
export async function migrate(sequelize: Sequelize): Promise<void> {
  for (const migration of readMigrationFiles('migrations')) await migration.up(sequelize);
}
