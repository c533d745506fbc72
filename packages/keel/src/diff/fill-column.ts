import { quoteIdentifier } from '../db/quote';
import { defaultObjectName, displayName, keyOf, truncateName } from '../schema/object-names';
import type { Column, Constraint, QualifiedName } from '../schema/schema';
import { isAddedEmpty } from './column-types';
import type { Operation, OperationOf } from './operation';

/** Whether the rows that are there have to be given values of a new column before it can be required. */
export function needsFilling(
  { table, column }: OperationOf<'addColumn'>,
  all: readonly Operation[],
): boolean {
  const isInKey = all.some(
    (other) =>
      other.type === 'addConstraint' &&
      other.constraint.kind === 'primary key' &&
      keyOf(other.table) === keyOf(table) &&
      other.constraint.columns.includes(column.name),
  );
  return column.notNull && isAddedEmpty(column) && !isInKey;
}

/** How a required column comes to a table that is full. */
interface FillSteps {
  readonly add: Operation;
  readonly fill: OperationOf<'backfill'>;
  /** What requires it in the end, each on its own. */
  readonly require: readonly Operation[];
  /** What has to be done by hand, and when. */
  readonly notes: { readonly fill: string; readonly require: string };
}

/** The steps for a required column without a default: it may be empty until every row has been given a value. */
export function fillSteps({ table, column }: OperationOf<'addColumn'>): FillSteps {
  const empty: Column = { ...column, notNull: false };
  const { proof, ...required } = requireSteps(table, { before: empty, after: column });
  const name = `${displayName(table)}.${column.name}`;
  return {
    add: { type: 'addColumn', table, column: empty },
    fill: { type: 'backfill', table, values: [{ column: column.name, sql: undefined }] },
    require: [proof, ...required.later],
    notes: {
      fill: `Deploy code that writes ${name}, then write here what the rows have that are there.`,
      require: `From here on ${name} is required: code that does not write it must be gone.`,
    },
  };
}

/** What gives a value to the rows of a column that have none: its default, or what is written into the file. */
export function fillRows({ table, after }: OperationOf<'changeNull'>): {
  readonly fill: OperationOf<'backfill'>;
  readonly note: string;
  readonly requireNote: string;
} {
  const name = `${displayName(table)}.${after.name}`;
  const value = after.default === undefined ? 'write here what' : 'look at what';
  return {
    fill: {
      type: 'backfill',
      table,
      values: [{ column: after.name, sql: after.default }],
      where: 'empty',
    },
    note: `Deploy code that always writes ${name}, then ${value} the rows get that have no value.`,
    requireNote: `From here on ${name} is required: code that does not write it must be gone.`,
  };
}

/**
 * The steps that set NOT NULL: PostgreSQL takes a validated CHECK for a proof that no row is null, and does not look
 * itself.
 */
export function requireSteps(
  table: QualifiedName,
  { before, after }: { readonly before: Column; readonly after: Column },
): { readonly proof: Operation; readonly later: readonly Operation[] } {
  const constraint: Constraint = {
    name: truncateName(defaultObjectName(table.name, [after.name], 'not_null')),
    kind: 'check',
    columns: [after.name],
    definition: `CHECK (${quoteIdentifier(after.name)} IS NOT NULL)`,
    deferrable: 'not',
    validated: true,
  };
  return {
    proof: { type: 'addConstraint', table, constraint, notValid: true },
    later: [
      { type: 'validateConstraint', table, constraint },
      { type: 'changeNull', table, before, after, asSql: true },
      { type: 'dropConstraint', table, constraint, notValid: true },
    ],
  };
}
