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

/** How to reach a database: what `pg` needs, read from the project's config. */
export interface Connection {
  /** A host name, an address, or the folder of a Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string | undefined;
  readonly password: Password | undefined;
  /** As `pg` takes it: `true`, or the options of a TLS socket. */
  readonly ssl: boolean | object | undefined;
  /** Further options for `pg`, from `dialectOptions` and the URL's query. */
  readonly options: Readonly<Record<string, unknown>>;
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
