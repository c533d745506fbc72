import type pg from 'pg';
import { lockKey } from '../../db/advisory-lock';
import { postgresError } from '../../db/connection-error';
import { KeelError } from '../../errors';

const WRITERS = lockKey('bulk writers').toString();

/** Takes a shared lock until the end of the transaction: it writes bulk data. */
export const HOLD_WRITER_LOCK = `SELECT pg_advisory_xact_lock_shared(${WRITERS})`;

/**
 * Waits until no transaction of an earlier run is open. When a process is killed, its run's lock is free at once,
 * but the server may still commit what the process sent last. Only then is it certain which chunks are done.
 *
 * @throws KeelError `LOCK_TIMEOUT`
 */
export async function awaitWriterLock(client: pg.Client, timeoutMs: number): Promise<void> {
  await client.query('BEGIN');
  try {
    await client.query(`SET LOCAL lock_timeout = ${Math.max(1, timeoutMs)}`);
    await client.query('SELECT pg_advisory_xact_lock($1)', [WRITERS]);
  } catch (error) {
    if (postgresError(error)?.code !== '55P03') throw error;
    throw new KeelError('A connection of an earlier bulk run is still writing.', {
      code: 'LOCK_TIMEOUT',
      state: 'Nothing was changed by this run.',
      hint: 'Its client is gone; wait, or end it with pg_terminate_backend (see "keel db:seed:bulk" in pg_stat_activity).',
      cause: error,
    });
  } finally {
    await client.query('ROLLBACK').catch(() => undefined);
  }
}
