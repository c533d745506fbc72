/** A running embedded server. */
export interface ServerInfo {
  readonly host: string;
  readonly port: number;
  /** The id of its main process. */
  readonly pid: number;
  readonly dataDir: string;
  /** Of PostgreSQL, such as `18.4`. */
  readonly version: string;
}
