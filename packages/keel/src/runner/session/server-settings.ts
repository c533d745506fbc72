import { processIdOf } from '../../db/wire';
import type pg from 'pg';

/** Limits that a run is given by its options, in milliseconds. */
export interface Limits {
  readonly lockTimeoutMs?: number;
  /** The lock_timeout of files in a transaction, where neither the options nor the server have one. */
  readonly defaultLockTimeoutMs?: number;
  readonly statementTimeoutMs?: number;
}

/** How often the server looks whether we are still there while it works on a statement, in milliseconds. */
const LOOK_FOR_US_MS = 5000;

/** What is known of the server that a run is on. */
export interface ServerSettings {
  /** What to tell PostgreSQL: names and values for SET. */
  readonly wanted: Readonly<Record<string, number>>;
  /** keel's own lock_timeout in milliseconds, for what can be repeated; undefined where somebody else has set one. */
  readonly ownLockTimeoutMs: number | undefined;
  /** For how long a statement may wait for a lock, in milliseconds; 0 for ever. */
  readonly lockTimeoutMs: number;
  /** Whether a pooler stands between: the server's number for the connection is not the one that we were told. */
  readonly pooled: boolean;
}

/** What the server answers to {@link SERVER_SETTINGS}. */
export interface ServerSettingsRow {
  readonly pid: number;
  readonly wait: number;
  readonly idle: string;
  readonly whole: string;
  readonly look: string | null;
}

/** SQL for the settings that a run depends on. */
export const SERVER_SETTINGS = `
  SELECT pg_backend_pid() AS pid,
         (extract(epoch FROM current_setting('lock_timeout')::interval) * 1000)::integer AS wait,
         current_setting('idle_in_transaction_session_timeout') AS idle,
         coalesce(current_setting('transaction_timeout', true), '0') AS whole,
         CASE WHEN version() ~ '(linux|darwin|freebsd)'
              THEN current_setting('client_connection_check_interval', true) END AS look`;

/**
 * What a run has to tell PostgreSQL. A transaction of keel's own must bring no limit upon a file that it did not
 * have under sequelize-cli, where it was in none. And when the runner is killed in the middle of a statement, the
 * server must notice, end the statement and free its locks.
 */
export function serverSettings(
  { pid, wait, idle, whole, look }: ServerSettingsRow,
  { lockTimeoutMs, defaultLockTimeoutMs, statementTimeoutMs }: Limits,
  client: pg.Client,
): ServerSettings {
  const wanted: Record<string, number> = {};
  if (idle !== '0') wanted.idle_in_transaction_session_timeout = 0;
  if (whole !== '0') wanted.transaction_timeout = 0;
  if (look === '0') wanted.client_connection_check_interval = LOOK_FOR_US_MS;
  if (lockTimeoutMs !== undefined) wanted.lock_timeout = Math.round(lockTimeoutMs);
  if (statementTimeoutMs !== undefined) wanted.statement_timeout = Math.round(statementTimeoutMs);
  const ownLockTimeoutMs =
    lockTimeoutMs === undefined && wait === 0 ? defaultLockTimeoutMs : undefined;
  return {
    wanted,
    ownLockTimeoutMs,
    lockTimeoutMs: lockTimeoutMs ?? ownLockTimeoutMs ?? wait,
    pooled: pid !== processIdOf(client),
  };
}
