import type pg from 'pg';
import { quoteIdentifier, quoteTable } from '../db/quote';
import { KeelError } from '../errors';
import { readExisting, referredColumns, type ExistingRows } from './read/read-existing';
import type { BulkEvent, UndoneTable } from './bulk-events';
import { inTransaction } from './write/in-transaction';
import { loadTemporary } from './write/load-temporary';
import type { RowRange } from './plan/row-ranges';
import { CHUNKS_STAY, bulkInterrupted } from './write/bulk-interrupted';
import { compilePlan, type TableProgram } from './program/compile-plan';
import type { BulkOptions } from './prepare-bulk';
import { withBulkLock } from './run-bulk';
import type { BulkState, StoredTable } from './write/bulk-state';
import { carryOverBulkState, findBulkState } from './write/find-bulk-state';
import { assertUnreferenced, readReferences, type Reference } from './check/assert-unreferenced';
import { matchKey } from './program/match-key';
import type { TablePlan } from './plan/bulk-plan';

/** What to undo, and where. */
export type UndoOptions = Pick<
  BulkOptions,
  'connect' | 'schema' | 'chunkRows' | 'lockTimeoutMs' | 'signal' | 'onEvent'
>;

/**
 * Removes exactly the rows that bulk runs made, children first, in chunks that are committed one by one; an
 * interrupted undo goes on where it stopped. Rows of others are never removed, also not by ON DELETE CASCADE.
 *
 * @throws KeelError `SEED_UNDO_REFERENCED` where rows that bulk did not make refer to rows that it made
 */
export async function undoBulk(options: UndoOptions): Promise<UndoneTable[]> {
  return withBulkLock(options, async (client, lock) => {
    await carryOverBulkState(client, options.schema);
    const state = await findBulkState(client, options.schema);
    const stored = await state.read(client);
    if (stored.size === 0) {
      await state.drop(client);
      return [];
    }
    await assertTablesThere(client, state, stored);
    const programs = await programsOf(client, state, stored);
    const guarded = { ...options, guard: () => lock.assertHeld(CHUNKS_STAY) };
    const tables = [...stored.values()].reverse();
    for (const table of tables) await clearLate(client, state, table, programs, guarded);
    const undone: UndoneTable[] = [];
    for (const table of tables) {
      if (!table.plan.existing)
        undone.push(await undoTable(client, state, table, programs, guarded));
      await state.remove(client, table.plan.id);
    }
    await state.drop(client);
    return undone;
  });
}

/** A table that is gone may have been renamed, and its rows may still be there: the user has to say. */
async function assertTablesThere(
  client: pg.Client,
  state: BulkState,
  stored: ReadonlyMap<string, StoredTable>,
): Promise<void> {
  const gone: string[] = [];
  for (const [id, { plan }] of stored) {
    const { rows } = await client.query<{ there: boolean }>(
      'SELECT to_regclass($1) IS NOT NULL AS there',
      [quoteTable(plan.schema, plan.table)],
    );
    if (!rows[0]!.there) gone.push(id);
  }
  if (gone.length === 0) return;
  throw new KeelError(`Bulk data was made for ${gone.join(', ')}, which is not there any more.`, {
    code: 'SEED_UNDO_TABLE_GONE',
    state: 'Nothing was removed.',
    hint: `Where it was renamed, give it its name back for the undo. Where it was dropped, its rows are gone: DELETE FROM ${state.rowsOf(gone)}, and undo the rest.`,
  });
}

type GuardedUndo = UndoOptions & { readonly guard: () => void };
type Programs = (table: string) => TableProgram;

async function programsOf(
  client: pg.Client,
  state: BulkState,
  stored: ReadonlyMap<string, StoredTable>,
): Promise<Programs> {
  const plans = [...stored.values()].map((table) => table.plan);
  const existing = new Map<string, ExistingRows['keys']>();
  for (const table of stored.values()) {
    const columns = table.plan.existing ? referredColumns(table.plan, plans) : [];
    if (columns.length === 0) continue;
    const rows = await readExisting(client, table.plan, columns, table.plan.rows);
    if (rows.fingerprint !== table.fingerprint && keysDependOn(plans, table.plan.id)) {
      throw keysLost(table, state);
    }
    existing.set(table.plan.id, rows.keys);
  }
  const segments = new Map([...stored].map(([id, table]) => [id, table.segments]));
  return (id) => {
    // Tables that have nothing to do with one another may have been made by different seeds.
    const { seed, generatorVersion } = stored.get(id)!;
    const plan = { seed, generatorVersion, tables: plans };
    return compilePlan({ plan, customs: new Map(), segments, existing })(id);
  };
}

/** Whether the key of some table is made of keys of rows that were there already. */
function keysDependOn(plans: readonly TablePlan[], parent: string): boolean {
  return plans.some((table) =>
    table.relations.some(
      (each) => each.parent === parent && each.columns.some((name) => table.key.includes(name)),
    ),
  );
}

function keysLost({ plan }: StoredTable, state: BulkState): KeelError {
  return new KeelError(`The rows of ${plan.id} that bulk data was related to have changed since.`, {
    code: 'SEED_UNDO_LOST',
    state: 'Nothing was removed.',
    hint: `The keys of the rows that were made cannot be computed any more; remove them by hand, then DROP TABLE ${state.chunks}, ${state.tables}.`,
  });
}

/** Takes back the foreign keys of the second pass, so that the tables of a cycle can be emptied. */
async function clearLate(
  client: pg.Client,
  state: BulkState,
  table: StoredTable,
  programs: Programs,
  { signal, guard }: GuardedUndo,
): Promise<void> {
  const { id, schema, table: name } = table.plan;
  const full = quoteTable(schema, name);
  if (table.done[2].length === 0) return;
  const program = programs(id);
  for (const range of [...table.done[2]].reverse()) {
    if (signal?.aborted) throw bulkInterrupted();
    guard();
    await inTransaction(client, async () => {
      await loadTemporary(client, 'keel_bulk_keys', full, program.key, range);
      const set = program.late.map((column) => `${quoteIdentifier(column.name)} = NULL`).join(', ');
      await client.query(
        `UPDATE ${full} AS own SET ${set} FROM keel_bulk_keys AS made WHERE ${matchKey(program)}`,
      );
      await state.removeChunk(client, id, 2, range);
    });
  }
}

async function undoTable(
  client: pg.Client,
  state: BulkState,
  table: StoredTable,
  programs: Programs,
  options: GuardedUndo,
): Promise<UndoneTable> {
  const { id, model } = table.plan;
  const ranges = [...table.done[1]].reverse();
  const rows = ranges.reduce((sum, range) => sum + range.to - range.from, 0);
  if (rows > 0 && table.plan.key.length === 0) throw withoutKey(table, state);
  const references = await readReferences(client, table.plan);
  const tell = (event: BulkEvent): void => options.onEvent?.(event);
  tell({ event: 'removing', model, table: id, rows });
  const program = programs(id);
  let removed = 0;
  let gone = 0;
  for (const range of ranges) {
    if (options.signal?.aborted) throw bulkInterrupted();
    options.guard();
    await inTransaction(client, async () => {
      removed += await removeRows(client, table, program, range, references);
      await state.removeChunk(client, id, 1, range);
    });
    gone += range.to - range.from;
    tell({ event: 'progress', table: id, sent: gone, committed: gone, rows });
  }
  const undone = { model, table: id, removed, missing: rows - removed };
  tell({ event: 'removed', ...undone });
  return undone;
}

async function removeRows(
  client: pg.Client,
  table: StoredTable,
  program: TableProgram,
  range: RowRange,
  references: readonly Reference[],
): Promise<number> {
  const full = quoteTable(table.plan.schema, table.plan.table);
  await loadTemporary(client, 'keel_bulk_keys', full, program.key, range);
  for (const reference of references) await assertUnreferenced(client, program, reference, full);
  const { rowCount } = await client.query(
    `DELETE FROM ${full} AS own USING keel_bulk_keys AS made WHERE ${matchKey(program)}`,
  );
  return rowCount ?? 0;
}

function withoutKey({ plan }: StoredTable, state: BulkState): KeelError {
  return new KeelError(
    `${plan.id} has no primary key: the rows that were made cannot be told from others.`,
    {
      code: 'SEED_UNDO_NO_KEY',
      state: 'What was removed before stays removed.',
      hint: `Remove the rows of ${plan.id} by hand, then DELETE FROM ${state.rowsOf([plan.id])}.`,
    },
  );
}
