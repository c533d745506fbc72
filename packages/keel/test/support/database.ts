import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import type { Connection } from '../../src/db/connection';
import { databaseUrl, serverUrl, serverConnection, type PlainConnection } from './server';

/** An empty database of a test's own. */
export interface TestDatabase {
  readonly url: string;
  readonly connection: PlainConnection;
  readonly drop: () => Promise<void>;
}

/** Makes an empty database with a name that no other test has. */
export async function createDatabase(): Promise<TestDatabase> {
  const name = `keel_test_${process.pid}_${randomBytes(6).toString('hex')}`;
  await asAdministrator(`CREATE DATABASE ${name}`);
  return {
    url: databaseUrl(name),
    connection: serverConnection(name),
    drop: () => asAdministrator(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  };
}

/** Runs `use` with an empty database, which is dropped afterwards. */
export async function withDatabase<T>(use: (database: TestDatabase) => Promise<T>): Promise<T> {
  const database = await createDatabase();
  try {
    return await use(database);
  } finally {
    await database.drop();
  }
}

/** Opens a connection for the length of a callback. */
export async function withClient<T>(
  { host, port, database, user, password, ssl }: Connection,
  use: (client: Client) => Promise<T>,
): Promise<T> {
  const client = new Client({ host, port, database, user, password, ssl });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

async function asAdministrator(statement: string): Promise<void> {
  const client = new Client({ connectionString: serverUrl() });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

/** Waits until a session of the database is in pg_sleep. */
export async function untilSleeping(url: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const sleeping = `SELECT FROM pg_stat_activity WHERE datname = current_database()
    AND state = 'active' AND query LIKE 'SELECT pg_sleep%'`;
  while ((await client.query(sleeping)).rowCount === 0) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await client.end();
}
