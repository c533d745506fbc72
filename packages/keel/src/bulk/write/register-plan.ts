import type pg from 'pg';
import { postgresError } from '../../db/connection-error';
import { quoteIdentifier, quoteTable } from '../../db/quote';
import { KeelError, NOTHING_WRITTEN } from '../../errors';
import type { CatalogTable } from '../plan/catalog-table';
import { refusalOf } from './explain-failure';
import { comparePlans } from '../plan/compare-plans';
import type { BulkState, StoredTable } from './bulk-state';
import type { BulkPlan, Segment, TablePlan } from '../plan/bulk-plan';

/** What registering a plan has to know. */
export interface Registration {
  readonly plan: BulkPlan;
  readonly stored: ReadonlyMap<string, StoredTable>;
  readonly catalogs: ReadonlyMap<string, CatalogTable>;
  /** Hashes of the keys of the tables whose rows are taken as they are. */
  readonly fingerprints: ReadonlyMap<string, string>;
  readonly state: BulkState;
}

/**
 * Refuses a plan that is not a continuation of what was made before.
 *
 * @throws KeelError `SEED_PLAN_CHANGED` that says what changed
 */
export function assertContinues(plan: BulkPlan, stored: ReadonlyMap<string, StoredTable>): void {
  const changes = plan.tables.flatMap((table) => {
    const before = stored.get(table.id);
    if (!before) return [];
    return [
      ...(before.seed === plan.seed
        ? []
        : [`${table.model}: the seed was ${before.seed}, now ${plan.seed}`]),
      ...(before.generatorVersion === plan.generatorVersion
        ? []
        : [
            `${table.model}: the generator version was ${before.generatorVersion}, now ${plan.generatorVersion}`,
          ]),
      ...comparePlans(before.plan, table),
    ];
  });
  if (changes.length === 0) return;
  throw new KeelError('The plan is not the one that the rows which are there were made by.', {
    code: 'SEED_PLAN_CHANGED',
    state: NOTHING_WRITTEN,
    details: changes,
    hint: 'Go back to the earlier plan, or remove its rows first: keel db:seed:bulk:undo.',
  });
}

/**
 * Records the plan and reserves the numbers of its rows, before anything is written. One transaction, so that
 * a killed run leaves either all of it or nothing.
 */
export async function registerPlan(client: pg.Client, registration: Registration): Promise<void> {
  const { plan, stored, state, catalogs, fingerprints } = registration;
  const counts = Object.fromEntries(plan.tables.map((table) => [table.id, table.rows]));
  await client.query('BEGIN');
  try {
    await state.create(client);
    for (const [position, table] of plan.tables.entries()) {
      const before = stored.get(table.id);
      const made = before?.plan.rows ?? 0;
      const same =
        before &&
        made === table.rows &&
        (before.fingerprint ?? undefined) === fingerprints.get(table.id);
      if (same) continue;
      const segments = [...(before?.segments ?? [])];
      if (!table.existing && (table.rows > made || !before)) {
        const bases = await reserveNumbers(
          client,
          table,
          catalogs.get(table.id)!,
          table.rows - made,
        );
        segments.push({ from: made, to: table.rows, bases, parents: parentsOf(table, counts) });
      }
      await state.write(client, {
        plan: table,
        // Undo goes backwards through the positions: tables filled by an earlier run keep theirs.
        position: before?.position ?? position + nextPosition(stored),
        seed: plan.seed,
        generatorVersion: plan.generatorVersion,
        segments,
        fingerprint: fingerprints.get(table.id) ?? null,
      });
    }
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw refusalOf(error, NOTHING_WRITTEN);
  }
}

function nextPosition(stored: ReadonlyMap<string, StoredTable>): number {
  return Math.max(0, ...[...stored.values()].map((table) => table.position + 1));
}

function parentsOf(table: TablePlan, counts: Readonly<Record<string, number>>): Segment['parents'] {
  return Object.fromEntries(table.relations.map(({ parent }) => [parent, counts[parent] ?? 0]));
}

/** The first number of each serial column, after which `rows` numbers are ours. */
async function reserveNumbers(
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
    const { sequence, sequenceStart, sequenceStep } = catalog.columns.find(
      (each) => each.name === column.name,
    )!;
    const found = await client.query<{ most: number | null }>(
      `SELECT ${sequenceStep < 0 ? 'min' : 'max'}(${quoteIdentifier(column.name)})::float8 AS most FROM ${name}`,
    );
    const most = found.rows[0]?.most ?? null;
    const used =
      sequence === undefined ? undefined : await lastNumber(client, sequence, sequenceStep);
    // An empty table that nobody can write to now starts anew: the same plan gives the same numbers.
    const free = most === null && locked;
    const start = sequence === undefined ? 1 : sequenceStart;
    const further = (a: number, b: number): number =>
      sequenceStep < 0 ? Math.min(a, b) : Math.max(a, b);
    const last = free
      ? start - sequenceStep
      : further(most ?? start - sequenceStep, used ?? start - sequenceStep);
    const base = last + sequenceStep;
    const end = base + (rows - 1) * sequenceStep;
    checkRoom(table, column.attribute, column.type.name, end);
    bases[column.name] = base;
    if (sequence !== undefined) {
      await client.query('SELECT setval($1::regclass, $2::int8)', [
        sequence,
        further(end, used ?? end),
      ]);
    }
  }
  return bases;
}

const LARGEST: Readonly<Record<string, number>> = { int2: 32_767, int4: 2_147_483_647 };

function checkRoom(table: TablePlan, attribute: string, type: string, end: number): void {
  const largest = LARGEST[type] ?? Number.MAX_SAFE_INTEGER;
  if (Math.abs(end) <= largest) return;
  throw new KeelError(
    `${table.model}.${attribute} would reach ${end}, and its type ends at ${largest}.`,
    {
      code: 'SEED_NUMBERS_EXHAUSTED',
      state: NOTHING_WRITTEN,
      hint: 'Make fewer rows, or widen the column to BIGINT.',
    },
  );
}

async function lastNumber(client: pg.Client, sequence: string, step: number): Promise<number> {
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
