import { quoteIdentifier } from '../db/quote';
import { displayName, keyOf } from '../schema/object-names';
import type { Column, Constraint, QualifiedName } from '../schema/schema';
import { incrementOf } from './column-types';
import {
  duplicatesSql,
  hasEqualNulls,
  hazard,
  hazardContext,
  uniqueKey,
  uniqueKeys,
  type Hazard,
  type HazardContext,
  type HazardFacts,
  type UniqueKey,
} from './hazard';
import { tableOf, type Operation, type OperationOf, type OperationType } from './operation';
import { changeType, replaceEnum, rewrite } from './type-hazards';

/** The hazards of `operations` and, where rows can be counted, how. */
export function findHazards(operations: readonly Operation[], facts: HazardFacts = {}): Hazard[] {
  const context = hazardContext(operations, facts);
  return operations
    .filter((operation) => !isHarmless(operation, operations))
    .flatMap((operation) => hazardsOf(operation, context));
}

/** Whether there can be no rows that the operation hits: the table is new, or the rule is not. */
function isHarmless(operation: Operation, all: readonly Operation[]): boolean {
  const table = tableOf(operation);
  if (table === undefined) return false;
  const isHere = (other: Operation): boolean => {
    const owner = tableOf(other);
    return owner !== undefined && keyOf(owner) === keyOf(table);
  };
  const isOnNewTable = all.some((other) => other.type === 'createTable' && isHere(other));
  return (
    isOnNewTable || (operation.type === 'addConstraint' && isThere(operation, all.filter(isHere)))
  );
}

/** Whether a foreign key only comes back. */
function isThere(
  { constraint }: OperationOf<'addConstraint'>,
  onTable: readonly Operation[],
): boolean {
  return onTable.some(
    (other) =>
      other.type === 'dropConstraint' &&
      constraint.references !== undefined &&
      other.constraint.references !== undefined &&
      keyOf(other.constraint.references) === keyOf(constraint.references) &&
      JSON.stringify(other.constraint.columns) === JSON.stringify(constraint.columns),
  );
}

type Judges = {
  readonly [T in OperationType]?: (operation: OperationOf<T>, context: HazardContext) => Hazard[];
};

const judges: Judges = {
  dropTable: (operation, context) => [
    hazard(context, operation, 'loses data', `all rows of ${displayName(operation.table)}`, 'true'),
  ],
  dropColumn,
  addColumn,
  changeType,
  changeNull,
  addConstraint,
  createIndex,
  replaceEnum,
  addEnumValues,
};

function hazardsOf(operation: Operation, context: HazardContext): Hazard[] {
  const judge = judges[operation.type] as
    ((operation: Operation, context: HazardContext) => Hazard[]) | undefined;
  return judge === undefined ? [] : judge(operation, context);
}

function createIndex(operation: OperationOf<'createIndex'>, context: HazardContext): Hazard[] {
  const { table, index } = operation;
  const isPlain =
    index.predicate === undefined && index.fields.every(({ isExpression }) => !isExpression);
  if (!index.unique || !isPlain) return [];
  const columns = index.fields.map(({ text }) => text);
  const equalNulls = hasEqualNulls(index.tail);
  return duplicates(context, operation, table, { columns, equalNulls });
}

function addEnumValues(operation: OperationOf<'addEnumValues'>): Hazard[] {
  const what = 'undoing makes a new type, and fails while rows have one of the new values';
  return operation.columns
    .slice(0, 1)
    .map(({ table }) => ({ kind: 'no way back', what, table, operation }));
}

function dropColumn(operation: OperationOf<'dropColumn'>, context: HazardContext): Hazard[] {
  const { table, column } = operation;
  // What is computed can be computed again.
  if (column.generated !== undefined) return [];
  const where = `${displayName(table)}.${column.name}`;
  const hasValue = `${quoteIdentifier(context.oldColumn(table, column.name))} IS NOT NULL`;
  const lost = hazard(context, operation, 'loses data', `the values of ${where}`, hasValue);
  if (!column.notNull || (column.default !== undefined && !isUnique(context, operation)))
    return [lost];
  // Undoing has nothing to give to the rows.
  const what = `undoing adds ${where}, which is required, and fails while the table has rows`;
  return [lost, { ...hazard(context, operation, 'no way back', what, 'true'), minor: true }];
}

function isUnique(context: HazardContext, { table, column }: OperationOf<'dropColumn'>): boolean {
  return uniqueKeys(context, table).some(
    ({ columns }) => columns.length === 1 && columns[0] === column.name,
  );
}

/** Functions that give another value for each row, so that a new column is written into every row. */
const volatile =
  /\b(?:nextval|random|gen_random_uuid|uuid_generate_v\w+|uuidv[47]|clock_timestamp|timeofday|gen_salt|gen_random_bytes)\(/;

function addColumn(operation: OperationOf<'addColumn'>, context: HazardContext): Hazard[] {
  const { table, column } = operation;
  const where = `${displayName(table)}.${column.name}`;
  const isNumbered = incrementOf(column) !== 'none';
  const isWritten =
    isNumbered || column.generated?.kind === 'stored' || volatile.test(column.default ?? '');
  if (isWritten) return [rewrite(operation, table, `${where} has another value in each row`)];
  const isFilled = column.default !== undefined || column.generated !== undefined;
  if (!column.notNull || isFilled) return [];
  const what = `${where} is NOT NULL without a default, which rows that are there cannot satisfy`;
  return [hazard(context, operation, 'may fail', what, 'true')];
}

function changeNull(operation: OperationOf<'changeNull'>, context: HazardContext): Hazard[] {
  const { table, after } = operation;
  if (!after.notNull) return [];
  const what = `${displayName(table)}.${after.name} becomes NOT NULL`;
  return [
    hazard(
      context,
      operation,
      'may fail',
      what,
      `${quoteIdentifier(context.oldColumn(table, after.name))} IS NULL`,
    ),
  ];
}

function addConstraint(operation: OperationOf<'addConstraint'>, context: HazardContext): Hazard[] {
  const { table, constraint } = operation;
  if (constraint.kind === 'foreign key') return orphans(context, operation, table, constraint);
  return constraint.kind === 'unique' || constraint.kind === 'primary key'
    ? duplicates(context, operation, table, uniqueKey(constraint))
    : [];
}

function duplicates(
  context: HazardContext,
  operation: Operation,
  table: QualifiedName,
  { columns, equalNulls }: UniqueKey,
): Hazard[] {
  const added = columns.flatMap((name) => context.newColumn(table, name) ?? []);
  if (added.some((column) => isDistinct(column, equalNulls))) return [];
  // Any other new column has the same value in every row.
  const old = columns
    .filter((name) => context.newColumn(table, name) === undefined)
    .map((name) => quoteIdentifier(context.oldColumn(table, name)));
  const isComputed = added.some(({ generated }) => generated !== undefined);
  const what = `${displayName(table)} (${columns.join(', ')}) becomes unique`;
  const countSql = isComputed ? undefined : duplicatesSql(context, table, old, equalNulls);
  return [{ kind: 'may fail', what, countSql, table, operation }];
}

/** Whether no two rows are equal in a column that is new to them. */
function isDistinct(column: Column, equalNulls: boolean): boolean {
  if (isEmpty(column)) return !equalNulls;
  return incrementOf(column) !== 'none' || volatile.test(column.default ?? '');
}

function orphans(
  context: HazardContext,
  operation: Operation,
  table: QualifiedName,
  { columns, references }: Constraint,
): Hazard[] {
  if (references === undefined) return [];
  const what = `${displayName(table)} (${columns.join(', ')}) has to have its rows in ${displayName(references)}`;
  const added = columns.flatMap((name) => context.newColumn(table, name) ?? []);
  // A row without a value refers to nothing.
  if (added.some(isEmpty)) return [];
  if (added.length > 0) return [{ kind: 'may fail', what, table, operation }];
  const old = (owner: QualifiedName, name: string): string =>
    quoteIdentifier(context.oldColumn(owner, name));
  const known = columns.map((column) => `child.${old(table, column)} IS NOT NULL`).join(' AND ');
  const match = columns
    .map(
      (column, at) =>
        `parent.${old(references, references.columns[at] ?? '')} = child.${old(table, column)}`,
    )
    .join(' AND ');
  const countSql = `SELECT count(*) AS count FROM ${context.source(table)} AS child WHERE ${known} AND NOT EXISTS (SELECT FROM ${context.source(references)} AS parent WHERE ${match})`;
  return [{ kind: 'may fail', what, countSql, table, operation }];
}

/** Whether the new column has no value in the rows that are there. */
function isEmpty(column: Column): boolean {
  return (
    column.default === undefined && column.generated === undefined && incrementOf(column) === 'none'
  );
}
