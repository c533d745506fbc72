import { parse } from 'pg-connection-string';
import type { Options } from 'sequelize';
import config from './config';

/** How to reach an environment's database: what `new Sequelize(options)` takes. */
export interface Environment extends Options {
  /** Whether the database is on the embedded server. */
  readonly embedded?: boolean;
  /** Where the tools record which seeders have run. */
  readonly seederStorage?: 'sequelize';
  readonly keel?: { readonly strict: boolean };
}

const example = 'postgres://user:password@host:5432/database?sslmode=verify-full';

/**
 * The options of one environment of config.ts, with a URL taken apart into its fields.
 *
 * @param name `development`, `test` or `production`; NODE_ENV's by default, else `development`.
 * @throws Error when there is no such environment, or its DATABASE_URL is missing or malformed.
 */
export function readEnvironment(name = process.env.NODE_ENV || 'development'): Environment {
  if (!Object.hasOwn(config, name)) {
    const known = Object.keys(config).join(', ');
    throw new Error(`There is no environment "${name}" in config/config.ts, only ${known}.`);
  }
  const environment = config[name as keyof typeof config];
  if ('database' in environment) return environment;

  const { dialect, logging, seederStorage, keel } = environment;
  const url = process.env.DATABASE_URL;
  if (!url) {
    throw new Error(
      `The ${name} environment needs DATABASE_URL, for example ${example}. ` +
        'Set it in the environment of the process or in the file .env.',
    );
  }
  return { dialect, logging, seederStorage, keel, ...fieldsOf(url) };
}

/** The URL's query, such as `?sslmode=verify-full`, goes to `pg` as `dialectOptions`. */
function fieldsOf(url: string): Options {
  try {
    if (!/^postgres(ql)?:/.test(url)) throw new TypeError('another protocol');
    const { database, user, password, host, port, ...dialectOptions } = parse(url);
    return {
      database: database ?? undefined,
      username: user,
      password,
      host: host ?? undefined,
      port: port ? Number(port) : undefined,
      dialectOptions,
    };
  } catch {
    // Not the URL itself, and no cause either: both could show the password.
    throw new Error(`DATABASE_URL is not a URL of PostgreSQL, such as ${example}.`);
  }
}
