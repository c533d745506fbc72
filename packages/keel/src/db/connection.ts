/** A password, or a function that fetches one that is valid for some minutes; `pg` asks it for each connection. */
export type Password = string | (() => string | Promise<string>);

/** What in a project names its database. */
export interface ConnectionOrigin {
  /** For people: `config/config.json`, `the variable DATABASE_URL`, `--url`. */
  readonly place: string;
  readonly isUrl: boolean;
  /** The flags with which another command finds the same database. */
  readonly flags: readonly string[];
}

/** One way to a server. */
export interface Route {
  /** A host name, an address, or the folder of a Unix socket. */
  readonly host: string;
  readonly port: number;
  /** As `pg` takes it: `true`, or the options of a TLS socket. */
  readonly ssl: boolean | object | undefined;
}

/**
 * What a server must be for keel to take it, in libpq's words.
 *
 * @see https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-TARGET-SESSION-ATTRS
 */
export type SessionTarget =
  'any' | 'read-write' | 'read-only' | 'primary' | 'standby' | 'prefer-standby';

/** How to reach a database: what `pg` needs, read from the project's config. */
export interface Connection extends Route {
  readonly database: string;
  readonly user: string | undefined;
  readonly password: Password | undefined;
  /** Further options for `pg`, from `dialectOptions` and the URL's query. */
  readonly options: Readonly<Record<string, unknown>>;
  /**
   * All ways to try in turn, where the address names several servers or leaves it open whether to use TLS. The
   * connection's own host, port and ssl are the first of them, until a server is chosen.
   */
  readonly routes?: readonly Route[];
  /** Which server to choose; any that answers where undefined. */
  readonly target?: SessionTarget;
  /** Seen in `pg_stat_activity` where the project names nothing; `keel` where undefined. */
  readonly applicationName?: string;
  /** The config's `hooks.beforeConnect`, which Sequelize asks for the login before each of its connections. */
  readonly beforeConnect?: unknown;
  /** For messages; undefined where no project says it. */
  readonly origin?: ConnectionOrigin;
}

/** The password as it is now. */
export async function readPassword({
  password,
}: Pick<Connection, 'password'>): Promise<string | undefined> {
  return typeof password === 'function' ? password() : password;
}
