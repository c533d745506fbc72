import type pg from 'pg';
import { KeelError, messageOf } from '../errors';
import type { Connection } from './connection';
import { close, connect, type ConnectOptions } from './client';
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
  ].flatMap(([name, value]) => (value === undefined ? [] : [`${name} = ${quoteLiteral(value)}`]));
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
  // Not from within itself.
  const elsewhere = { ...connection, database: 'template1' };
  return withMaintenance(elsewhere, how, async (client) => {
    const { rowCount } = await client.query(
      'SELECT FROM pg_catalog.pg_database WHERE datname = $1',
      [connection.database],
    );
    try {
      if (options.force) await endSessions(client, connection.database);
      await client.query(`DROP DATABASE IF EXISTS ${quoteIdentifier(connection.database)}`);
    } catch (error) {
      throw refused(
        error,
        connection,
        'dropped',
        postgresError(error)?.code === '42501'
          ? 'Let the role that owns it drop it.'
          : 'Close the sessions that use it, or end them with --force.',
      );
    }
    return rowCount === 1;
  });
}

/**
 * Opens a connection that serves the whole server: to `postgres`, or to the connection's own database where the
 * role is let into that one only, or to `template1`. While somebody is connected to that one, nobody else can make
 * a database from it. The caller closes the connection.
 *
 * @throws KeelError that of the first, where none lets us in
 */
export async function openMaintenance(
  connection: Connection,
  how: ConnectOptions,
): Promise<pg.Client> {
  const names = new Set(['postgres', connection.database, 'template1']);
  let first: unknown;
  for (const database of names) {
    try {
      return await connect({ ...connection, database }, how);
    } catch (error) {
      first ??= error;
      if (!isOfTheDatabase(error)) throw error;
    }
  }
  throw first;
}

/** Opens such a connection for the length of a callback. */
export async function withMaintenance<T>(
  connection: Connection,
  how: ConnectOptions,
  use: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = await openMaintenance(connection, how);
  try {
    return await use(client);
  } finally {
    await close(client);
  }
}

/**
 * Whether another database of the same server may let us in: this one is not there (3D000), admits only some roles
 * (42501), or nobody (55000), or pg_hba.conf has no line for it (28000). A pooler knows only the databases that it
 * was told of (08P01).
 */
function isOfTheDatabase(error: unknown): boolean {
  const code = postgresError(error)?.code ?? '';
  return ['3D000', '42501', '55000', '28000', '08P01'].includes(code);
}

/** Ends the sessions of a database and drops it, where it is there. */
export async function dropAtOnce(client: pg.Client, name: string): Promise<void> {
  await endSessions(client, name);
  await dropIfThere(client, name);
}

export async function dropIfThere(client: pg.Client, name: string): Promise<void> {
  await client.query(`DROP DATABASE IF EXISTS ${quoteIdentifier(name)}`);
}

export async function endSessions(client: pg.Client, name: string): Promise<void> {
  await client.query(
    'SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE datname = $1',
    [name],
  );
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
