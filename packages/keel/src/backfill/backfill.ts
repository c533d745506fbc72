import type pg from 'pg';
import type { QueryInterface } from 'sequelize';
import type { BackfillOptions, BackfillResult, BackfillRow } from './backfill-options';
import { BackfillRecord, type BackfillIdentity, type StoredBackfill } from './backfill-record';
import { anyRowSql, lastPlaceSql, updateSql } from './batch-sql';
import { backfillTableRemade, backfillUnfinished, explainFailure } from './explain-backfill';
import { planBackfill, valueMissing, type Change } from './plan-backfill';
import { estimateRows, readTarget, type Target } from './read-target';
import { requireNoTransaction, type Job } from './run-batch';
import { runBatches } from './run-batches';
import { runningFile, type RunningFile } from './running-file';
import { printProgress, ProgressTeller } from './tell-progress';
import { withSequelizeClient } from './with-sequelize-client';

/**
 * Changes the rows of a full table in small batches, each committed together with its place in the table, so that
 * nobody waits for long, and a run that was killed goes on exactly where it stopped. The rows are gone through in the
 * order of the table's key, up to the last one that there is at the beginning.
 *
 * For a migration of its own with `transaction = false`. Under keel no row is done twice, whenever the run is killed;
 * under sequelize-cli and Umzug the same holds, but for the moment between the last batch and their own record.
 *
 * @throws KeelError `BACKFILL_INVALID`, `BACKFILL_NO_KEY`, `BACKFILL_IN_TRANSACTION`, `BACKFILL_UNFINISHED`,
 *   `BACKFILL_BLOCKED`, `BACKFILL_FAILED`, `CONNECTION_LOST`, `INTERRUPTED`
 * @example
 * export const transaction = false;
 *
 * export async function up(queryInterface) {
 *   await backfill(queryInterface, {
 *     table: 'orders',
 *     set: { total: literal('price * amount') },
 *     where: { total: null },
 *   });
 * }
 */
export async function backfill<Row extends object = BackfillRow>(
  queryInterface: QueryInterface,
  options: BackfillOptions<Row>,
): Promise<BackfillResult> {
  const file = runningFile();
  const number = file ? file.backfills++ : 0;
  return withSequelizeClient(queryInterface, async (client) => {
    const target = await readTarget(client, options.table);
    const change = planBackfill(queryInterface, target, options);
    if (file?.pretend) return pretend(client, target, change);
    await requireNoTransaction(client);
    const { name = '', direction = '' } = file ?? {};
    const identity = { relation: target.name, file: name, direction, number };
    try {
      return await fill(client, { target, change, identity, file }, options);
    } catch (error) {
      throw explainFailure(error, client, { target, identity });
    }
  });
}

/** Lets a dry run show the statement of a batch. Only its plan is asked for: the rows would be locked until the end. */
async function pretend(client: pg.Client, target: Target, change: Change): Promise<BackfillResult> {
  const { rows } = await client.query<{ place: string[] }>(lastPlaceSql(target));
  const { assignments, where } = change;
  const place = rows[0]?.place;
  if (place && assignments !== undefined)
    await client.query(
      `EXPLAIN ${updateSql(target, { after: undefined, to: place }, { assignments, where })}`,
    );
  return { table: target.name, rows: 0, changed: 0, batches: 0, resumed: false };
}

interface Work {
  readonly target: Target;
  readonly change: Change;
  readonly identity: BackfillIdentity;
  readonly file: RunningFile | undefined;
}

async function fill<Row extends object>(
  client: pg.Client,
  work: Work,
  options: BackfillOptions<Row>,
): Promise<BackfillResult> {
  const { target, change, file } = work;
  const { missing, where } = change;
  if (missing !== undefined) {
    const { rows } = await client.query(anyRowSql(target, where));
    if (rows.length > 0) throw valueMissing(target, missing);
    return { table: target.name, rows: 0, changed: 0, batches: 0, resumed: false };
  }
  const record = await BackfillRecord.find(client);
  const before = await takeUp(client, record, work);
  // An empty table in a new database has left no record.
  if (file && record.exists) file.onRecord.add(record.clearSql(file));
  const table = target.name;
  if (!before) return { table, rows: 0, changed: 0, batches: 0, resumed: false };
  const { done, changed, finished } = before;
  const resumed = before.position !== undefined;
  if (finished) return { table, rows: done, changed, batches: 0, resumed };
  const job: Job = {
    client,
    target,
    change,
    record,
    identity: before,
    options,
    each: options.each as Job['each'],
    signal: file?.signal,
  };
  const teller = new ProgressTeller(table, before, listenerOf(file, options));
  let current = done;
  const { last, batches } = await runBatches(job, {
    onBatch: (batch) => {
      current = batch.done;
      teller.report(current);
    },
    onWait: (reason) => {
      teller.report(current, reason);
    },
  });
  return { table, rows: last.done, changed: last.changed, batches, resumed };
}

function listenerOf<Row extends object>(
  file: RunningFile | undefined,
  { onProgress }: BackfillOptions<Row>,
): NonNullable<BackfillOptions['onProgress']> {
  if (onProgress) return onProgress;
  if (file) return (progress) => file.report(progress);
  return printProgress((line) => process.stderr.write(line));
}

/**
 * Finds the backfill where an earlier run left it, or begins it.
 *
 * @returns undefined where the table is empty
 * @throws KeelError `BACKFILL_UNFINISHED` where another backfill of the table is not at its end
 */
async function takeUp(
  client: pg.Client,
  record: BackfillRecord,
  { target, change, identity }: Work,
): Promise<StoredBackfill | undefined> {
  const { definition } = change;
  const rows = await record.read(client, target.name);
  const remade = rows.find((row) => isSame(row, identity) && isRemade(row, target));
  if (remade && !(await record.dropUnbegun(client, remade)))
    throw backfillTableRemade(target, record, remade);
  const recorded = rows.filter((row) => row !== remade);
  const mine = recorded.find((other) => isSame(other, identity));
  if (mine && isOf(mine, definition)) return mine;
  const other = mine ?? recorded.find(({ finished }) => !finished);
  // Where nothing is done yet, another one may as well begin.
  if (other && !(await record.dropUnbegun(client, other))) {
    // A run by another tool has left it: the file is not known to one of the two.
    const nameless = (other.file === '') !== (identity.file === '');
    if (nameless && isOf(other, definition) && !isRemade(other, target)) return other;
    throw backfillUnfinished(target, record, other, definition);
  }
  const last = await readLast(client, target);
  if (!last) return undefined;
  const total = await estimateRows(client, target);
  await record.begin(client, { ...identity, definition, tableOid: target.oid, last, total });
  const begun = (await record.read(client, target.name)).find((row) => isSame(row, identity));
  // Another process may have come to the end of it meanwhile.
  return (
    begun ?? {
      ...identity,
      definition,
      tableOid: target.oid,
      position: undefined,
      last,
      done: 0,
      changed: 0,
      total,
      finished: true,
    }
  );
}

function isSame(a: BackfillIdentity, b: BackfillIdentity): boolean {
  return a.file === b.file && a.direction === b.direction && a.number === b.number;
}

function isRemade({ tableOid }: StoredBackfill, { oid }: Target): boolean {
  return tableOid !== null && tableOid !== oid;
}

function isOf(stored: StoredBackfill, definition: string): boolean {
  return stored.definition === null || stored.definition === definition;
}

/** The last place of the table, in the form in which every batch writes places. */
async function readLast(client: pg.Client, target: Target): Promise<string[] | undefined> {
  const results = (await client.query(
    `BEGIN; SET LOCAL datestyle = 'ISO'; SET LOCAL intervalstyle = 'postgres'; SET LOCAL extra_float_digits = 3;
     ${lastPlaceSql(target)}; COMMIT`,
  )) as unknown as pg.QueryResult<{ place: string[] }>[];
  return results.at(-2)?.rows[0]?.place;
}
