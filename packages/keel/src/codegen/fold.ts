import { defaultConstraintName, isPlainForeignKey, isPlainUnique } from './constraint-code';
import { isSequelizeEnum } from './type-code';
import type { Operation, OperationOf, OperationType } from '../diff/operation';
import { freedNames, newNames } from '../diff/relation-names';
import { keyOf } from '../schema/object-names';
import type { Constraint, EnumType, QualifiedName } from '../schema/schema';

/** An operation and those that are written as part of it. */
export interface Folded {
  readonly operation: Operation;
  /** Constraints of single columns, written as the column's `references` or `unique`. */
  readonly inline: readonly Constraint[];
  /** Enums that Sequelize makes for the columns. */
  readonly enums: readonly EnumType[];
  /** Further changes of the same column. */
  readonly changes: readonly ColumnChange[];
  /** All that is written as part of it, itself included. */
  readonly parts: readonly Operation[];
}

type ColumnChange = OperationOf<'changeType' | 'changeDefault' | 'changeNull'>;

/**
 * Puts together what a person would write as one call: a foreign key with its new column, an enum with
 * its column, several changes of a column; and leaves out what goes by itself with a table or column.
 */
export function fold(operations: readonly Operation[]): Folded[] {
  const absorbed = new Set<Operation>();
  const result: Folded[] = [];
  operations.forEach((operation, position) => {
    if (absorbed.has(operation) || goesByItself(operations, position)) return;
    const parts = partsOf(operations, position, absorbed);
    for (const part of parts) absorbed.add(part);
    result.push({
      operation,
      inline: parts.flatMap((part) => (part.type === 'addConstraint' ? [part.constraint] : [])),
      enums: enumsOf(operations, operation),
      changes: parts.filter(isColumnChange),
      parts: [operation, ...parts],
    });
  });
  return result.filter(({ operation }) => !isMadeByColumn(operations, operation));
}

function isColumnChange(operation: Operation): operation is ColumnChange {
  return (
    operation.type === 'changeType' ||
    operation.type === 'changeDefault' ||
    operation.type === 'changeNull'
  );
}

/** The later operations that become part of this one. */
function partsOf(
  operations: readonly Operation[],
  position: number,
  absorbed: ReadonlySet<Operation>,
): Operation[] {
  const operation = operations[position];
  if (operation === undefined) return [];
  return operations.filter((part, later) => {
    if (later <= position || absorbed.has(part)) return false;
    if (isColumnChange(operation) && isColumnChange(part)) {
      if (!isOn(part, operation.table) || part.after.name !== operation.after.name) return false;
      // The column leaves an enum before that is replaced, and comes to one after that.
      return !operations.slice(position, later).some(({ type }) => type === 'replaceEnum');
    }
    if (part.type !== 'addConstraint' || part.notValid === true) return false;
    if (operation.type !== 'createTable' && operation.type !== 'addColumn') return false;
    return (
      isOn(part, operation.table) &&
      isInline(operations, position, later, operation, part.constraint)
    );
  });
}

function isOn(operation: Operation, table: QualifiedName): boolean {
  return 'table' in operation && keyOf(operation.table) === keyOf(table);
}

function isInline(
  operations: readonly Operation[],
  position: number,
  later: number,
  operation: OperationOf<'createTable' | 'addColumn'>,
  constraint: Constraint,
): boolean {
  const [column, ...others] = constraint.columns;
  if (column === undefined || others.length > 0 || constraint.comment !== undefined) return false;
  if (constraint.name !== defaultConstraintName(operation.table, constraint)) return false;
  if (operation.type === 'addColumn' && operation.column.name !== column) return false;
  if (constraint.kind === 'unique')
    return operation.type === 'addColumn' && isPlainUnique(constraint);
  return (
    isPlainForeignKey(constraint) &&
    isTargetReady(operations, position, later, operation, constraint)
  );
}

/** Whether the table that a foreign key points to is complete when the column is made. */
function isTargetReady(
  operations: readonly Operation[],
  position: number,
  later: number,
  { table }: { readonly table: QualifiedName },
  { references }: Constraint,
): boolean {
  if (references === undefined) return false;
  const isSelf = keyOf(references) === keyOf(table);
  return !operations.some((other, at) => {
    if (at <= position || at >= later || !isOn(other, references)) return false;
    if (other.type === 'createTable') return !isSelf;
    return (
      other.type === 'changeType' ||
      (other.type === 'addConstraint' && other.constraint.kind !== 'foreign key')
    );
  });
}

/** The enums whose creation Sequelize takes care of with this operation. */
function enumsOf(operations: readonly Operation[], operation: Operation): EnumType[] {
  const columns =
    operation.type === 'createTable'
      ? operation.table.columns
      : operation.type === 'addColumn'
        ? [operation.column]
        : [];
  if (operation.type !== 'createTable' && operation.type !== 'addColumn') return [];
  return operations.flatMap((other) => {
    if (other.type !== 'createEnum') return [];
    return columns.some((column) => isSequelizeEnum(operation.table, column, other.enum))
      ? [other.enum]
      : [];
  });
}

function isMadeByColumn(operations: readonly Operation[], operation: Operation): boolean {
  if (operation.type !== 'createEnum' || operation.enum.comment !== undefined) return false;
  const position = operations.indexOf(operation);
  return operations.some((other, at) => at > position && enumsOf([operation], other).length > 0);
}

const dropsWithTable: readonly OperationType[] = ['dropConstraint', 'dropIndex', 'runSql'];

/** Whether PostgreSQL drops the object together with its table or column, and nothing needs it gone before. */
function goesByItself(operations: readonly Operation[], position: number): boolean {
  const operation = operations[position];
  if (
    operation === undefined ||
    !dropsWithTable.includes(operation.type) ||
    !('table' in operation)
  )
    return false;
  const { table } = operation;
  const end = operations.findIndex(
    (other, at) => at > position && takesAway(operation, other, table),
  );
  if (end === -1) return false;
  const between = operations.slice(position + 1, end);
  return !between.some((other) => needsGone(operation, other));
}

function takesAway(operation: Operation, other: Operation, table: QualifiedName): boolean {
  if (!isOn(other, table)) return false;
  if (other.type === 'dropTable') return true;
  if (other.type !== 'dropColumn') return false;
  if (operation.type === 'dropConstraint')
    return operation.constraint.columns.includes(other.column.name);
  return operation.type === 'dropIndex' && operation.index.dependsOn.includes(other.column.name);
}

function needsGone(operation: Operation, other: Operation): boolean {
  const names = newNames(other);
  if (freedNames(operation).some((name) => names.includes(name))) return true;
  if (operation.type === 'dropIndex' || operation.type === 'runSql') return false;
  if (operation.type !== 'dropConstraint') return true;
  const { references } = operation.constraint;
  if (references === undefined)
    return other.type === 'dropConstraint' && other.constraint.kind === 'foreign key';
  if (!isOn(other, references)) return false;
  if (other.type === 'dropConstraint')
    return other.constraint.kind !== 'foreign key' && keyOf(references) !== keyOf(operation.table);
  if (other.type === 'dropColumn') return references.columns.includes(other.column.name);
  if (other.type === 'changeType') return references.columns.includes(other.after.name);
  return other.type === 'dropTable';
}
