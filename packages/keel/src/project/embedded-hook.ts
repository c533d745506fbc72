import type { Connection } from '../db/connection';

/** As much of Sequelize's `config` as the hook reads and sets. */
export interface Login {
  host?: string;
  port?: string | number;
  database?: string | null;
  username?: string | null;
  password?: unknown;
}

/** A `beforeConnect` hook of Sequelize. */
export type ConnectHook = (config: Login) => Promise<void>;

/** The project may have another copy of keel than the one that runs, so the mark is a global symbol. */
const mark = Symbol.for('sequelize-keel.embedded-hook');

/**
 * The hook that leads Sequelize to the embedded server: it starts the server where it does not run, and makes the
 * database. sequelize-cli and a program's models need it; keel starts the server by itself.
 *
 * @param home keel's folder in the project
 * @param root the project's folder
 */
export function embeddedHook(home: string, root: string): ConnectHook {
  const made = new Set<string>();
  const hook: ConnectHook = async (config) => {
    const { startServer } =
      require('../embedded/embedded-server') as typeof import('../embedded/embedded-server');
    const user = config.username ?? 'postgres';
    const password = typeof config.password === 'string' ? config.password : '';
    const { host, port } = await startServer({ home, user, password, root });
    Object.assign(config, { host, port });
    const { database } = config;
    if (!database || made.has(database)) return;
    await makeDatabase({ host, port, database, user, password, ssl: undefined, options: {} }, root);
    made.add(database);
  };
  return Object.assign(hook, { [mark]: true });
}

/** Whether a `beforeConnect` hook is that of {@link embeddedHook}. */
export function isEmbeddedHook(hook: unknown): boolean {
  return typeof hook === 'function' && mark in hook;
}

async function makeDatabase(connection: Connection, root: string): Promise<void> {
  const { createDatabase } = require('../db/admin') as typeof import('../db/admin');
  const { loadPg } = require('./load-sequelize') as typeof import('./load-sequelize');
  await createDatabase(connection, {}, { pg: loadPg(root) });
}
