import { quoteIdentifier } from '../db/quote';
import { displayName, keyOf } from '../schema/object-names';
import type { Constraint, QualifiedName } from '../schema/schema';
import { from, hazard, type Hazard } from './hazard';
import { tableOf, type Operation, type OperationOf, type OperationType } from './operation';
import { changeType, replaceEnum } from './type-hazards';

/** The hazards of `operations` and, where rows can be counted, how. */
export function findHazards(operations: readonly Operation[]): Hazard[] {
  return operations
    .filter((operation) => !isHarmless(operation, operations))
    .flatMap((operation) => hazardsOf(operation));
}

/** Whether there can be no rows that the operation hits: the table or the column is new, or the rule is not. */
function isHarmless(operation: Operation, all: readonly Operation[]): boolean {
  const table = tableOf(operation);
  if (table === undefined) return false;
  const isHere = (other: Operation): boolean => {
    const owner = tableOf(other);
    return owner !== undefined && keyOf(owner) === keyOf(table);
  };
  const isOnNewTable = all.some((other) => other.type === 'createTable' && isHere(other));
  return (
    isOnNewTable ||
    (operation.type === 'addConstraint' && isSatisfied(operation, all.filter(isHere)))
  );
}

function isSatisfied(
  { constraint }: OperationOf<'addConstraint'>,
  onTable: readonly Operation[],
): boolean {
  return onTable.some((other) => {
    // A new column is empty, which neither UNIQUE nor a foreign key minds.
    if (other.type === 'addColumn') {
      return other.column.default === undefined && constraint.columns.includes(other.column.name);
    }
    return (
      other.type === 'dropConstraint' &&
      constraint.references !== undefined &&
      other.constraint.references !== undefined &&
      keyOf(other.constraint.references) === keyOf(constraint.references) &&
      JSON.stringify(other.constraint.columns) === JSON.stringify(constraint.columns)
    );
  });
}

type Judges = { readonly [T in OperationType]?: (operation: OperationOf<T>) => Hazard[] };

const judges: Judges = {
  dropTable: (operation) => [
    hazard(
      operation,
      operation.table,
      'loses data',
      `all rows of ${displayName(operation.table)}`,
      'true',
    ),
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

function hazardsOf(operation: Operation): Hazard[] {
  const judge = judges[operation.type] as ((operation: Operation) => Hazard[]) | undefined;
  return judge === undefined ? [] : judge(operation);
}

function createIndex(operation: OperationOf<'createIndex'>): Hazard[] {
  const { table, index } = operation;
  const isPlain =
    index.predicate === undefined && index.fields.every(({ isExpression }) => !isExpression);
  if (!index.unique || !isPlain) return [];
  return [
    duplicates(
      operation,
      table,
      index.fields.map(({ text }) => text),
    ),
  ];
}

function addEnumValues(operation: OperationOf<'addEnumValues'>): Hazard[] {
  const what = 'undoing makes a new type, and fails while rows have one of the new values';
  return operation.columns
    .slice(0, 1)
    .map(({ table }) => ({ kind: 'no way back', what, table, operation }));
}

function dropColumn(operation: OperationOf<'dropColumn'>): Hazard[] {
  const { table, column } = operation;
  // What is computed can be computed again.
  if (column.generated !== undefined) return [];
  const what = `the values of ${displayName(table)}.${column.name}`;
  return [
    hazard(operation, table, 'loses data', what, `${quoteIdentifier(column.name)} IS NOT NULL`),
  ];
}

function addColumn(operation: OperationOf<'addColumn'>): Hazard[] {
  const { table, column } = operation;
  const isFilled =
    column.default !== undefined || column.identity !== undefined || column.generated !== undefined;
  if (!column.notNull || isFilled) return [];
  const what = `${displayName(table)}.${column.name} is NOT NULL without a default, which rows that are there cannot satisfy`;
  return [hazard(operation, table, 'may fail', what, 'true')];
}

function changeNull(operation: OperationOf<'changeNull'>): Hazard[] {
  const { table, after } = operation;
  if (!after.notNull) return [];
  const what = `${displayName(table)}.${after.name} becomes NOT NULL`;
  return [hazard(operation, table, 'may fail', what, `${quoteIdentifier(after.name)} IS NULL`)];
}

function addConstraint(operation: OperationOf<'addConstraint'>): Hazard[] {
  const { table, constraint } = operation;
  if (constraint.kind === 'unique' || constraint.kind === 'primary key')
    return [duplicates(operation, table, constraint.columns)];
  return constraint.kind === 'foreign key' ? orphans(operation, table, constraint) : [];
}

function duplicates(
  operation: Operation,
  table: QualifiedName,
  columns: readonly string[],
): Hazard {
  const list = columns.map(quoteIdentifier).join(', ');
  const known = columns.map((column) => `${quoteIdentifier(column)} IS NOT NULL`).join(' AND ');
  const groups = `SELECT count(*) AS n FROM ${from(table)} WHERE ${known} GROUP BY ${list} HAVING count(*) > 1`;
  return {
    kind: 'may fail',
    what: `${displayName(table)} (${columns.join(', ')}) becomes unique`,
    countSql: `SELECT coalesce(sum(n - 1), 0) AS count FROM (${groups}) AS duplicates`,
    table,
    operation,
  };
}

function orphans(
  operation: Operation,
  table: QualifiedName,
  { columns, references }: Constraint,
): Hazard[] {
  if (references === undefined) return [];
  const known = columns
    .map((column) => `child.${quoteIdentifier(column)} IS NOT NULL`)
    .join(' AND ');
  const match = columns
    .map(
      (column, at) =>
        `parent.${quoteIdentifier(references.columns[at] ?? '')} = child.${quoteIdentifier(column)}`,
    )
    .join(' AND ');
  const what = `${displayName(table)} (${columns.join(', ')}) has to have its rows in ${displayName(references)}`;
  const countSql = `SELECT count(*) AS count FROM ${from(table)} AS child WHERE ${known} AND NOT EXISTS (SELECT FROM ${from(references)} AS parent WHERE ${match})`;
  return [{ kind: 'may fail', what, countSql, table, operation }];
}
