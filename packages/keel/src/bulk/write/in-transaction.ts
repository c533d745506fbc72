import type pg from 'pg';
import { holdWriterLock } from './writer-lock';

/** Runs a callback in a transaction. */
export async function inTransaction(client: pg.Client, use: () => Promise<void>): Promise<void> {
  await client.query('BEGIN');
  await finishTransaction(client, use);
}

/** Ends a transaction that was begun: after the callback, or by rolling back where it fails. */
export async function finishTransaction(
  client: pg.Client,
  use: () => Promise<void>,
): Promise<void> {
  try {
    await holdWriterLock(client);
    await use();
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}
