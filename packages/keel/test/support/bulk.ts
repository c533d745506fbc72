import pg from 'pg';
import { Sequelize } from 'sequelize';
import type { BulkResult, UndoneTable } from '../../src/bulk/bulk-events';
import type { BulkOptions } from '../../src/bulk/prepare-bulk';
import { runBulk } from '../../src/bulk/run-bulk';
import { undoBulk } from '../../src/bulk/undo-bulk';
import { withDatabase } from './database';

/** A database with the tables of some models, and bulk runs on it. */
export interface BulkBench {
  readonly url: string;
  readonly sequelize: Sequelize;
  readonly client: pg.Client;
  run(rows: Readonly<Record<string, number>>, options?: Partial<BulkOptions>): Promise<BulkResult>;
  undo(): Promise<UndoneTable[]>;
  /** The first column of the only row. */
  value<T = number>(sql: string): Promise<T>;
  /** A hash of all rows of a table, whatever order they are stored in. */
  hash(table: string): Promise<string>;
}

/** Runs `use` on a database of its own whose tables are made from the models that `define` defines. */
export async function withModels<T>(
  define: (sequelize: Sequelize) => void,
  use: (bench: BulkBench) => Promise<T>,
): Promise<T> {
  return withDatabase(async ({ url }) => {
    const sequelize = new Sequelize(url, { logging: false });
    const client = await connectTo(url);
    try {
      define(sequelize);
      await sequelize.sync();
      return await use(benchOn(url, sequelize, client));
    } finally {
      await client.end();
      await sequelize.close();
    }
  });
}

/** A connection as the command line makes one. */
export async function connectTo(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

function benchOn(url: string, sequelize: Sequelize, client: pg.Client): BulkBench {
  const connect = (): Promise<pg.Client> => connectTo(url);
  const value = async <T>(sql: string): Promise<T> => {
    const { rows } = await client.query<T[]>({ text: sql, rowMode: 'array' });
    return rows[0]![0] as T;
  };
  return {
    url,
    sequelize,
    client,
    value,
    run: (rows, options = {}) =>
      runBulk({
        connect,
        models: Object.values(sequelize.models),
        rows: new Map(Object.entries(rows)),
        ...options,
      }),
    undo: () => undoBulk({ connect }),
    hash: (table) =>
      value(
        `SELECT md5(coalesce(string_agg(t, '|' ORDER BY t), '')) FROM (SELECT (r.*)::text AS t FROM ${table} AS r) AS rows`,
      ),
  };
}
