import type pg from 'pg';
import { Sequelize, type QueryInterface } from 'sequelize';
import { backfill } from '../../src/backfill/backfill';
import type { BackfillOptions, BackfillResult } from '../../src/backfill/backfill-options';
import { createDatabase, withClient, type TestDatabase } from '../support/database';

/** A database, and Sequelize on it as sequelize-cli or Umzug would have it. */
export interface BackfillLab {
  readonly database: TestDatabase;
  readonly queryInterface: QueryInterface;
  run(options: BackfillOptions): Promise<BackfillResult>;
  /** Runs until so many batches are committed, and then fails. */
  stopAfter(batches: number, options: BackfillOptions): Promise<void>;
  sql(text: string): Promise<Record<string, unknown>[]>;
  connect<T>(use: (client: pg.Client) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Makes a database to run backfills on. */
export async function openBackfillLab(): Promise<BackfillLab> {
  const database = await createDatabase();
  const sequelize = new Sequelize(database.url, { logging: false });
  const queryInterface = sequelize.getQueryInterface();
  const connect: BackfillLab['connect'] = (use) => withClient(database.connection, use);
  const run: BackfillLab['run'] = (options) => backfill(queryInterface, { pause: 0, ...options });
  return {
    database,
    queryInterface,
    run,
    stopAfter: async (batches, options) => {
      let left = batches;
      const onProgress = (): void => {
        left -= 1;
        if (left <= 0) throw new Error('stopped by the test');
      };
      await expect(run({ ...options, onProgress })).rejects.toThrow('stopped by the test');
    },
    sql: (text) =>
      connect(async (client) => (await client.query<Record<string, unknown>>(text)).rows),
    connect,
    close: async () => {
      await sequelize.close();
      await database.drop();
    },
  };
}
