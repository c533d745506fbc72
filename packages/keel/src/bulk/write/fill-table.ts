import type pg from 'pg';
import { quoteIdentifier, quoteTable } from '../../db/quote';
import type { CatalogTable } from '../plan/catalog-table';
import { copyRows, insertRows, type CopyHooks } from './copy-rows';
import { rowsIn, missingRanges, type RowRange } from '../plan/row-ranges';
import type { ColumnProgram } from '../program/column-program';
import type { TableProgram } from '../program/compile-plan';
import { addConstraintsBack, dropConstraints, type Dropped } from './rebuild-constraints';
import type { Writers } from './writers';
import { assertWritten } from './assert-written';
import { explainFailure } from './explain-failure';
import { finishTransaction, inTransaction } from './in-transaction';
import { loadTemporary } from './load-temporary';
import type { BulkState, StoredTable } from './bulk-state';

/** How a table is to be filled. */
export interface FillJob {
  readonly program: TableProgram;
  readonly catalog: CatalogTable;
  readonly stored: StoredTable;
  readonly state: BulkState;
  readonly chunkRows: number;
  /** Whether its foreign keys and plain indexes may be dropped and added back in the transaction of the rows. */
  readonly rebuild: 'empty' | 'always' | 'never';
  /** Throws where the lock that keeps other runs away is lost. */
  readonly guard: () => void;
  readonly hooks: CopyHooks;
  /** Called when a transaction with so many rows has been committed. */
  readonly onCommit: (rows: number) => void;
  readonly onConstraints?: (step: 'dropped' | 'adding') => void;
  /** Called when the table has all of its rows and rules, with a connection for what is still to do. */
  readonly onFilled: (client: pg.Client) => Promise<void>;
}

/** Below this many rows, checking foreign keys row by row costs less than the locks for adding them back. */
const WORTH_REBUILDING = 20_000;

/** The tables that filling one locks: its own and those that it refers to. */
export function tablesOf({ program: { plan }, catalog }: FillJob): string[] {
  return [
    plan.id,
    ...plan.relations.map(({ parent }) => parent),
    ...catalog.foreignKeys.map(({ parent }) => parent),
  ];
}

/**
 * Writes the rows that are still missing, each exactly once. Returns when they are handed over; what the server has to
 * do then goes on with the connection that it has.
 */
export async function fillTable(writers: Writers, job: FillJob): Promise<void> {
  const { plan } = job.program;
  const explained = (write: () => Promise<void>): Promise<void> =>
    explainFailure({ plan, catalog: job.catalog }, write);
  const gaps = missingRanges(job.stored.done[1], plan.rows, job.chunkRows);
  const begun = mayRebuild(job, gaps) && (await beginRebuild(writers, job, explained));
  if (begun) {
    const { client, dropped } = begun;
    await writers.begin(client, tablesOf(job), async (handOver) => {
      await explained(() => fillAndRebuild(client, job, gaps, dropped, handOver));
      await job.onFilled(client);
    });
    return;
  }
  await explained(() => fillLive(writers, job, gaps));
  const client = await writers.idle();
  await writers.begin(client, [plan.id], async (handOver) => {
    handOver();
    await job.onFilled(client);
  });
}

async function fillLive(writers: Writers, job: FillJob, gaps: readonly RowRange[]): Promise<void> {
  // A row may refer to a row of the chunk before it: chunks must be written in order.
  const alone = job.program.plan.relations.some(
    (relation) => relation.parent === job.program.plan.id,
  );
  const clients = alone ? [await writers.idle()] : writers.clients;
  await writers.shareOut(clients, smallEnough(gaps, clients.length), (client, gap) =>
    inTransaction(client, async () => {
      await writeRows(client, job, gap);
      await job.state.addChunk(client, job.program.plan.id, 1, gap);
    }).then(() => job.onCommit(gap.to - gap.from)),
  );
}

/** Below this many rows, a transaction's own cost begins to show. */
const SMALLEST_CHUNK = 10_000;

/** Cuts chunks into smaller ones, so that no connection is idle long before the others end. */
function smallEnough(gaps: readonly RowRange[], connections: number): readonly RowRange[] {
  if (connections === 1) return gaps;
  const rows = Math.max(SMALLEST_CHUNK, Math.ceil(rowsIn(gaps) / connections / 4));
  return gaps.flatMap(({ from, to }) =>
    missingRanges([], to - from, rows).map((part) => ({
      from: from + part.from,
      to: from + part.to,
    })),
  );
}

function mayRebuild(job: FillJob, gaps: readonly RowRange[]): boolean {
  const { catalog, rebuild } = job;
  if (
    rebuild === 'never' ||
    !catalog.owned ||
    catalog.kind !== 'r' ||
    catalog.foreignKeys.length === 0
  )
    return false;
  if (rebuild === 'always') return true;
  return job.stored.done[1].length === 0 && rowsIn(gaps) >= WORTH_REBUILDING;
}

async function writeRows(client: pg.Client, job: FillJob, range: RowRange): Promise<void> {
  const { program, catalog, hooks } = job;
  job.guard();
  const target = {
    table: nameOf(job),
    columns: program.columns,
  };
  await (catalog.rowSecurity ? insertRows : copyRows)(client, target, range, hooks);
  await assertWritten(client, { program, catalog }, range);
}

/** Begins the transaction of {@link fillAndRebuild}; undefined, with nothing changed, where it cannot begin. */
async function beginRebuild(
  writers: Writers,
  job: FillJob,
  explained: (write: () => Promise<void>) => Promise<void>,
): Promise<{ readonly client: pg.Client; readonly dropped: Dropped } | undefined> {
  const client = await writers.idle();
  let dropped: Dropped | undefined;
  await explained(async () => {
    dropped = await dropConstraints(client, nameOf(job), job.catalog, job.rebuild !== 'always');
  });
  return dropped && { client, dropped };
}

/**
 * Writes all rows in one transaction that has dropped the table's foreign keys and plain indexes and then adds them
 * back: checking all rows at once is far cheaper than row by row. If the run dies, the transaction rolls back.
 */
async function fillAndRebuild(
  client: pg.Client,
  job: FillJob,
  gaps: readonly RowRange[],
  dropped: Dropped,
  handOver: () => void,
): Promise<void> {
  await finishTransaction(client, async () => {
    job.onConstraints?.('dropped');
    for (const gap of gaps) {
      await writeRows(client, job, gap);
      await job.state.addChunk(client, job.program.plan.id, 1, gap);
    }
    job.onConstraints?.('adding');
    handOver();
    await addConstraintsBack(client, nameOf(job), dropped);
  });
  job.onCommit(rowsIn(gaps));
}

/** The table's name, quoted and qualified. */
function nameOf({ program: { plan } }: FillJob): string {
  return quoteTable(plan.schema, plan.table);
}

/** Fills the foreign keys that had to wait for tables filled later. */
export async function fillLate(writers: Writers, job: FillJob): Promise<void> {
  const { program, stored, state } = job;
  if (program.late.length === 0) return;
  const gaps = missingRanges(stored.done[2], program.plan.rows, job.chunkRows);
  const table = nameOf(job);
  const name = (column: ColumnProgram): string => quoteIdentifier(column.name);
  const set = program.late.map((column) => `${name(column)} = late.${name(column)}`).join(', ');
  const match = program.key
    .map((column) => `own.${name(column)} = late.${name(column)}`)
    .join(' AND ');
  await writers.shareOut(writers.clients, gaps, (client, gap) =>
    inTransaction(client, async () => {
      job.guard();
      await loadTemporary(
        client,
        'keel_bulk_late',
        table,
        [...program.key, ...program.late],
        gap,
        job.hooks.signal,
      );
      await client.query(
        `UPDATE ${table} AS own SET ${set} FROM keel_bulk_late AS late WHERE ${match}`,
      );
      await state.addChunk(client, program.plan.id, 2, gap);
    }),
  );
}
