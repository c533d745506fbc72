import type pg from 'pg';
import { KeelError } from '../errors';
import { groupChanges, takeKeys } from './apply-changes';
import type { BackfillOptions } from './backfill-options';
import { stored, type BackfillIdentity, type BackfillRecord } from './backfill-record';
import {
  nextPlaceSql,
  readRowsSql,
  updateSql,
  writeRowsSql,
  type KeyPosition,
  type KeyRange,
} from './batch-sql';
import type { Change } from './plan-backfill';
import type { Target } from './read-target';

/** A backfill that is ready to run. */
export interface Job {
  readonly client: pg.Client;
  readonly target: Target;
  readonly change: Change;
  readonly record: BackfillRecord;
  readonly identity: BackfillIdentity;
  readonly options: Pick<
    BackfillOptions,
    'batch' | 'pause' | 'lockTimeout' | 'maxLag' | 'patience'
  >;
  readonly each: ((rows: readonly object[]) => unknown) | undefined;
  readonly signal: AbortSignal | undefined;
}

/** What came of a batch that is committed. */
export interface Batch {
  readonly rows: number;
  /** All that is done and changed by now. */
  readonly done: number;
  readonly changed: number;
  /** Whether it was the last one. */
  readonly finished: boolean;
  /** Whether another session waits for the locks that it had. */
  readonly waitedFor: boolean;
}

const LOCK_TIMEOUT_MS = 250;

/**
 * Does one batch in a transaction of its own, together with its place in the record. The place is read in the same
 * transaction and locked, so it does not matter who committed the batch before: an earlier run, whose client was
 * killed, or another process that does the same.
 */
export async function runBatch(job: Job, limit: number): Promise<Batch> {
  const { client } = job;
  try {
    return await tryBatch(job, limit);
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

async function tryBatch(job: Job, limit: number): Promise<Batch> {
  const { client, target, record, identity } = job;
  const state = await beginBatch(job);
  if (!state || state.finished) {
    await client.query('COMMIT');
    return {
      rows: 0,
      done: state?.done ?? 0,
      changed: state?.changed ?? 0,
      finished: true,
      waitedFor: false,
    };
  }
  const rest = { after: state.position, to: state.last };
  const { rows: found } = await client.query<{ rows: number; place: string[] }>(
    nextPlaceSql(target, rest, limit),
  );
  const rows = found[0]?.rows ?? 0;
  const place = found[0]?.place;
  const finished = rows < limit || place?.join('\0') === state.last.join('\0');
  // The last batch goes up to where the table ended, so that a row that comes meanwhile is not left out.
  const to: KeyPosition = finished ? state.last : (place ?? state.last);
  const changed = await changeRows(job, { after: state.position, to });
  const sql = [
    record.advanceSql(identity, { to, rows, changed }),
    ...(finished ? [record.finishSql(identity)] : []),
    WAITERS,
    'COMMIT',
  ];
  const results = (await client.query(sql.join('; '))) as unknown as pg.QueryResult[];
  const waiters = results.at(-2)?.rows as { waited: boolean }[];
  return {
    rows,
    done: state.done + rows,
    changed: state.changed + changed,
    finished,
    waitedFor: waiters[0]?.waited ?? false,
  };
}

/** Begins a transaction in which texts of keys mean the same on every connection. */
async function beginBatch({
  client,
  record,
  identity,
  options,
}: Job): Promise<ReturnType<typeof stored> | undefined> {
  const results = (await client.query(
    `BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL lock_timeout = ${options.lockTimeout ?? LOCK_TIMEOUT_MS};
     SET LOCAL datestyle = 'ISO'; SET LOCAL intervalstyle = 'postgres'; SET LOCAL extra_float_digits = 3;
     ${record.lockSql(identity)}`,
  )) as unknown as pg.QueryResult<Parameters<typeof stored>[0]>[];
  const row = results.at(-1)?.rows[0];
  return row && stored(row);
}

async function changeRows({ client, target, change, each }: Job, range: KeyRange): Promise<number> {
  const { assignments, where, columns } = change;
  if (assignments !== undefined) {
    const { rowCount } = await client.query(updateSql(target, range, { assignments, where }));
    return rowCount ?? 0;
  }
  const { rows: read } = await client.query<Record<string, unknown>>(
    readRowsSql(target, range, { columns, where }),
  );
  if (read.length === 0) return 0;
  const { rows, keys } = takeKeys(target, read);
  const changes = await each?.(rows);
  if (!Array.isArray(changes))
    throw new Error(
      '"each" is to return a list of changes, and an empty one where there are none.',
    );
  let changed = 0;
  for (const { columns: named, values } of groupChanges(target, { keys }, changes)) {
    const { rowCount } = await client.query(writeRowsSql(target, named), [...values]);
    changed += rowCount ?? 0;
  }
  return changed;
}

/** pg_blocking_pids() is asked for sessions only that wait: it stops the whole table of locks for a moment. */
const WAITERS = `SELECT EXISTS (SELECT FROM pg_catalog.pg_locks
   WHERE NOT granted AND pg_catalog.pg_backend_pid() = ANY (pg_catalog.pg_blocking_pids(pid))) AS waited`;

/**
 * Asks whether a transaction is open on a connection that the caller believes to be free.
 *
 * @throws KeelError `BACKFILL_IN_TRANSACTION`
 */
export async function requireNoTransaction(client: pg.Client): Promise<void> {
  // Outside of a transaction a statement's own begins with it.
  const { rows } = await client.query<{ within: boolean }>(
    'SELECT pg_catalog.transaction_timestamp() <> pg_catalog.statement_timestamp() AS within',
  );
  if (!rows[0]?.within) return;
  throw new KeelError(
    'backfill() was called in a transaction, which would lock all of its rows until the end.',
    {
      code: 'BACKFILL_IN_TRANSACTION',
      state: 'Nothing was changed by it.',
      hint: 'Give it a migration of its own, and write in the file: export const transaction = false.',
    },
  );
}
