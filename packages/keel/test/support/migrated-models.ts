import { Sequelize } from 'sequelize';
import { defineModels } from '../../../../models/define-models';
import type { Models } from '../../../../models/types';
import { createDatabase } from './database';
import { migrate } from './migration-files';

/** The project's models on a migrated database of their own. */
export interface MigratedModels extends Models {
  readonly sequelize: Sequelize;
  readonly url: string;
  readonly drop: () => Promise<void>;
}

/** Makes a database by the migrations, not by `sync`, and defines the models on it. */
export async function createMigratedModels(): Promise<MigratedModels> {
  const { url, drop } = await createDatabase();
  const sequelize = new Sequelize(url, { logging: false });
  await migrate(sequelize);
  return {
    ...defineModels(sequelize),
    sequelize,
    url,
    drop: async () => {
      await sequelize.close();
      await drop();
    },
  };
}
