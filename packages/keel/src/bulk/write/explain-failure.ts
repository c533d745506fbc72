import { isConnectionLoss, postgresError, type PostgresError } from '../../db/connection-error';
import { isKeelError, KeelError, messageOf } from '../../errors';
import type { CatalogTable } from '../plan/catalog-table';
import { CHUNKS_STAY } from './bulk-interrupted';
import { attributeIn } from '../plan/attribute-in';
import type { TablePlan } from '../plan/bulk-plan';

/** A table that is written to. */
export interface WrittenTable {
  readonly plan: TablePlan;
  readonly catalog: CatalogTable;
}

/** Runs a write and turns what PostgreSQL refuses into an error that says what to do. */
export async function explainFailure(
  table: WrittenTable,
  write: () => Promise<void>,
): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (isKeelError(error) || isLoss(error)) throw error;
    throw writeFailed(table, error);
  }
}

/**
 * Runs all of a bulk command. A lost connection, and a statement that PostgreSQL refuses, become errors that say
 * what to do.
 */
export async function explainLoss<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw isLoss(error) ? connectionLost(error) : refusalOf(error, CHUNKS_STAY);
  }
}

/** What PostgreSQL refused as an error that says what to do; anything else as it is. */
export function refusalOf(error: unknown, state: string): unknown {
  const refused = postgresError(error);
  if (isKeelError(error) || !refused || isLoss(error)) return error;
  return new KeelError(`PostgreSQL refused a statement: ${messageOf(error)}`, {
    code: 'SEED_REFUSED',
    state,
    details: linesOf(refused, undefined),
    hint:
      refused.code === '42501'
        ? `GRANT the missing privilege to this role. Besides INSERT and SELECT on the tables it takes UPDATE on their sequences, DELETE for undo, and CREATE on the database, or else on the ledger's schema, for keel's own tables. ${AGAIN}`
        : AGAIN,
    cause: error,
  });
}

function isLoss(error: unknown): boolean {
  return !isKeelError(error) && isConnectionLoss(error);
}

function connectionLost(error: unknown): KeelError {
  return new KeelError(`The connection to the server was lost: ${messageOf(error)}.`, {
    code: 'CONNECTION_LOST',
    state: CHUNKS_STAY,
    hint: AGAIN,
    cause: error,
  });
}

const AGAIN = 'Run the same command again: it goes on where this one stopped.';

function writeFailed({ plan, catalog }: WrittenTable, error: unknown): KeelError {
  const refused = postgresError(error);
  const rule = refused?.constraint === undefined ? undefined : ruleOf(catalog, refused.constraint);
  return new KeelError(`Filling ${plan.id} (${plan.model}) failed: ${messageOf(error)}`, {
    code: 'SEED_WRITE_FAILED',
    state: CHUNKS_STAY,
    hint: hintFor(refused?.code ?? '', plan, rule),
    details: refused ? linesOf(refused, rule) : [],
    cause: error,
  });
}

/** A constraint or unique index that refused a row. */
interface Rule {
  readonly definition: string | undefined;
  readonly columns: readonly string[];
}

function ruleOf({ constraints, uniques }: CatalogTable, name: string): Rule | undefined {
  return [...constraints, ...uniques].find((each) => each.name === name);
}

function linesOf({ code, detail, where }: PostgresError, rule: Rule | undefined): string[] {
  return [
    `SQLSTATE ${code}`,
    ...(rule?.definition === undefined ? [] : [rule.definition]),
    ...(detail ? [detail] : []),
    ...(where ? [where.split('\n')[0]!] : []),
  ];
}

const UNDO_FIRST = 'first undo: keel db:seed:bulk:undo.';

function hintFor(code: string, plan: TablePlan, rule: Rule | undefined): string {
  const columns = rule?.columns.map((name) => attributeIn(plan, name)).join(', ');
  const generators = columns
    ? `other generators for ${columns} (models.${plan.model}.columns in the plan file)`
    : `other generators for columns of ${plan.model} in a plan file`;
  switch (code) {
    case '23505':
      return rule?.definition === undefined
        ? `A row that was there before has the same value. Name ${generators}, or use another --seed; ${UNDO_FIRST}`
        : `Different values of ${columns} are the same to this index, or a row that was there before has them. Name ${generators}; ${UNDO_FIRST}`;
    case '23514':
      return `Name ${generators} that satisfy it; ${UNDO_FIRST}`;
    case '23P01':
      return `Exclusion constraints are not read when values are chosen. Name ${generators} whose values do not exclude one another, or make fewer rows; ${UNDO_FIRST}`;
    case '53100':
      return `There is no space left on the server. Make some. ${AGAIN}`;
    case '42501':
      return 'GRANT the missing privilege to this role, and run the same command again.';
    default:
      return PASSES.test(code)
        ? AGAIN
        : `The same command will fail in the same way. Name ${generators}, correct what refuses them, or leave the table out with --rows ${plan.model}=0; ${UNDO_FIRST}`;
  }
}

/** Classes of SQLSTATE that say nothing against the rows: connections, conflicts, resources, an operator, the system. */
const PASSES = /^(?:08|25|40|53|54|55|57|58|XX)/;
