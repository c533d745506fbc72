import { quoteIdentifier } from '../db/quote';
import { displayName, keyOf } from '../schema/object-names';
import { incrementOf, isAddedEmpty } from './column-types';
import {
  hasEqualNulls,
  hazard,
  hazardContext,
  uniqueKey,
  uniqueKeys,
  type Hazard,
  type HazardContext,
  type HazardFacts,
} from './hazard';
import { tableOf, type Operation, type OperationOf, type OperationType } from './operation';
import { duplicates, orphans, volatile } from './rule-hazards';
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
  const isRule = operation.type === 'addConstraint' || operation.type === 'validateConstraint';
  return isOnNewTable || (isRule && isThere(operation, all.filter(isHere)));
}

/** Whether a foreign key only comes back. */
function isThere(
  { constraint }: OperationOf<'addConstraint' | 'validateConstraint'>,
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
  backfill,
  addConstraint: (operation, context) =>
    operation.notValid === true ? [] : addConstraint(operation, context),
  validateConstraint: addConstraint,
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
  return duplicates(context, operation, table, { name: index.name, columns, equalNulls });
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

function addColumn(operation: OperationOf<'addColumn'>, context: HazardContext): Hazard[] {
  const { table, column } = operation;
  const where = `${displayName(table)}.${column.name}`;
  const isNumbered = incrementOf(column) !== 'none';
  const isWritten =
    isNumbered || column.generated?.kind === 'stored' || volatile.test(column.default ?? '');
  if (isWritten) return [rewrite(operation, table, `${where} has another value in each row`)];
  if (!column.notNull || !isAddedEmpty(column)) return [];
  const what = `${where} is NOT NULL without a default, which rows that are there cannot satisfy`;
  return [hazard(context, operation, 'may fail', what, 'true')];
}

function backfill(operation: OperationOf<'backfill'>, context: HazardContext): Hazard[] {
  const { table, values } = operation;
  return values
    .filter(({ sql }) => sql === undefined)
    .map(({ column }) => {
      const what = `${displayName(table)}.${column} is required, and the rows that are there have none`;
      const isNew = context.newColumn(table, column) !== undefined;
      const empty = `${quoteIdentifier(context.oldColumn(table, column))} IS NULL`;
      return hazard(context, operation, 'needs values', what, isNew ? 'true' : empty);
    });
}

function changeNull(operation: OperationOf<'changeNull'>, context: HazardContext): Hazard[] {
  const { table, after } = operation;
  // By a backfill, as a new column is as well.
  if (
    !after.notNull ||
    operation.filled === true ||
    context.newColumn(table, after.name) !== undefined
  )
    return [];
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

function addConstraint(
  operation: OperationOf<'addConstraint' | 'validateConstraint'>,
  context: HazardContext,
): Hazard[] {
  const { table, constraint } = operation;
  if (constraint.kind === 'foreign key') return orphans(context, operation, table, constraint);
  return constraint.kind === 'unique' || constraint.kind === 'primary key'
    ? duplicates(context, operation, table, uniqueKey(constraint))
    : [];
}
