import type pg from 'pg';

/** A connection together with the transaction status that the server last told. */
export interface WatchedConnection {
  readonly client: pg.Client;
  /** I: idle, T: in a transaction, E: in a failed transaction. */
  readonly status: 'I' | 'T' | 'E';
  /** Whether keel limits how long a statement waits for a lock: because it was told to, or by default. */
  readonly lockLimit: 'given' | 'default' | 'none';
  /** Resolves when the server has ended its answer to a failed statement, so that the status is up to date. */
  answered(): Promise<void>;
}
