import type { Connection } from '../../src/db/connection';

/** Under which name the global set-up tells the test processes the URL of the server. */
export const SERVER_VARIABLE = 'KEEL_TEST_SERVER';

/** The URL of the run's server: the throw-away one, or `DATABASE_URL` as it was when jest started. */
export function serverUrl(): string {
  const url = process.env[SERVER_VARIABLE];
  if (url === undefined) throw new Error('The global set-up did not start a server.');
  return url;
}

/** A connection whose password is a text. */
export type PlainConnection = Connection & { readonly password: string | undefined };

/** A connection to a database of the run's server. */
export function serverConnection(database: string): PlainConnection {
  const url = new URL(serverUrl());
  const ssl = url.searchParams.get('sslmode');
  return {
    host: decodeURIComponent(url.hostname),
    port: Number(url.port || 5432),
    database,
    user: decodeURIComponent(url.username) || undefined,
    password: decodeURIComponent(url.password) || undefined,
    ssl: ssl === null || ssl === 'disable' ? undefined : { rejectUnauthorized: false },
    options: {},
  };
}

/** The URL of a database of the run's server. */
export function databaseUrl(database: string): string {
  const url = new URL(serverUrl());
  url.pathname = `/${encodeURIComponent(database)}`;
  return url.href;
}
