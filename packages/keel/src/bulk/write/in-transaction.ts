import type pg from 'pg';
import { HOLD_WRITER_LOCK } from './writer-lock';

/** Runs a callback in a transaction. */
export async function inTransaction(client: pg.Client, use: () => Promise<void>): Promise<void> {
  await commitAfter(client, async () => {
    await client.query(`BEGIN; ${HOLD_WRITER_LOCK}`);
    await use();
  });
}

/** Ends a transaction that was begun: after the callback, or by rolling back where it fails. */
export async function finishTransaction(
  client: pg.Client,
  use: () => Promise<void>,
): Promise<void> {
  await commitAfter(client, async () => {
    await client.query(HOLD_WRITER_LOCK);
    await use();
  });
}

async function commitAfter(client: pg.Client, use: () => Promise<void>): Promise<void> {
  try {
    await use();
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}
