import type pg from 'pg';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from './connection';
import { connectionError, isPassing } from './connection-error';
import { CONNECT_TIMEOUT_MS } from './explain-connection';
import { ownTypes } from './own-types';
import { onParameter, streamOf } from './wire';

/** How to connect, besides where. */
export interface ConnectOptions {
  /** The project's own copy of `pg`: keel brings none. */
  readonly pg: typeof pg;
  /** Seen in `pg_stat_activity`. */
  readonly applicationName?: string;
  /** How long to wait for the connection, in milliseconds; what the connection says, or 15,000, where undefined. */
  readonly timeoutMs?: number;
  /** An upper limit of it, in milliseconds. */
  readonly atMostMs?: number;
}

/** How long the last answer on a connection is waited for, in milliseconds: on a dead network none comes. */
const LAST_ANSWER_MS = 3000;

/** After how long without traffic the network is asked whether the other side is still there, in milliseconds. */
const KEEP_ALIVE_MS = 15_000;

/** For how long a server that is starting or full is asked again, in milliseconds. */
const PATIENCE_MS = 10_000;

/**
 * Opens one connection. A server that is starting up, or has no connection free, is asked again for ten seconds.
 *
 * @throws KeelError that says which server refused and why, without the password
 */
export async function connect(connection: Connection, options: ConnectOptions): Promise<pg.Client> {
  return patiently(connection, () => connectOnce(connection, options));
}

/** The same in one try, with whatever `pg` throws. */
export async function connectOnce(
  connection: Connection,
  options: ConnectOptions,
): Promise<pg.Client> {
  const { Client } = options.pg;
  const client = new Client(clientConfig(connection, options));
  // Without a listener a connection that is lost while idle would end the process.
  client.on('error', () => undefined);
  onParameter(client, 'server_version', (version) => versions.set(client, version));
  try {
    await client.connect();
    keepAlive(client);
    return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }
}

/** Tries to connect again for ten seconds where the server is starting up or has no connection free. */
export async function patiently<T>(connection: Connection, open: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS;
  for (let pause = 100; ; pause = Math.min(pause * 2, 1000)) {
    try {
      return await open();
    } catch (error) {
      if (!isPassing(error) || Date.now() + pause > deadline)
        throw connectionError(error, connection);
      await sleep(pause);
    }
  }
}

const versions = new WeakMap<pg.Client, string>();

/** The server's version as it told it when the connection was made, for example `18.4` or `15.18 (Debian …)`. */
export function serverVersion(client: pg.Client): string | undefined {
  return versions.get(client);
}

/** Closes a connection, without the server's answer where it takes longer than three seconds. */
export async function close(client: pg.Client): Promise<void> {
  await awaitLastAnswer(client.end());
  streamOf(client).destroy();
}

/** Waits for the last answer on a connection, for three seconds at most. A failure of it does not matter any more. */
export async function awaitLastAnswer(answer: Promise<unknown>): Promise<void> {
  await Promise.race([
    answer.catch(() => undefined),
    sleep(LAST_ANSWER_MS, undefined, { ref: false }),
  ]);
}

/** Breaks a connection: what waits for its answer fails at once with the reason. */
export function breakConnection(client: pg.Client, reason: string): void {
  streamOf(client).destroy(new Error(`The connection was given up as lost: ${reason}`));
}

/**
 * Lets the operating system notice within half a minute that the other side of a connection is gone. It also
 * keeps alive what firewalls take for abandoned: the lock's connection is idle for as long as a migration runs.
 */
export function keepAlive(client: pg.Client): void {
  streamOf(client).setKeepAlive(true, KEEP_ALIVE_MS);
}

function clientConfig(connection: Connection, options: ConnectOptions): pg.ClientConfig {
  const { host, port, database, user, password, ssl } = connection;
  const { application_name, ...rest } = connection.options;
  const timeoutMs = options.timeoutMs ?? connectTimeoutOf(connection) ?? CONNECT_TIMEOUT_MS;
  // 0 is no limit to `pg`.
  const limits = [timeoutMs || Infinity, options.atMostMs ?? Infinity];
  return {
    connectionTimeoutMillis: Math.min(...limits) === Infinity ? 0 : Math.min(...limits),
    ...pickClientOptions(rest),
    host,
    port,
    database,
    user,
    password,
    ssl: ssl,
    types: ownTypes(options.pg),
    application_name:
      (application_name as string | undefined) ??
      options.applicationName ??
      connection.applicationName ??
      'keel',
  };
}

function connectTimeoutOf({ options }: Connection): number | undefined {
  return options.connectionTimeoutMillis as number | undefined;
}

const CLIENT_OPTIONS = ['options', 'client_encoding', 'stream'] as const;

function pickClientOptions(options: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    CLIENT_OPTIONS.filter((name) => options[name] !== undefined).map((name) => [
      name,
      options[name],
    ]),
  );
}
