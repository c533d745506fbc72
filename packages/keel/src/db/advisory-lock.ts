import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { interrupted, KeelError, messageOf, RUN_AGAIN } from '../errors';
import { awaitLastAnswer } from './client';
import { isoTime } from './quote';
import { onAnswered } from './wire';

/** Another session that holds the lock we wait for. */
export interface LockHolder {
  readonly pid: number;
  readonly application: string;
  readonly client: string;
  readonly since: string;
}

/** How to wait for a lock. */
export interface LockOptions {
  /** How long to try, in milliseconds. */
  readonly timeoutMs: number;
  /** What the lock protects, for messages. */
  readonly purpose: string;
  /** The flag that makes it wait longer. */
  readonly flag?: string;
  /** Called once after a second of waiting, with the session that has the lock where it can be seen. */
  readonly onWait?: (holder: LockHolder | undefined) => void;
  readonly signal?: AbortSignal;
}

/** A lock that is held for as long as its connection lives. */
export interface HeldLock {
  /**
   * The lock's own connection, in a transaction that must not end. No statement that takes a snapshot may run on it:
   * CREATE INDEX CONCURRENTLY waits for the end of every transaction that has one.
   */
  readonly client: pg.Client;
  /**
   * @param state what is the case now, for the error
   * @throws KeelError `LOCK_LOST` when the connection, and with it the lock, is gone
   */
  assertHeld(state?: string): void;
  isHeld(): boolean;
}

/**
 * Reads within a transaction that goes on, and keeps nothing of the reading:
 *
 * - no lock on the tables, for which a migration that alters the ledger would wait for ever;
 * - no snapshot, for which CREATE INDEX CONCURRENTLY would wait. The portal of the last statement with parameters
 *   holds one until its savepoint is rolled back.
 */
export async function readAndForget<T>(client: pg.Client, read: () => Promise<T>): Promise<T> {
  await client.query('SAVEPOINT keel_read');
  const result = await read();
  await client.query('ROLLBACK TO SAVEPOINT keel_read; RELEASE SAVEPOINT keel_read');
  return result;
}

/**
 * No time limit ends the lock's transaction. The keepalives let the server notice within half a minute, rather than
 * after two hours, that our machine is gone, so that the next runner gets the lock.
 */
const LOCK_SETTINGS = Object.entries({
  idle_in_transaction_session_timeout: 0,
  transaction_timeout: 0,
  statement_timeout: 0,
  lock_timeout: 0,
  tcp_keepalives_idle: 15,
  tcp_keepalives_interval: 5,
  tcp_keepalives_count: 3,
})
  .map(([name, value]) => `('${name}', '${value}')`)
  .join(', ');

/** The advisory lock's key for a purpose: 64 bits of its hash, as PostgreSQL's signed bigint. */
export function lockKey(...parts: readonly string[]): bigint {
  const digest = createHash('sha256')
    .update(['keel', ...parts].join('\0'))
    .digest();
  return digest.readBigInt64BE(0);
}

/**
 * Holds an advisory lock for the length of a callback, on a connection given over to it that stays in an open
 * transaction meanwhile.
 *
 * The lock is polled: a runner that blocked in `pg_advisory_lock` would hold a snapshot, for which another's
 * CREATE INDEX CONCURRENTLY waits for ever. It is a transaction's lock because a pooler in transaction mode
 * would leave a session's lock behind.
 */
export async function withAdvisoryLock<T>(
  client: pg.Client,
  key: bigint,
  options: LockOptions,
  use: (lock: HeldLock) => Promise<T>,
): Promise<T> {
  const lost = watchLoss(client);
  try {
    await acquire(client, key, options);
    return await use({
      client,
      isHeld: () => lost() === undefined,
      assertHeld: (state) => {
        const reason = lost();
        if (reason !== undefined) throw lockLost(reason, options.purpose, state);
      },
    });
  } finally {
    if (lost() === undefined) await awaitLastAnswer(client.query('ROLLBACK'));
  }
}

function watchLoss(client: pg.Client): () => string | undefined {
  let reason: string | undefined;
  client.on('error', (error) => (reason ??= messageOf(error)));
  client.on('end', () => (reason ??= 'the connection ended'));
  // A statement that fails aborts the transaction, and its locks go at once, not only with the ROLLBACK.
  onAnswered(client, (status) => {
    if (status === 'E') reason ??= 'a statement failed in its transaction';
  });
  return () => reason;
}

/** Takes the lock in a transaction that stays open; leaves none open where it cannot be had. */
async function tryToHold(client: pg.Client, key: bigint): Promise<boolean> {
  await client.query('BEGIN');
  await client.query(
    `SELECT set_config(name, value, true) FROM (VALUES ${LOCK_SETTINGS}) wanted (name, value)
      WHERE current_setting(name, true) IS NOT NULL`,
  );
  if (await tryLock(client, key)) return true;
  await client.query('ROLLBACK');
  return false;
}

/**
 * Outside of a transaction it only tells whether the lock is free. A runner that waits asks in this way: in an open
 * transaction it would hold a snapshot, and a CREATE INDEX CONCURRENTLY of the run that it waits for would wait for
 * it in turn. PostgreSQL does not see that deadlock.
 */
async function tryLock(client: pg.Client, key: bigint): Promise<boolean> {
  const { rows } = await client.query<{ held: boolean }>(
    `SELECT pg_catalog.pg_try_advisory_xact_lock(${key.toString()}) AS held`,
  );
  return rows[0]?.held ?? false;
}

async function acquire(client: pg.Client, key: bigint, options: LockOptions): Promise<void> {
  const start = Date.now();
  let told = false;
  for (let free = true; ; free = await tryLock(client, key)) {
    if (free && (await tryToHold(client, key))) return;
    const waited = Date.now() - start;
    if (options.signal?.aborted) {
      throw interrupted({
        message: `Interrupted while waiting for the lock on ${options.purpose}.`,
        state: 'Nothing was changed by this run.',
      });
    }
    if (waited >= options.timeoutMs) throw lockTimeout(await findHolder(client, key), options);
    if (!told && waited >= 1000) {
      told = true;
      options.onWait?.(await findHolder(client, key));
    }
    // Jitter, so that many runners started at once do not ask in step.
    await sleep(Math.min(options.timeoutMs - waited, 50 + Math.random() * 100));
  }
}

async function findHolder(client: pg.Client, key: bigint): Promise<LockHolder | undefined> {
  const bits = BigInt.asUintN(64, key);
  // Within a transaction pg_stat_activity stays as it was when it was first read.
  await client.query('SELECT pg_catalog.pg_stat_clear_snapshot()');
  const { rows } = await client.query<{
    pid: number;
    application: string;
    client: string;
    since: string | null;
  }>(
    `SELECT a.pid, a.application_name AS application, coalesce(host(a.client_addr), 'local') AS client,
            ${isoTime('a.xact_start')} AS since
       FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_stat_activity a USING (pid)
      WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
        AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
        AND l.classid = $1::bigint::oid AND l.objid = $2::bigint::oid`,
    [(bits >> 32n).toString(), (bits & 0xffff_ffffn).toString()],
  );
  const row = rows[0];
  return row && { ...row, since: row.since ?? 'an unknown time' };
}

/** The holder in words. */
export function describeHolder(holder: LockHolder | undefined): string {
  if (!holder) return 'another session';
  return `pid ${holder.pid} (${holder.application || 'unnamed'}, from ${holder.client}, since ${holder.since})`;
}

function lockTimeout(holder: LockHolder | undefined, options: LockOptions): KeelError {
  const { flag = '--lock-timeout' } = options;
  return new KeelError(
    `Waited ${options.timeoutMs / 1000} s for the lock on ${options.purpose}; ${describeHolder(holder)} holds it.`,
    {
      code: 'LOCK_TIMEOUT',
      state: 'Nothing was changed by this run.',
      hint: holder
        ? `Wait for it to finish, raise ${flag}, or end it with: SELECT pg_terminate_backend(${holder.pid});`
        : `Run again, or raise ${flag}.`,
    },
  );
}

function lockLost(reason: string, purpose: string, state?: string): KeelError {
  return new KeelError(`The connection that held the lock on ${purpose} was lost: ${reason}.`, {
    code: 'LOCK_LOST',
    state,
    hint: RUN_AGAIN,
  });
}
