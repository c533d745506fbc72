import { KeelError, NOTHING_CHANGED } from '../errors';
import type { EnvironmentConfig } from './read-config-file';
import { isEmbeddedHook } from './embedded-hook';
import { parseDatabaseUrl, URL_FORM, type UrlParts } from '../db/connection-url';
import type { Connection, Password } from '../db/connection';
import { resolveRoutes } from './resolve-routes';

/** Options of a connection that `pg` knows and that a URL's query may carry. */
const URL_OPTIONS = new Set([
  'application_name',
  'options',
  'client_encoding',
  'statement_timeout',
  'lock_timeout',
  'query_timeout',
  'idle_in_transaction_session_timeout',
]);

/**
 * Works out where an environment's database is, in sequelize-cli's order: `url`, then the variable that
 * `use_env_variable` names, each overriding the single fields; behind all, the variables of libpq.
 */
export function resolveDatabase(
  config: EnvironmentConfig,
  env: Readonly<Record<string, string | undefined>>,
): Connection {
  const url = databaseUrl(config, env);
  const parts = url === undefined ? undefined : parseDatabaseUrl(url);
  if (parts === undefined) requirePostgres(config.dialect, 'config');
  else requirePostgres(parts.scheme, 'database URL');
  const write = writeReplica(config);
  const dialectOptions = withSearchPath(config, {
    ...applicationName(env.PGAPPNAME),
    ...urlOptions(parts),
    ...connectTimeout(parts?.parameters.connect_timeout ?? env.PGCONNECT_TIMEOUT),
    ...asRecord(config.dialectOptions),
  });
  return {
    ...resolveRoutes({ parts, fields: write, ssl: dialectOptions.ssl, env }),
    database: requireDatabase(
      parts?.database ?? text(write.database) ?? text(env.PGDATABASE),
      config,
    ),
    user: parts?.user ?? text(write.username) ?? text(env.PGUSER),
    password: parts?.password ?? passwordOf(write.password) ?? text(env.PGPASSWORD),
    options: dialectOptions,
    beforeConnect: ownHook(config),
  };
}

/** keel starts the embedded server by itself, and leads its Sequelize to other databases as well. */
function ownHook({ hooks }: EnvironmentConfig): unknown {
  const { beforeConnect } = asRecord(hooks);
  return isEmbeddedHook(beforeConnect) ? undefined : beforeConnect;
}

/** Sequelize hands a function on to `pg`, which calls it for each connection. */
function passwordOf(password: unknown): Password | undefined {
  return typeof password === 'function' ? (password as () => Promise<string>) : text(password);
}

/**
 * With `prependSearchPath` Sequelize sends `SET search_path` before each of its statements. keel's own find the
 * same tables when the connection begins with that path.
 */
function withSearchPath(
  { searchPath }: EnvironmentConfig,
  dialectOptions: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  if (!dialectOptions.prependSearchPath || typeof searchPath !== 'string') return dialectOptions;
  const option = `-c search_path=${searchPath.replace(/[\\\s]/g, '\\$&')}`;
  return {
    ...dialectOptions,
    options: [text(dialectOptions.options), option].filter(Boolean).join(' '),
  };
}

function databaseUrl(
  config: EnvironmentConfig,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  if (typeof config.url === 'string' && config.url !== '') return config.url;
  const variable = config.use_env_variable;
  if (typeof variable !== 'string' || variable === '') return undefined;
  const value = env[variable];
  if (value) return value;
  throw new KeelError(
    `The environment variable ${variable} is not set, and the config takes the database's URL from it.`,
    {
      code: 'URL_NOT_SET',
      state: NOTHING_CHANGED,
      hint: `Set ${variable}=${URL_FORM} in the environment or in .env, or give --url.`,
    },
  );
}

function requirePostgres(dialect: unknown, place: string): void {
  if (dialect === undefined || dialect === 'postgres' || dialect === 'postgresql') return;
  throw new KeelError(
    `keel runs on PostgreSQL; the ${place} says dialect "${typeof dialect === 'string' ? dialect : typeof dialect}".`,
    {
      code: 'NOT_POSTGRES',
      state: NOTHING_CHANGED,
      hint: 'Give a database of PostgreSQL, or stay with sequelize-cli for this database.',
    },
  );
}

function requireDatabase(name: string | undefined, config: EnvironmentConfig): string {
  if (name) return name;
  throw new KeelError(
    config.url === ''
      ? 'The "url" is empty, and the config names no database besides.'
      : 'The config names no database.',
    {
      code: 'CONFIG_INVALID',
      state: NOTHING_CHANGED,
      hint: 'Set "database", or a "url" that ends in /name.',
    },
  );
}

/** libpq counts seconds, and takes what is not above 0 for no limit. `pg` counts milliseconds. */
function connectTimeout(seconds: string | undefined): Record<string, unknown> {
  if (seconds === undefined || seconds === '') return {};
  const value = Number(seconds);
  if (Number.isInteger(value)) return { connectionTimeoutMillis: Math.max(value, 0) * 1000 };
  throw new KeelError(`connect_timeout=${seconds} is not a whole number of seconds.`, {
    code: 'INVALID_URL',
    state: NOTHING_CHANGED,
  });
}

function urlOptions(parts: UrlParts | undefined): Record<string, unknown> {
  const { fallback_application_name, ...parameters } = parts?.parameters ?? {};
  return {
    ...applicationName(fallback_application_name),
    ...Object.fromEntries(Object.entries(parameters).filter(([name]) => URL_OPTIONS.has(name))),
  };
}

function applicationName(name: string | undefined): Record<string, unknown> {
  return name ? { application_name: name } : {};
}

/** The fields that a write goes to: `replication.write` over the environment's own. */
function writeReplica(config: EnvironmentConfig): Readonly<Record<string, unknown>> {
  const replication = asRecord(config.replication);
  return { ...config, ...asRecord(replication.write) };
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function text(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}
