import type pg from 'pg';
import { isKeelError, KeelError, messageOf } from '../errors';
import type { Connection } from './connection';
import { connect, type ConnectOptions } from './client';
import { postgresError } from './connection-error';
import { quoteIdentifier, quoteLiteral } from './quote';

/** Properties of a new database, as CREATE DATABASE takes them. */
export interface DatabaseOptions {
  readonly encoding?: string;
  readonly collate?: string;
  readonly ctype?: string;
  readonly template?: string;
}

/**
 * Makes the connection's database.
 *
 * @returns false where it was there already
 * @throws KeelError `DATABASE_NOT_CREATED`
 */
export async function createDatabase(
  connection: Connection,
  options: DatabaseOptions,
  how: ConnectOptions,
): Promise<boolean> {
  const clauses = [
    ['ENCODING', options.encoding],
    ['LC_COLLATE', options.collate],
    ['LC_CTYPE', options.ctype],
  ].flatMap(([name, value]) =>
    value === undefined ? [] : [`${String(name)} = ${quoteLiteral(value)}`],
  );
  if (options.template !== undefined)
    clauses.push(`TEMPLATE = ${quoteIdentifier(options.template)}`);
  return withMaintenance(connection, how, async (client) => {
    try {
      await client.query(
        [`CREATE DATABASE ${quoteIdentifier(connection.database)}`, ...clauses].join(' '),
      );
      return true;
    } catch (error) {
      // Two that create it at once: one is told by the catalog's unique index.
      if (['42P04', '23505'].includes(postgresError(error)?.code ?? '')) return false;
      const denied = postgresError(error)?.code === '42501';
      throw refused(
        error,
        connection,
        'created',
        denied ? 'Let a role with CREATEDB make it.' : undefined,
      );
    }
  });
}

/**
 * Drops the connection's database.
 *
 * @param options `force` ends the sessions that use it
 * @returns false where there was none
 * @throws KeelError `DATABASE_NOT_DROPPED`
 */
export async function dropDatabase(
  connection: Connection,
  options: { readonly force: boolean },
  how: ConnectOptions,
): Promise<boolean> {
  return withMaintenance(connection, how, async (client) => {
    const { rowCount } = await client.query(
      'SELECT FROM pg_catalog.pg_database WHERE datname = $1',
      [connection.database],
    );
    try {
      if (options.force) {
        await client.query(
          'SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE datname = $1',
          [connection.database],
        );
      }
      await client.query(`DROP DATABASE IF EXISTS ${quoteIdentifier(connection.database)}`);
    } catch (error) {
      throw refused(
        error,
        connection,
        'dropped',
        'Close the sessions that use it, or end them with --force.',
      );
    }
    return rowCount === 1;
  });
}

/** A connection to a database that is there on every server; `postgres` may have been dropped. */
async function withMaintenance<T>(
  connection: Connection,
  how: ConnectOptions,
  use: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = await connect({ ...connection, database: 'postgres' }, how).catch(
    (error: unknown) => {
      if (!isKeelError(error, 'DATABASE_NOT_FOUND')) throw error;
      return connect({ ...connection, database: 'template1' }, how);
    },
  );
  try {
    return await use(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

function refused(
  error: unknown,
  { database }: Connection,
  verb: string,
  hint: string | undefined,
): KeelError {
  return new KeelError(`The database "${database}" could not be ${verb}: ${messageOf(error)}.`, {
    code: verb === 'created' ? 'DATABASE_NOT_CREATED' : 'DATABASE_NOT_DROPPED',
    state: 'It is as it was.',
    hint,
    cause: error,
  });
}
