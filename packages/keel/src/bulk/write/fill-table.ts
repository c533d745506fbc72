import type pg from 'pg';
import { quoteIdentifier, quoteTable } from '../../db/quote';
import type { CatalogTable } from '../plan/catalog-table';
import { copyRows, insertRows, type CopyHooks } from './copy-rows';
import { rowsIn, missingRanges, type RowRange } from '../plan/row-ranges';
import type { ColumnProgram } from '../program/column-program';
import type { TableProgram } from '../program/compile-plan';
import { addConstraintsBack, dropConstraints } from './rebuild-constraints';
import { assertWritten } from './assert-written';
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
}

/** Below this many rows, checking foreign keys row by row costs less than the locks for adding them back. */
const WORTH_REBUILDING = 20_000;

/** Writes the rows that are still missing, each exactly once. */
export async function fillTable(clients: readonly pg.Client[], job: FillJob): Promise<void> {
  const gaps = missingRanges(job.stored.done[1], job.program.plan.rows, job.chunkRows);
  if (gaps.length === 0) return;
  if (mayRebuild(job, gaps) && (await fillAndRebuild(clients[0]!, job, gaps))) return;
  // A row may refer to a row of the chunk before it: chunks must be written in order.
  const alone = job.program.plan.relations.some(
    (relation) => relation.parent === job.program.plan.id,
  );
  const writers = alone ? clients.slice(0, 1) : clients;
  await shareOut(writers, smallEnough(gaps, writers.length), (client, gap) =>
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

async function writeRows(
  client: pg.Client,
  { program, catalog, hooks, guard }: FillJob,
  range: RowRange,
): Promise<void> {
  guard();
  const target = {
    table: quoteTable(program.plan.schema, program.plan.table),
    columns: program.columns,
  };
  await (catalog.rowSecurity ? insertRows : copyRows)(client, target, range, hooks);
  await assertWritten(client, { program, catalog }, range);
}

/**
 * Writes all rows in one transaction that first drops the table's foreign keys and plain indexes and then adds them
 * back: checking all rows at once is far cheaper than row by row. If the run dies, the transaction rolls back.
 *
 * @returns false, with nothing changed, where {@link dropConstraints} cannot begin
 */
async function fillAndRebuild(
  client: pg.Client,
  job: FillJob,
  gaps: readonly RowRange[],
): Promise<boolean> {
  const { plan } = job.program;
  const name = quoteTable(plan.schema, plan.table);
  const dropped = await dropConstraints(client, name, job.catalog, job.rebuild !== 'always');
  if (!dropped) return false;
  await finishTransaction(client, async () => {
    job.onConstraints?.('dropped');
    for (const gap of gaps) {
      await writeRows(client, job, gap);
      await job.state.addChunk(client, plan.id, 1, gap);
    }
    job.onConstraints?.('adding');
    await addConstraintsBack(client, name, dropped);
  });
  job.onCommit(rowsIn(gaps));
  return true;
}

/** Fills the foreign keys that had to wait for tables filled later. */
export async function fillLate(clients: readonly pg.Client[], job: FillJob): Promise<void> {
  const { program, stored, state } = job;
  if (program.late.length === 0) return;
  const gaps = missingRanges(stored.done[2], program.plan.rows, job.chunkRows);
  const table = quoteTable(program.plan.schema, program.plan.table);
  const name = (column: ColumnProgram): string => quoteIdentifier(column.name);
  const set = program.late.map((column) => `${name(column)} = late.${name(column)}`).join(', ');
  const match = program.key
    .map((column) => `own.${name(column)} = late.${name(column)}`)
    .join(' AND ');
  await shareOut(clients, gaps, (client, gap) =>
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

/** Works through a list with several connections; the first failure stops the others after their current item. */
async function shareOut<T>(
  clients: readonly pg.Client[],
  items: readonly T[],
  work: (client: pg.Client, item: T) => Promise<void>,
): Promise<void> {
  let next = 0;
  let failed = false;
  const results = await Promise.allSettled(
    clients.map(async (client) => {
      while (!failed && next < items.length) {
        const item = items[next]!;
        next += 1;
        try {
          await work(client, item);
        } catch (error) {
          failed = true;
          throw error;
        }
      }
    }),
  );
  const rejected = results.find((result) => result.status === 'rejected');
  if (rejected) throw rejected.reason;
}
