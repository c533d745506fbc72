import type pg from 'pg';
import { lockKey } from '../../db/advisory-lock';
import { postgresError } from '../../db/connection-error';
import { KeelError } from '../../errors';

const WRITERS = lockKey('bulk writers').toString();

/** Marks a transaction as one that writes bulk data, to its end. */
export async function holdWriterLock(client: pg.Client): Promise<void> {
  await client.query('SELECT pg_advisory_xact_lock_shared($1)', [WRITERS]);
}

/**
 * Waits for writers of a run that was killed: its lock is free as soon as its process is gone, while the server
 * may still be about to commit what it sent last. What has been done is certain only after that.
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
