import { keyOf } from '../schema/object-names';
import type { Operation, OperationOf, OperationType } from './operation';

/** Operations that undo each other and differ in nothing but their type. */
const opposites = {
  createSchema: 'dropSchema',
  dropSchema: 'createSchema',
  createExtension: 'dropExtension',
  dropExtension: 'createExtension',
  createEnum: 'dropEnum',
  dropEnum: 'createEnum',
  createTable: 'dropTable',
  dropTable: 'createTable',
  addColumn: 'dropColumn',
  dropColumn: 'addColumn',
  addConstraint: 'dropConstraint',
  dropConstraint: 'addConstraint',
  validateConstraint: 'invalidateConstraint',
  invalidateConstraint: 'validateConstraint',
  createIndex: 'dropIndex',
  dropIndex: 'createIndex',
  backfill: 'unfill',
  unfill: 'backfill',
  syncColumns: 'unsyncColumns',
  unsyncColumns: 'syncColumns',
} as const satisfies Partial<Record<OperationType, OperationType>>;

type Paired = OperationOf<keyof typeof opposites>;

function isPaired(operation: Operation): operation is Paired {
  return operation.type in opposites;
}

/** The operation that undoes `operation`. */
export function reverse(operation: Operation): Operation {
  if (isPaired(operation)) return { ...operation, type: opposites[operation.type] } as Operation;
  switch (operation.type) {
    case 'addEnumValues':
    case 'replaceEnum':
      return {
        type: 'replaceEnum',
        before: operation.after,
        after: operation.before,
        dependents: operation.dependents.map((dependent) =>
          'column' in dependent
            ? { ...dependent, before: dependent.after, after: dependent.before }
            : dependent,
        ),
        columns: operation.columns.map(({ before, after, ...column }) => ({
          ...column,
          before: after,
          after: before,
        })),
      };
    case 'runSql':
      return {
        ...operation,
        shown: operation.shown && { before: operation.shown.after, after: operation.shown.before },
        up: operation.down,
        down: operation.up,
      };
    case 'requireRelease':
      // What is brought back is in nobody's way.
      return { type: 'runSql', table: operation.table, what: 'nothing', up: [], down: [] };
    case 'changeComment':
      return { ...operation, before: operation.after, after: operation.before };
    case 'changeType':
    case 'changeDefault':
    case 'changeNull':
    case 'changeIncrement':
      return { ...operation, before: operation.after, after: operation.before };
    case 'renameColumn':
    case 'renameEnumValue':
    case 'renameConstraint':
    case 'renameIndex':
      return { ...operation, from: operation.to, to: operation.from };
    case 'renameEnum':
    case 'renameTable':
    case 'renameSequence':
      return { ...operation, from: operation.to, to: operation.from };
  }
}

/** What undoes all of `operations`: each one's reverse, last first. */
export function reverseAll(operations: readonly Operation[]): Operation[] {
  return operations
    .map((operation) =>
      operation.type === 'dropColumn' && isUniqueOptional(operation, operations)
        ? addThenDefault(operation)
        : [reverse(operation)],
    )
    .reverse()
    .flat();
}

/** Whether it comes back unique, with a default that all rows would get, and may be empty. */
function isUniqueOptional(
  { table, column }: OperationOf<'dropColumn'>,
  all: readonly Operation[],
): boolean {
  if (column.notNull || column.default === undefined) return false;
  return all.some((other) => {
    if (!('table' in other) || keyOf(other.table) !== keyOf(table)) return false;
    if (other.type === 'dropIndex')
      return other.index.unique && other.index.dependsOn.includes(column.name);
    return (
      other.type === 'dropConstraint' &&
      other.constraint.kind === 'unique' &&
      other.constraint.columns.includes(column.name)
    );
  });
}

/** The rows that are there have lost their values, and stay empty. */
function addThenDefault({ table, column }: OperationOf<'dropColumn'>): Operation[] {
  const before = { ...column, default: undefined };
  return [
    { type: 'addColumn', table, column: before },
    { type: 'changeDefault', table, before, after: column },
  ];
}
