import type pg from 'pg';
import { processIdOf } from '../../db/wire';

/** Limits that a run is given by its options, in milliseconds. */
export interface Limits {
  readonly lockTimeoutMs?: number;
  readonly statementTimeoutMs?: number;
}

/** How often the server looks whether we are still there while it works on a statement, in milliseconds. */
const LOOK_FOR_US_MS = 5000;

/** What is known of the server that a run is on. */
export interface ServerSettings {
  /** What to tell PostgreSQL: names and values for SET. */
  readonly wanted: Readonly<Record<string, number>>;
  /** For how long a statement may wait for a lock, in milliseconds; 0 for ever. */
  readonly lockTimeoutMs: number;
  /** Whether a pooler stands between: the server's number for the connection is not the one that we were told. */
  readonly pooled: boolean;
}

/**
 * Reads what a run has to tell PostgreSQL to be spared what only a transaction of its own brings upon a file (under
 * sequelize-cli a file waits and works outside of one), and to have its statement ended, and its locks freed,
 * when the runner is killed in the middle of it.
 */
export async function readServerSettings(
  client: pg.Client,
  limits: Limits,
): Promise<ServerSettings> {
  const { rows } = await client.query<{
    pid: number;
    wait: number;
    idle: string;
    whole: string;
    look: string | null;
  }>(
    `SELECT pg_backend_pid() AS pid,
            (extract(epoch FROM current_setting('lock_timeout')::interval) * 1000)::integer AS wait,
            current_setting('idle_in_transaction_session_timeout') AS idle,
            coalesce(current_setting('transaction_timeout', true), '0') AS whole,
            CASE WHEN version() ~ '(linux|darwin|freebsd)'
                 THEN current_setting('client_connection_check_interval', true) END AS look`,
  );
  const { pid, wait = 0, idle = '0', whole = '0', look = null } = rows[0] ?? {};
  const wanted = {
    ...(idle === '0' ? {} : { idle_in_transaction_session_timeout: 0 }),
    ...(whole === '0' ? {} : { transaction_timeout: 0 }),
    ...(look === '0' ? { client_connection_check_interval: LOOK_FOR_US_MS } : {}),
    ...(limits.lockTimeoutMs === undefined
      ? {}
      : { lock_timeout: Math.round(limits.lockTimeoutMs) }),
    ...(limits.statementTimeoutMs === undefined
      ? {}
      : { statement_timeout: Math.round(limits.statementTimeoutMs) }),
  };
  return {
    wanted,
    lockTimeoutMs: limits.lockTimeoutMs ?? wait,
    pooled: pid !== processIdOf(client),
  };
}
