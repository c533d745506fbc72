import { keyOf } from '../schema/object-names';
import type { Column, QualifiedName, Table } from '../schema/schema';
import type { ComparisonState } from './comparison';
import { isOnline, type Operation, type OperationOf } from './operation';
import { orderNames } from './order-names';

/**
 * The operations in an order that PostgreSQL accepts: what others stand on is made first and goes last.
 * The reverse order works for undoing, because each step's surroundings are then the same.
 */
export function inOrder(state: ComparisonState): Operation[] {
  const operations = state.operations.flatMap((operation): Operation[] =>
    passesEnums(operation, state.operations) ? byText(operation) : [operation],
  );
  const rank = tableRanks(operations);
  const ordered = operations
    .map((operation, position) => ({ operation, position, phase: phaseOf(operation, operations) }))
    .sort(
      (a, b) =>
        a.phase - b.phase || tieBreak(a.operation, b.operation, rank) || a.position - b.position,
    )
    .map(({ operation }) => operation);
  return orderNames(ordered, state.before.enums.keys());
}

const dropPhase = { 'primary key': 7, unique: 6, exclude: 5, check: 5, 'foreign key': 4 } as const;
const addPhase = {
  'primary key': 17,
  unique: 18,
  exclude: 19,
  check: 19,
  'foreign key': 23,
} as const;

function phaseOf(operation: Operation, all: readonly Operation[]): number {
  if (isOnline(operation)) return 24;
  switch (operation.type) {
    case 'createSchema':
      return 0;
    case 'createExtension':
      return 1;
    case 'renameEnum':
    case 'renameEnumValue':
      return 2;
    case 'createEnum':
    case 'addEnumValues':
      return 3;
    case 'dropConstraint':
      return dropPhase[operation.constraint.kind];
    case 'dropIndex':
      return 5;
    case 'renameConstraint':
    case 'renameIndex':
    case 'renameSequence':
    case 'renameTable':
    case 'renameColumn':
      return 8;
    case 'dropColumn':
      return isReplaced(operation, all) || leavesEnum(operation.table, [operation.column], all)
        ? 9
        : 14;
    case 'replaceEnum':
      return 10;
    case 'createTable':
      return 11;
    case 'addColumn':
      return 12;
    case 'changeType':
    case 'changeNull':
      return staysWhileReplaced(operation, all) ? 13 : 9;
    case 'changeIncrement':
    case 'changeDefault':
      return 13;
    case 'dropTable':
      return leavesEnum(operation.table, operation.table.columns, all) ? 9 : 16;
    case 'addConstraint':
      return addPhase[operation.constraint.kind];
    case 'createIndex':
      return 22;
    case 'runSql':
      return isOnDroppedTable(operation, all) ? 8 : 25;
    case 'validateConstraint':
    case 'invalidateConstraint':
      return 24;
    case 'changeComment':
      return 26;
    case 'dropEnum':
      return 27;
    case 'dropExtension':
      return 28;
    case 'dropSchema':
      return 29;
  }
}

/** Whether the column may change after enums are replaced. NOT NULL goes with the type, and comes last. */
function staysWhileReplaced(
  { type, table, before, after }: OperationOf<'changeType' | 'changeNull'>,
  all: readonly Operation[],
): boolean {
  return (type === 'changeNull' && after.notNull) || !leavesEnum(table, [before], all);
}

function isReplaced(
  { table, column }: OperationOf<'dropColumn'>,
  all: readonly Operation[],
): boolean {
  return all.some(
    (other) =>
      other.type === 'addColumn' &&
      keyOf(other.table) === keyOf(table) &&
      other.column.name === column.name,
  );
}

/** Whether one of the columns has an enum that is replaced without it: the new one may not have its values. */
function leavesEnum(
  table: QualifiedName,
  columns: readonly Column[],
  all: readonly Operation[],
): boolean {
  return columns.some(({ name, enumType }) =>
    all.some(
      (other) =>
        other.type === 'replaceEnum' &&
        enumType !== undefined &&
        keyOf(other.before) === keyOf(enumType) &&
        !other.columns.some((use) => use.column === name && keyOf(use.table) === keyOf(table)),
    ),
  );
}

/**
 * Whether a column goes from one enum that is replaced to another: it has to leave the one before that is done, and can come
 * to the other only afterwards.
 */
function passesEnums(
  operation: Operation,
  all: readonly Operation[],
): operation is OperationOf<'changeType'> {
  if (operation.type !== 'changeType') return false;
  const { enumType } = operation.after;
  const isReplaced = all.some(
    (other) =>
      other.type === 'replaceEnum' &&
      enumType !== undefined &&
      keyOf(other.after) === keyOf(enumType),
  );
  return isReplaced && leavesEnum(operation.table, [operation.before], all);
}

function byText(operation: OperationOf<'changeType'>): OperationOf<'changeType'>[] {
  const { before, after } = operation;
  const type = before.type.endsWith('[]') ? 'text[]' : 'text';
  const between = { ...before, type, enumType: undefined, default: undefined };
  return [
    { ...operation, after: { ...between, name: after.name } },
    { ...operation, before: between },
  ];
}

function isOnDroppedTable({ table }: OperationOf<'runSql'>, all: readonly Operation[]): boolean {
  return all.some((other) => other.type === 'dropTable' && keyOf(other.table) === keyOf(table));
}

/** Tables that others refer to come first where they are created, last where they are dropped. */
function tieBreak(a: Operation, b: Operation, rank: ReadonlyMap<string, number>): number {
  if (a.type === 'createTable' && b.type === 'createTable')
    return rankOf(rank, a.table) - rankOf(rank, b.table);
  if (a.type === 'dropTable' && b.type === 'dropTable')
    return rankOf(rank, b.table) - rankOf(rank, a.table);
  return 0;
}

function rankOf(rank: ReadonlyMap<string, number>, table: Table): number {
  return rank.get(keyOf(table)) ?? 0;
}

/** The tables that come or go, each after those that it refers to, as far as there is no cycle. */
function tableRanks(operations: readonly Operation[]): ReadonlyMap<string, number> {
  const tables = new Map<string, Table>();
  for (const operation of operations) {
    if (operation.type === 'createTable' || operation.type === 'dropTable')
      tables.set(keyOf(operation.table), operation.table);
  }
  const rank = new Map<string, number>();
  const visiting = new Set<string>();
  const visit = (table: Table): void => {
    const key = keyOf(table);
    if (rank.has(key) || visiting.has(key)) return;
    visiting.add(key);
    for (const { references } of table.constraints) {
      const target = references === undefined ? undefined : tables.get(keyOf(references));
      if (target !== undefined) visit(target);
    }
    for (const parent of parentsOf(table)) {
      const target = tables.get(keyOf(parent));
      if (target !== undefined) visit(target);
    }
    rank.set(key, rank.size);
  };
  for (const table of tables.values()) visit(table);
  return rank;
}

function parentsOf(table: Table): Table['inherits'] {
  return table.partitionOf === undefined ? table.inherits : [table.partitionOf];
}
