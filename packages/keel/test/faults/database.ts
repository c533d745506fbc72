import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { listObjects } from '../support/catalog';
import { databaseUrl, serverUrl } from '../support/server';

/** All that a run can have changed in a database, to be compared as a whole. */
export interface Snapshot {
  readonly objects: readonly string[];
  /** The rows of each table, sorted. */
  readonly rows: Readonly<Record<string, readonly string[]>>;
}

/** What the ledgers and keel's own history say. */
export interface Records {
  readonly migrations: readonly string[];
  readonly seeders: readonly string[];
  /** `direction name` of each line in the order of time. */
  readonly history: readonly string[];
  /** The names of files that last ran without a transaction. */
  readonly withoutTransaction: readonly string[];
}

/** Runs `use` with a connection to a database of the run's server; to its maintenance database by default. */
export async function withServerClient<T>(
  use: (client: Client) => Promise<T>,
  url = serverUrl(),
): Promise<T> {
  const client = new Client({ connectionString: url, application_name: 'observer' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

/** Makes a database, as a copy of another where one is named, and returns its name. */
export async function copyDatabase(template = 'template1'): Promise<string> {
  const name = `keel_fault_${String(process.pid)}_${randomBytes(6).toString('hex')}`;
  await withServerClient((client) => client.query(`CREATE DATABASE ${name} TEMPLATE ${template}`));
  return name;
}

/** Drops a database and ends what uses it. */
export async function dropDatabase(name: string): Promise<void> {
  await withServerClient((client) => client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));
}

/** Reads the whole database but the ledgers. */
export async function readSnapshot(database: string): Promise<Snapshot> {
  return withServerClient(async (client) => {
    const { rows: tables } = await client.query<{ name: string }>(
      `SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
         AND relname NOT IN ('SequelizeMeta', 'SequelizeData') AND relname NOT LIKE 'keel\\_%' ORDER BY 1`,
    );
    const rows: Record<string, string[]> = {};
    for (const { name } of tables) {
      const result = await client.query<{ line: string }>(
        `SELECT t::text AS line FROM "${name}" t ORDER BY 1`,
      );
      rows[name] = result.rows.map(({ line }) => line);
    }
    return { objects: await listObjects(client), rows };
  }, databaseUrl(database));
}

/** Reads what is recorded. */
export async function readRecords(database: string): Promise<Records> {
  return withServerClient(async (client) => {
    const column = async (table: string, sql: string): Promise<string[]> => {
      const { rows: there } = await client.query<{ oid: string | null }>(
        'SELECT to_regclass($1) AS oid',
        [table],
      );
      if (there[0]?.oid === null) return [];
      const { rows } = await client.query<{ value: string }>(sql);
      return rows.map(({ value }) => value);
    };
    return {
      migrations: await column(
        '"SequelizeMeta"',
        'SELECT name AS value FROM "SequelizeMeta" ORDER BY 1',
      ),
      seeders: await column(
        '"SequelizeData"',
        'SELECT name AS value FROM "SequelizeData" ORDER BY 1',
      ),
      history: await column(
        'keel.history',
        `SELECT direction || ' ' || name AS value FROM keel.history ORDER BY started_at`,
      ),
      withoutTransaction: await column(
        'keel.history',
        `SELECT DISTINCT name AS value FROM keel.history WHERE mode = 'none' ORDER BY 1`,
      ),
    };
  }, databaseUrl(database));
}

/** The next value of every sequence. */
export async function readSequences(database: string): Promise<string[]> {
  return withServerClient(async (client) => {
    const { rows } = await client.query<{ line: string }>(
      `SELECT format('%s %s', sequencename, last_value) AS line FROM pg_sequences ORDER BY 1`,
    );
    return rows.map(({ line }) => line);
  }, databaseUrl(database));
}

/** Waits until no session but the tests' own is left in a database; returns those that do not go. */
export async function waitForSessions(database: string, patienceMs = 10_000): Promise<string[]> {
  return withServerClient(async (client) => {
    const deadline = Date.now() + patienceMs;
    for (;;) {
      const { rows } = await client.query<{ line: string }>(
        `SELECT format('%s %s: %s', application_name, state, query) AS line FROM pg_stat_activity
          WHERE datname = $1 AND application_name <> 'observer' AND backend_type = 'client backend'`,
        [database],
      );
      if (rows.length === 0 || Date.now() > deadline) return rows.map(({ line }) => line);
      await sleep(20);
    }
  });
}

/** Ends server processes and waits until they are gone. */
export async function terminate(where: string, values: readonly unknown[]): Promise<void> {
  await withServerClient(async (client) => {
    const { rows } = await client.query<{ pid: number }>(
      `SELECT pid, pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${where}`,
      [...values],
    );
    const pids = rows.map(({ pid }) => pid);
    for (let tries = 0; pids.length > 0 && tries < 200; tries += 1) {
      const left = await client.query('SELECT 1 FROM pg_stat_activity WHERE pid = ANY ($1)', [
        pids,
      ]);
      if (left.rowCount === 0) return;
      await sleep(5);
    }
  });
}
