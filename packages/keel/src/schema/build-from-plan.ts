import type { ClientBase, DatabaseError } from 'pg';
import { isKeelError, KeelError, messageOf, NOTHING_CHANGED } from '../errors';
import { isConnectionLoss } from '../db/connection-error';
import { quoteIdentifier, quoteTable } from '../db/quote';
import { buildSurroundings } from './build-surroundings';
import { keyOf, displayName } from './object-names';
import type { BuildPlan, BuildStatement } from './plan-build';
import type { QualifiedName, Schema, Table } from './schema';

/** A table that could not be built, and why; without a reason where it only refers to one of those. */
export interface BuildFailure {
  readonly table: QualifiedName;
  readonly error?: KeelError;
}

export interface BuildRunOptions {
  /**
   * Whether the client is inside a transaction. With very many tables that would need more locks than a
   * server has by default.
   */
  readonly inTransaction: boolean;
}

/**
 * Runs `plan` on an empty database. `surroundings` is what the migrations build: extensions, functions,
 * domains and sequences are taken from it, because models may use but cannot declare them.
 *
 * @returns what could not be built: the rest is. Inside of a transaction the first failure ends it, and is thrown.
 * @throws KeelError MODEL_NOT_BUILDABLE naming the model and attribute that PostgreSQL refuses.
 */
export async function buildFromPlan(
  client: ClientBase,
  plan: BuildPlan,
  surroundings: Schema | undefined,
  options: BuildRunOptions,
): Promise<BuildFailure[]> {
  const failures: BuildFailure[] = [];
  const attempt = async (statement: BuildStatement, run: () => Promise<void>): Promise<void> => {
    try {
      await run();
    } catch (error) {
      if (options.inTransaction || !isKeelError(error)) throw error;
      failures.push({ table: statement.table, error });
    }
  };
  const runAll = async (statements: readonly BuildStatement[]): Promise<void> => {
    for (const batch of batchesOf(statements)) {
      if (!options.inTransaction && (await runAtOnce(client, batch))) continue;
      for (const statement of batch) {
        if (isIn(failures, statement.table)) continue;
        await attempt(statement, () => runStatement(client, statement));
      }
    }
  };
  for (const name of plan.schemas)
    await client.query(`CREATE SCHEMA IF NOT EXISTS ${quoteIdentifier(name)}`);
  if (surroundings !== undefined) await buildNamespaces(client, surroundings);
  for (const name of plan.extensions)
    await client.query(`CREATE EXTENSION IF NOT EXISTS ${quoteIdentifier(name)}`);
  await runAll(plan.enums);
  if (surroundings !== undefined)
    await buildSurroundings(client, surroundings, options.inTransaction);
  await runAll(plan.tables);
  for (const batch of batchesOf(plan.foreignKeys)) {
    if (!options.inTransaction && (await runAtOnce(client, batch))) continue;
    for (const statement of batch) {
      if (isIn(failures, statement.table)) continue;
      // What is wrong is said of the table that it refers to.
      if (isIn(failures, statement.target)) failures.push({ table: statement.table });
      else {
        await attempt(statement, async () => {
          await buildForeignTarget(client, statement, plan, surroundings);
          await runStatement(client, statement);
        });
      }
    }
  }
  await runAll(plan.indexes);
  return failures;
}

/** Few enough to hold the locks of all at once. */
const BATCH = 50;

function batchesOf<T>(statements: readonly T[]): T[][] {
  const count = Math.ceil(statements.length / BATCH);
  return Array.from({ length: count }, (_, i) => statements.slice(i * BATCH, (i + 1) * BATCH));
}

/** Sends statements as one message, of which PostgreSQL keeps nothing where one fails: then it is false. */
async function runAtOnce(
  client: ClientBase,
  statements: readonly BuildStatement[],
): Promise<boolean> {
  try {
    // On lines of its own the semicolon is not taken for part of a comment.
    await client.query(statements.map(({ sql }) => sql).join('\n;\n'));
    return true;
  } catch (error) {
    if (isConnectionLoss(error)) throw error;
    return false;
  }
}

function isIn(failures: readonly BuildFailure[], table: QualifiedName): boolean {
  return failures.some((failure) => keyOf(failure.table) === keyOf(table));
}

/** The schema in which the models' tables of no schema are made, once the schemas of the migrations are there. */
export async function readDefaultSchema(
  client: ClientBase,
  { namespaces }: Schema,
): Promise<string | undefined> {
  for (const name of namespaces)
    await client.query(`CREATE SCHEMA IF NOT EXISTS ${quoteIdentifier(name)}`);
  const { rows } = await client.query<{ name: string | null }>(
    `SELECT pg_catalog.current_schema() AS name`,
  );
  return rows[0]?.name ?? undefined;
}

/** The extensions that this server cannot install, of those that Sequelize's types may need. */
export async function readUnavailableExtensions(client: ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT wanted.name FROM unnest(ARRAY['citext', 'hstore', 'postgis']) AS wanted(name)
     WHERE NOT EXISTS (SELECT 1 FROM pg_available_extensions a WHERE a.name = wanted.name)`,
  );
  return rows.map((row) => row.name);
}

async function buildNamespaces(client: ClientBase, surroundings: Schema): Promise<void> {
  for (const name of surroundings.namespaces) {
    await client.query(`CREATE SCHEMA IF NOT EXISTS ${quoteIdentifier(name)}`);
  }
  for (const { name, schema } of surroundings.extensions) {
    await client.query(
      `CREATE EXTENSION IF NOT EXISTS ${quoteIdentifier(name)} SCHEMA ${quoteIdentifier(schema)}`,
    );
  }
}

/** A table that a model refers to but none declares is built from the migrations' side, keys only. */
async function buildForeignTarget(
  client: ClientBase,
  { target, model, table, columns }: BuildPlan['foreignKeys'][number],
  plan: BuildPlan,
  surroundings: Schema | undefined,
): Promise<void> {
  if (plan.tables.some((statement) => keyOf(statement.table) === keyOf(target))) return;
  const found = surroundings?.tables.find((candidate) => keyOf(candidate) === keyOf(target));
  if (found === undefined) {
    throw new KeelError(
      `Model ${model} refers to the table ${displayName(target)}, which no model declares and no migration creates`,
      {
        code: 'MODEL_REFERENCE_MISSING',
        state: NOTHING_CHANGED,
        hint: hintFor(
          `${displayName(table)}.${Object.keys(columns).join(', ')}`,
          plan.tables.find((statement) => statement.table.name === target.name),
        ),
      },
    );
  }
  await client.query(stubOf(found));
}

/** Sequelize looks for a table without a schema in the schema of the model that refers to it. */
function hintFor(reference: string, namesake: BuildStatement | undefined): string {
  if (namesake === undefined)
    return `Look at the reference of ${reference}: the other model may not be loaded.`;
  return `Give the model ${namesake.model} the option schema: '${namesake.table.schema}': without it Sequelize takes the schema of the model with ${reference}.`;
}

function stubOf(table: Table): string {
  const columns = table.columns.map((column) => `${quoteIdentifier(column.name)} ${column.type}`);
  const keys = table.constraints
    .filter(({ kind }) => kind === 'primary key' || kind === 'unique')
    .map(({ name, definition }) => `CONSTRAINT ${quoteIdentifier(name)} ${definition}`);
  return `CREATE TABLE IF NOT EXISTS ${quoteTable(table.schema, table.name)} (${[...columns, ...keys].join(', ')})`;
}

async function runStatement(client: ClientBase, statement: BuildStatement): Promise<void> {
  try {
    await client.query(statement.sql);
  } catch (error) {
    throw notBuildable(statement, error as DatabaseError);
  }
}

function notBuildable(statement: BuildStatement, error: DatabaseError): KeelError {
  const culprit = culpritOf(statement, messageOf(error));
  const where = culprit === undefined ? statement.model : `${statement.model}, column ${culprit}`;
  return new KeelError(`PostgreSQL cannot build the model ${where}: ${messageOf(error)}`, {
    code: 'MODEL_NOT_BUILDABLE',
    state: NOTHING_CHANGED,
    hint:
      error.code === '42704' || error.code === '42883'
        ? 'Correct the model, or let a migration create the extension, type or function that it uses.'
        : 'Correct the model.',
    details: [statement.sql],
    cause: error,
  });
}

/** The column whose SQL holds the name that PostgreSQL complains of. */
function culpritOf(statement: BuildStatement, message: string): string | undefined {
  const name = /"([^"]+)"/.exec(message)?.[1]?.toLowerCase();
  const columns = Object.entries(statement.columns);
  if (columns.length === 1) return columns[0]?.[0];
  return columns.find(
    ([column, sql]) =>
      name !== undefined && (sql.toLowerCase().includes(name) || column.toLowerCase() === name),
  )?.[0];
}
