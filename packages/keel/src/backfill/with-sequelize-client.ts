import type pg from 'pg';
import type { QueryInterface } from 'sequelize';

/** Sequelize's connection manager, as much of it as matters here; the same in versions 5 and 6. */
interface ConnectionManager {
  getConnection(options: object): PromiseLike<pg.Client>;
  releaseConnection(client: pg.Client): unknown;
}

/**
 * Runs `use` with one connection of the instance's pool. Its values are read as Sequelize reads them, and a
 * transaction of the caller's, by CLS or otherwise, has nothing to do with it.
 */
export async function withSequelizeClient<T>(
  { sequelize }: QueryInterface,
  use: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const { connectionManager } = sequelize as unknown as { connectionManager: ConnectionManager };
  const client = await connectionManager.getConnection({ type: 'RAW', useMaster: true });
  try {
    return await use(client);
  } finally {
    connectionManager.releaseConnection(client);
  }
}
