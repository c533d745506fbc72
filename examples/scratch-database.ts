import { randomBytes } from 'node:crypto';
import { constants } from 'node:os';
import { Client } from 'pg';
import type { Options } from 'sequelize';
import { readEnvironment } from '../config/environment';

/** What `new Sequelize(database, username, password, options)` takes to reach a scratch database. */
export interface ScratchDatabase {
  readonly database: string;
  readonly username: string;
  readonly password: string | undefined;
  readonly options: Options;
}

/** One of the programs in this folder. */
type Example = (scratch: ScratchDatabase) => Promise<void>;

/**
 * Runs examples one after the other, each on a scratch database. The exit code is 1 when one of them
 * failed, and 128 plus the signal's number when they were interrupted.
 */
export async function runExamples(...examples: readonly Example[]): Promise<void> {
  const interruption = interrupted();
  try {
    for (const example of examples) await withScratchDatabase(example, interruption);
  } catch (error) {
    if (error instanceof Interruption) process.exit(error.exitCode);
    console.error(error);
    process.exit(1);
  }
}

const prefix = 'keel_example_';

/**
 * Runs an example on an empty database of its own, made for it on the configured server, and drops
 * the database when the example ends, throws or is interrupted. One that was left behind all the
 * same, by a `kill -9`, is dropped by the next run.
 */
async function withScratchDatabase(example: Example, interruption: Promise<never>): Promise<void> {
  const { username = '', password, ...options } = readEnvironment();
  const database = prefix + randomBytes(6).toString('hex');
  const server = new Client({
    ...options.dialectOptions,
    host: options.host,
    port: options.port,
    user: username,
    password,
    database: 'postgres',
  });
  await server.connect();
  try {
    await dropLeftovers(server);
    // Held until this run ends, however it ends: who can take the lock knows that the run is over.
    await tryLock(server, database);
    await server.query(`CREATE DATABASE "${database}"`);
    await Promise.race([
      interruption,
      example({ database, username, password, options: { ...options, database } }),
    ]);
  } finally {
    await server.query(`DROP DATABASE IF EXISTS "${database}" WITH (FORCE)`);
    await server.end();
  }
}

async function dropLeftovers(server: Client): Promise<void> {
  const { rows } = await server.query<{ datname: string }>(
    'SELECT datname FROM pg_database WHERE starts_with(datname, $1)',
    [prefix],
  );
  for (const { datname } of rows) {
    if (await tryLock(server, datname)) {
      await server.query(`DROP DATABASE IF EXISTS "${datname}" WITH (FORCE)`);
    }
  }
}

async function tryLock(server: Client, database: string): Promise<boolean> {
  const { rows } = await server.query<{ locked: boolean }>(
    'SELECT pg_try_advisory_lock(hashtext($1)) AS locked',
    [database],
  );
  return rows[0]?.locked === true;
}

/** Rejects on the first Ctrl-C; a second one ends the process at once. */
function interrupted(): Promise<never> {
  const interruption = new Promise<never>((_resolve, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        reject(new Interruption(signal));
      });
    }
  });
  // It may come while nothing waits for it yet.
  interruption.catch(() => undefined);
  return interruption;
}

class Interruption extends Error {
  readonly exitCode: number;

  constructor(signal: 'SIGINT' | 'SIGTERM') {
    super(`Interrupted by ${signal}`);
    this.exitCode = 128 + constants.signals[signal];
  }
}
