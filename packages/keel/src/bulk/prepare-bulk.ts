import type pg from 'pg';
import type { Model, ModelStatic } from 'sequelize';
import { quoteTable } from '../db/quote';
import { KeelError, NOTHING_WRITTEN } from '../errors';
import type { CatalogTable } from './plan/catalog-table';
import { readBulkTables } from './read/read-bulk-tables';
import { assertConstraints } from './check/assert-constraints';
import type { BulkEvent } from './bulk-events';
import {
  MOST_EXISTING,
  readExisting,
  referredColumns,
  type ExistingRows,
} from './read/read-existing';
import type { PlanFile } from './plan/define-plan';
import type { PlanInputs } from './plan/plan-inputs';
import { describeModels } from './plan/describe-models';
import { planBeforehand, planBulk, type PlannedBulk } from './plan/plan-bulk';
import type { BulkPlan } from './plan/bulk-plan';
import { compilePlan, type TableProgram } from './program/compile-plan';
import { assertContinues } from './write/register-plan';
import type { BulkState, StoredTable } from './write/bulk-state';
import { findBulkState } from './write/find-bulk-state';
import { assertValidators } from './check/assert-validators';

/** What to make, and where. */
export interface BulkOptions {
  /** Opens a connection to the database. */
  readonly connect: () => Promise<pg.Client>;
  readonly models: readonly ModelStatic<Model>[];
  /** The schema of the ledger, which tells the projects of a database apart; that of the connection where undefined. */
  readonly schema?: string | undefined;
  readonly rows: ReadonlyMap<string, number>;
  readonly scale?: number | undefined;
  readonly seed?: number | undefined;
  readonly file?: PlanFile | undefined;
  /** How many connections write at once where constraints stay live; 2 where undefined. */
  readonly connections?: number | undefined;
  /** Rows of one transaction at most; 100,000 where undefined. */
  readonly chunkRows?: number | undefined;
  /**
   * When foreign keys are dropped and added back within the transaction of the rows: on empty tables only
   * (the default, unless several connections are asked for), always, or never.
   */
  readonly rebuild?: 'empty' | 'always' | 'never' | undefined;
  /** How long to wait for another bulk run to end, in milliseconds. */
  readonly lockTimeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: (event: BulkEvent) => void;
}

/** A plan together with everything that is needed to make its rows. */
export interface PreparedBulk extends PlannedBulk {
  readonly state: BulkState;
  readonly stored: ReadonlyMap<string, StoredTable>;
  readonly catalogs: ReadonlyMap<string, CatalogTable>;
  readonly existing: ReadonlyMap<string, ExistingRows>;
}

/** Reads models, database and earlier runs, and makes the plan; writes nothing. */
export async function prepareBulk(client: pg.Client, options: BulkOptions): Promise<PreparedBulk> {
  const { inputs, state, stored } = await readInputs(client, options);
  const planned = planBulk(inputs);
  const existing = await readAllExisting(client, planned.plan, stored);
  assertContinues(planned.plan, stored);
  const prepared = {
    ...planned,
    state,
    stored,
    existing,
    catalogs: new Map(inputs.tables.map((table) => [table.id, table])),
  };
  const programs = previewPrograms(prepared);
  await assertValidators(options.models, planned.plan, programs);
  await assertConstraints(client, planned.plan, prepared.catalogs, programs);
  return prepared;
}

/**
 * Refuses a plan that stays impossible whatever rows are added before it runs. For a command that runs seeders first.
 *
 * @throws KeelError `SEED_PLAN_IMPOSSIBLE`, `SEED_PLAN_CHANGED`
 */
export async function checkBulk(options: BulkOptions): Promise<void> {
  const client = await options.connect();
  try {
    const { inputs, stored } = await readInputs(client, options);
    assertContinues(planBeforehand(inputs), stored);
  } finally {
    await client.end().catch(() => undefined);
  }
}

interface Inputs {
  readonly inputs: PlanInputs;
  readonly state: BulkState;
  readonly stored: ReadonlyMap<string, StoredTable>;
}

async function readInputs(client: pg.Client, options: BulkOptions): Promise<Inputs> {
  const models = describeModels(options.models);
  const state = await findBulkState(client, options.schema);
  const stored = await state.read(client);
  const tables = await readAllTables(client, models);
  const made = [...stored].filter(([, each]) => !each.plan.existing);
  const inputs = {
    models,
    tables,
    rows: options.rows,
    scale: options.scale,
    seed: options.seed,
    file: options.file,
    present: await countPresent(client, tables),
    made: new Map(made.map(([id, each]) => [id, each.plan.rows])),
  };
  return { inputs, state, stored };
}

/** Programs for a plan that is not recorded yet: they number rows as in an empty database. */
export function previewPrograms(prepared: PreparedBulk): (table: string) => TableProgram {
  const { plan, customs, existing } = prepared;
  const counts = Object.fromEntries(plan.tables.map((table) => [table.id, table.rows]));
  const segments = new Map(
    plan.tables.map((table) => [
      table.id,
      [{ from: 0, to: table.rows, bases: {}, parents: counts }],
    ]),
  );
  return compilePlan({
    plan,
    customs,
    segments,
    existing: new Map([...existing].map(([id, { keys }]) => [id, keys])),
  });
}

/** The models' tables, and those that their foreign keys refer to. */
async function readAllTables(
  client: pg.Client,
  models: ReturnType<typeof describeModels>,
): Promise<CatalogTable[]> {
  const tables = await readBulkTables(client, models);
  const known = new Set(tables.map((table) => table.id));
  const parents = tables.flatMap((table) => table.foreignKeys);
  const wanted = parents.filter(
    ({ parent }, at) =>
      !known.has(parent) && parents.findIndex((key) => key.parent === parent) === at,
  );
  if (wanted.length === 0) return tables;
  const further = await readBulkTables(
    client,
    wanted.map(({ parentTable }) => parentTable),
  );
  return [...tables, ...further];
}

async function countPresent(
  client: pg.Client,
  tables: readonly CatalogTable[],
): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const table of tables) {
    if (!table.mayInsert) continue;
    const { rows } = await client.query<{ count: number }>(
      `SELECT count(*)::float8 AS count FROM (SELECT 1 FROM ${quoteTable(table.schema, table.table)} LIMIT ${MOST_EXISTING}) AS first_rows`,
    );
    counts.set(table.id, rows[0]!.count);
  }
  return counts;
}

async function readAllExisting(
  client: pg.Client,
  plan: BulkPlan,
  stored: ReadonlyMap<string, StoredTable>,
): Promise<Map<string, ExistingRows>> {
  const found = new Map<string, ExistingRows>();
  for (const table of plan.tables) {
    const columns = table.existing ? referredColumns(table, plan.tables) : [];
    if (columns.length === 0) continue;
    const rows = await readExisting(client, table, columns, table.rows);
    const before = stored.get(table.id);
    if (before?.plan.existing) await assertKept(client, before, columns, rows);
    found.set(table.id, rows);
  }
  return found;
}

/** Rows that serve as parents must still be the first of their table, in the same order; more may follow them. */
async function assertKept(
  client: pg.Client,
  before: StoredTable,
  columns: readonly string[],
  now: ExistingRows,
): Promise<void> {
  if (now.fingerprint === before.fingerprint) return;
  const first = await readExisting(client, before.plan, columns, before.plan.rows);
  if (first.fingerprint === before.fingerprint) return;
  throw new KeelError(`The rows of ${before.plan.id} that serve as parents have changed.`, {
    code: 'SEED_PLAN_CHANGED',
    state: NOTHING_WRITTEN,
    hint: 'Rows made from now on would not fit the earlier ones; remove those first: keel db:seed:bulk:undo.',
  });
}
