/** How to reach a database: what `pg` needs, read from the project's config. */
export interface Connection {
  /** A host name, an address, or the folder of a Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string | undefined;
  readonly password: string | undefined;
  /** As `pg` takes it: `true`, or the options of a TLS socket. */
  readonly ssl: boolean | object | undefined;
  /** Further options for `pg`, from `dialectOptions` and the URL's query. */
  readonly options: Readonly<Record<string, unknown>>;
}
