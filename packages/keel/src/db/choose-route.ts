import type pg from 'pg';
import { KeelError, NOTHING_CHANGED } from '../errors';
import { close, connectOnce, type ConnectOptions } from './client';
import type { Connection, Route, SessionTarget } from './connection';
import { connectionError, isAway, isComing, isPassing, postgresError } from './connection-error';
import { addressOf, serversOf } from './connection-url';

/** Why a route was not taken: what connecting came to, or what the server is that it should not be. */
interface Refusal {
  readonly route: Route;
  readonly error?: unknown;
  readonly mismatch?: string;
}

/** No route leads to a server that is up and is what the address asks for. */
export class NoRoute extends Error {
  constructor(
    private readonly connection: Connection,
    private readonly refusals: readonly Refusal[],
  ) {
    super('No route');
  }

  /** Whether it may be different a little later. */
  get isComing(): boolean {
    const last = this.refusals.at(-1);
    return this.refusals.length > 0 && (last?.error === undefined || isComing(last.error));
  }

  /** For people. */
  toKeelError(details: readonly string[] = []): KeelError {
    const [first] = this.refusals;
    const servers = serversOf(this.connection);
    if (first !== undefined && servers.length === 1) {
      // The way without TLS comes second, and says less.
      const { error, route } = this.refusals.find((each) => each.error !== undefined) ?? first;
      if (error !== undefined)
        return connectionError(error, { ...this.connection, ...route }, details);
    }
    const place = this.connection.origin?.place ?? 'the connection that was given';
    const names = servers.map(addressOf).join(', ');
    return new KeelError(
      servers.length === 1
        ? `The server at ${names} is not what the address asks for.`
        : `None of the servers ${names} can be used.`,
      {
        code: 'NO_SUITABLE_SERVER',
        state: NOTHING_CHANGED,
        details: [...this.reasons(), ...details],
        hint: `Start the one that is meant, or correct hosts, ports and target_session_attrs in ${place}.`,
      },
    );
  }

  private reasons(): string[] {
    const lines = this.refusals.map(({ route, error, mismatch }) =>
      mismatch === undefined
        ? connectionError(error, { ...this.connection, ...route }).message
        : `${addressOf(route)}: ${mismatch}, and target_session_attrs=${this.connection.target ?? 'any'}.`,
    );
    return [...new Set(lines)];
  }
}

/**
 * Tries the routes of a connection in turn, as libpq does: one that does not answer, or that is still starting, is
 * passed over; what a server says of the login is final.
 *
 * @returns the connection with that one route
 * @throws NoRoute
 * @see https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-MULTIPLE-HOSTS
 */
export async function chooseRoute(
  connection: Connection,
  options: ConnectOptions,
): Promise<Connection> {
  const { target = 'any' } = connection;
  const passes: SessionTarget[] = target === 'prefer-standby' ? ['standby', 'any'] : [target];
  let refusals: Refusal[] = [];
  for (const pass of passes) {
    const { route, refused } = await tryRoutes(connection, pass, options);
    if (route) return { ...connection, ...route, routes: undefined, target: undefined };
    refusals = refused;
  }
  throw new NoRoute(connection, refusals);
}

async function tryRoutes(
  connection: Connection,
  target: SessionTarget,
  options: ConnectOptions,
): Promise<{ readonly route?: Route; readonly refused: Refusal[] }> {
  const refused: Refusal[] = [];
  const { routes = [connection] } = connection;
  for (const [index, { host, port, ssl }] of routes.entries()) {
    const route: Route = { host, port, ssl };
    const before = refused.at(-1);
    // With or without TLS, a server that is not there is not there.
    if (before && isSameServer(before.route, route) && isAway(before.error)) continue;
    const refusal = await tryRoute({ ...connection, ...route }, target, options);
    if (!refusal) return { route, refused };
    refused.push({ route, ...refusal });
    const next = routes[index + 1];
    const other = next && isSameServer(next, route);
    if (!other && postgresError(refusal.error) && !isPassing(refusal.error)) break;
  }
  return { refused };
}

function isSameServer(one: Route, other: Route): boolean {
  return one.host === other.host && one.port === other.port;
}

async function tryRoute(
  connection: Connection,
  target: SessionTarget,
  options: ConnectOptions,
): Promise<Omit<Refusal, 'route'> | undefined> {
  let error: unknown;
  // A database that is not made yet is no reason to pass over its server.
  for (const database of new Set([connection.database, 'postgres', 'template1'])) {
    try {
      const client = await connectOnce({ ...connection, database }, options);
      try {
        const mismatch = await readMismatch(client, target);
        return mismatch === undefined ? undefined : { mismatch };
      } finally {
        await close(client);
      }
    } catch (thrown) {
      error ??= thrown;
      if (postgresError(thrown)?.code !== '3D000') break;
    }
  }
  return { error };
}

/** What a server is that it should not be; undefined where it is as it should be. */
async function readMismatch(client: pg.Client, target: SessionTarget): Promise<string | undefined> {
  if (target === 'any') return undefined;
  const { rows } = await client.query<{ standby: boolean; readonly: boolean }>(
    `SELECT pg_catalog.pg_is_in_recovery() AS standby,
       pg_catalog.current_setting('transaction_read_only') = 'on' AS readonly`,
  );
  const { standby, readonly } = rows[0]!;
  if (target === 'primary' && standby) return 'it is a standby';
  if (target === 'standby' && !standby) return 'it is a primary';
  if (target === 'read-write' && readonly)
    return standby ? 'it is a standby' : 'its sessions are read-only';
  if (target === 'read-only' && !readonly) return 'its sessions are read-write';
  return undefined;
}
