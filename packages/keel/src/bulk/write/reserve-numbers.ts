import type pg from 'pg';
import type { ColumnSequence } from '../../db/column-sequences';
import { postgresError } from '../../db/connection-error';
import { quoteIdentifier, quoteTable } from '../../db/quote';
import { KeelError, NOTHING_WRITTEN } from '../../errors';
import type { ColumnPlan, TablePlan } from '../plan/bulk-plan';
import type { CatalogTable } from '../plan/catalog-table';

/**
 * Takes the numbers of new rows from their sequences, in the transaction that records the plan.
 *
 * @returns the first number of each serial column, after which `rows` numbers are ours
 * @throws KeelError `SEED_NUMBERS_EXHAUSTED` where the column's type or its sequence ends before
 */
export async function reserveNumbers(
  client: pg.Client,
  table: TablePlan,
  catalog: CatalogTable,
  rows: number,
): Promise<Record<string, number>> {
  const bases: Record<string, number> = {};
  const serial = table.columns.filter((column) => column.generator.kind === 'serial');
  if (serial.length === 0 || rows === 0) return bases;
  const name = quoteTable(table.schema, table.table);
  const locked = await lockTable(client, name);
  for (const column of serial) {
    const sequence = catalog.columns.find((each) => each.name === column.name)!.sequence;
    bases[column.name] = await reserve(client, { table, name, locked, column, sequence, rows });
  }
  return bases;
}

interface Reservation {
  readonly table: TablePlan;
  /** Quoted and qualified. */
  readonly name: string;
  /** Whether nobody else can write to the table meanwhile. */
  readonly locked: boolean;
  readonly column: ColumnPlan;
  readonly sequence: ColumnSequence | undefined;
  readonly rows: number;
}

async function reserve(client: pg.Client, reservation: Reservation): Promise<number> {
  const { table, name, locked, column, sequence, rows } = reservation;
  const step = sequence?.step ?? 1;
  const further = step < 0 ? Math.min : Math.max;
  const found = await client.query<{ furthest: number | null }>(
    `SELECT ${step < 0 ? 'min' : 'max'}(${quoteIdentifier(column.name)})::float8 AS furthest FROM ${name}`,
  );
  const furthest = found.rows[0]!.furthest;
  const used = sequence && (await lastNumber(client, sequence));
  const beforeFirst = (sequence?.start ?? 1) - step;
  // In an empty table the numbers start at the sequence's start, so that the same plan makes the same rows. Not if
  // others may write to it now, or if other columns use the sequence: their rows may have those numbers.
  const startsAnew = furthest === null && locked && !sequence?.shared;
  const last = startsAnew ? beforeFirst : further(furthest ?? beforeFirst, used ?? beforeFirst);
  const base = last + step;
  const end = base + (rows - 1) * step;
  assertRoom(table, column, sequence, end);
  if (sequence)
    await client.query('SELECT setval($1::regclass, $2::int8)', [
      sequence.sequence,
      further(end, used ?? end),
    ]);
  return base;
}

const LARGEST: Readonly<Record<string, number>> = { int2: 32_767, int4: 2_147_483_647 };

function assertRoom(
  table: TablePlan,
  { attribute, type }: ColumnPlan,
  sequence: ColumnSequence | undefined,
  end: number,
): void {
  const column = `${table.model}.${attribute}`;
  const largest = LARGEST[type.name];
  if (largest === undefined && !Number.isSafeInteger(end)) {
    throw new KeelError(
      `${column} would reach ${BigInt(end)}, and keel counts to ${Number.MAX_SAFE_INTEGER} (2^53 - 1) only.`,
      {
        code: 'SEED_NUMBERS_EXHAUSTED',
        state: NOTHING_WRITTEN,
        hint: `Give the column numbers of its own in a plan file, such as models.${table.model}.columns.${attribute}: generate.integer(1, 1_000_000_000).`,
      },
    );
  }
  if (largest !== undefined && Math.abs(end) > largest) {
    throw new KeelError(`${column} would reach ${end}, and its type ends at ${largest}.`, {
      code: 'SEED_NUMBERS_EXHAUSTED',
      state: NOTHING_WRITTEN,
      hint: 'Make fewer rows, or widen the column to BIGINT.',
    });
  }
  if (!sequence) return;
  const bound = sequence.step < 0 ? sequence.least : sequence.most;
  if (sequence.step < 0 ? end >= Number(bound) : end <= Number(bound)) return;
  throw new KeelError(
    `${column} would reach ${end}, and its sequence ${sequence.sequence} ends at ${bound}.`,
    {
      code: 'SEED_NUMBERS_EXHAUSTED',
      state: NOTHING_WRITTEN,
      hint: `Make fewer rows, or move the end: ALTER SEQUENCE ${sequence.sequence} ${sequence.step < 0 ? 'NO MINVALUE' : 'NO MAXVALUE'}.`,
    },
  );
}

/** The last number that a sequence gave. */
async function lastNumber(client: pg.Client, { sequence, step }: ColumnSequence): Promise<number> {
  const { rows } = await client.query<{ last: number }>(
    `SELECT (CASE WHEN is_called THEN last_value ELSE last_value - $1::int8 END)::float8 AS last FROM ${sequence}`,
    [step],
  );
  return rows[0]!.last;
}

/** Keeps writers out for the moment of the reservation; a role that may only INSERT goes without. */
async function lockTable(client: pg.Client, name: string): Promise<boolean> {
  await client.query('SAVEPOINT keel_lock');
  try {
    await client.query("SET LOCAL lock_timeout = '5s'");
    await client.query(`LOCK TABLE ${name} IN SHARE ROW EXCLUSIVE MODE`);
    return true;
  } catch (error) {
    const code = postgresError(error)?.code;
    if (code !== '42501' && code !== '55P03') throw error;
    await client.query('ROLLBACK TO SAVEPOINT keel_lock');
    return false;
  }
}
