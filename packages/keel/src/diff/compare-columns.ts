import { columnKey } from '../schema/model-facts';
import { keyOf } from '../schema/object-names';
import type { Column, Table } from '../schema/schema';
import {
  incrementOf,
  isArray,
  isNumbered,
  isSameKind,
  plainDefault,
  sameDefault,
} from './column-types';
import { underSharedName } from './compare-enums';
import { columnOf, isExact, namesCount, type ComparisonState } from './comparison';
import type { Operation, OperationOf } from './operation';

/** Columns added, dropped and changed. Their order is not compared: PostgreSQL cannot change it. */
export function compareColumns(state: ComparisonState, before: Table, after: Table): void {
  const skipped = (column: Column): boolean =>
    state.options.facts.skipped.has(columnKey(after, column.name));
  for (const column of after.columns) {
    const old = columnOf(before, column.name);
    if (old === undefined) state.operations.push({ type: 'addColumn', table: after, column });
    else if (!skipped(column)) compareColumn(state, after, old, column);
  }
  for (const column of before.columns) {
    if (columnOf(after, column.name) !== undefined || skipped(column)) continue;
    // A model cannot declare it, so that it is missing there says nothing.
    if (column.generated !== undefined && !isExact(state)) continue;
    dropColumn(state, before, column);
  }
}

function dropColumn(state: ComparisonState, table: Table, column: Column): void {
  state.operations.push({ type: 'dropColumn', table, column });
  state.lostColumns.add(columnKey(table, column.name));
  if (column.enumType !== undefined) state.leftEnums.add(keyOf(column.enumType));
}

function compareColumn(state: ComparisonState, table: Table, before: Column, wanted: Column): void {
  if (before.generated !== undefined || wanted.generated !== undefined) {
    compareGenerated(state, table, before, wanted);
    return;
  }
  const after = withKept(state, table, before, wanted);
  const push = (type: 'changeType' | 'changeDefault' | 'changeNull'): void => {
    state.operations.push({ type, table, before, after });
  };
  const isRetyped = compareTypes(state, table, before, after);
  const isRenumbered = hasOtherIncrement(state, before, after);
  const renumber = (): void => {
    // A change of type moves the defaults by itself: each has to stand beside its own type.
    const strip = (column: Column): Column => (isRetyped ? withoutPlainDefault(column) : column);
    const change = { type: 'changeIncrement', table } as const;
    state.operations.push({ ...change, before: strip(before), after: strip(after) });
  };
  const stopsNumbering = isRenumbered && incrementOf(after) === 'none';
  // nextval() is no default for another type, and an IDENTITY stays NOT NULL.
  if (stopsNumbering) renumber();
  // A value may become NULL with the new type.
  if (before.notNull && !after.notNull) push('changeNull');
  if (isRetyped) push('changeType');
  if (isRenumbered && !stopsNumbering) renumber();
  if (!isRenumbered && (!isRetyped || !movesDefault(before, after))) {
    if (hasOtherDefault(state, table, before, after)) push('changeDefault');
  }
  if (!before.notNull && after.notNull) push('changeNull');
  compareComment(state, table, before, after);
  compareSequence(state, table, before, after);
}

function withoutPlainDefault(column: Column): Column {
  return plainDefault(column) === undefined ? column : { ...column, default: undefined };
}

/** The column that is aimed at: with what the model leaves to the database. */
function withKept(state: ComparisonState, table: Table, before: Column, given: Column): Column {
  const wanted = underSharedName(state, before, given);
  if (isExact(state) || !isSameKind(before.type, wanted.type)) return wanted;
  const isKept =
    incrementOf(wanted) === 'none' &&
    incrementOf(before) === 'none' &&
    !hasOtherDefault(state, table, before, wanted);
  return {
    ...wanted,
    default: isKept ? (before.default ?? wanted.default) : wanted.default,
    collation: before.collation ?? wanted.collation,
  };
}

/** Whether a change of type takes the default off and puts the new one on. */
export function movesDefault(before: Column, after: Column): boolean {
  const old = plainDefault(before);
  const next = plainDefault(after);
  if (old === undefined && next === undefined) return false;
  return !isSameKind(before.type, after.type) || !sameDefault(old, next);
}

function compareTypes(
  state: ComparisonState,
  table: Table,
  before: Column,
  after: Column,
): boolean {
  if (before.collation !== after.collation && isExact(state)) {
    markRetyped(state, table, before, after);
    return true;
  }
  if (before.type === after.type) return false;
  if (
    before.enumType !== undefined &&
    after.enumType !== undefined &&
    isEnumPaired(state, before, after)
  )
    return false;
  markRetyped(state, table, before, after);
  return !isRetypedWithEnum(state, table, before, after);
}

/** Whether replacing the enum makes the array a scalar, or the other way round. */
function isRetypedWithEnum(
  state: ComparisonState,
  table: Table,
  before: Column,
  after: Column,
): boolean {
  const replaced = replacementOf(state, table, after);
  if (replaced === undefined || before.enumType === undefined || after.enumType === undefined)
    return false;
  return keyOf(replaced.after) === keyOf(after.enumType);
}

function markRetyped(state: ComparisonState, table: Table, before: Column, after: Column): void {
  state.retypedColumns.set(columnKey(table, before.name), { from: before.type, to: after.type });
  if (before.enumType !== undefined) state.leftEnums.add(keyOf(before.enumType));
}

/** Whether the enum stays, or is renamed as a whole. */
function isEnumPaired(state: ComparisonState, before: Column, after: Column): boolean {
  if (before.enumType === undefined || after.enumType === undefined) return false;
  if (isArray(before.type) !== isArray(after.type)) return false;
  const [old, next] = [keyOf(before.enumType), keyOf(after.enumType)];
  return (
    old === next ||
    state.operations.some(
      (op) => op.type === 'renameEnum' && keyOf(op.from) === old && keyOf(op.to) === next,
    )
  );
}

function hasOtherIncrement(state: ComparisonState, before: Column, after: Column): boolean {
  if (incrementOf(before) === incrementOf(after)) return false;
  if (isExact(state)) return true;
  // Sequelize has no word for ALWAYS. What it inserts, DEFAULT, is right for both.
  if (incrementOf(after) === 'by default' && incrementOf(before) === 'always') return false;
  return !(incrementOf(after) === 'serial' && isNumbered(before) && before.identity === undefined);
}

function hasOtherDefault(
  state: ComparisonState,
  table: Table,
  before: Column,
  after: Column,
): boolean {
  if (incrementOf(after) !== 'none' || replacementOf(state, table, after) !== undefined)
    return false;
  if (isExact(state)) return before.default !== after.default;
  if (after.default === undefined) {
    const isClients = state.options.facts.clientDefaults.has(columnKey(table, after.name));
    if (isClients || isNumbered(before)) return false;
  }
  return !sameDefault(before.default, after.default);
}

/** The replacement of the column's enum, which takes the default off and puts the new one on. */
function replacementOf(
  state: ComparisonState,
  table: Table,
  { name }: Column,
): OperationOf<'replaceEnum'> | undefined {
  return state.operations.find(
    (op): op is OperationOf<'replaceEnum'> =>
      op.type === 'replaceEnum' &&
      op.columns.some((entry) => entry.column === name && keyOf(entry.table) === keyOf(table)),
  );
}

/** A generated column can only be replaced, and no data is lost with it. */
function compareGenerated(
  state: ComparisonState,
  table: Table,
  before: Column,
  after: Column,
): void {
  if (after.generated === undefined && !isExact(state)) return;
  const same =
    before.type === after.type &&
    before.generated?.expression === after.generated?.expression &&
    before.generated?.kind === after.generated?.kind;
  if (!same) {
    dropColumn(state, table, before);
    state.operations.push({ type: 'addColumn', table, column: after });
    return;
  }
  if (before.notNull !== after.notNull)
    state.operations.push({ type: 'changeNull', table, before, after });
  compareComment(state, table, before, after);
}

function compareComment(state: ComparisonState, table: Table, before: Column, after: Column): void {
  if (before.comment === after.comment || (after.comment === undefined && !isExact(state))) return;
  state.operations.push({
    type: 'changeComment',
    table,
    column: after.name,
    before: before.comment,
    after: after.comment,
  });
}

function compareSequence(
  state: ComparisonState,
  table: Table,
  before: Column,
  after: Column,
): void {
  if (before.sequence === undefined || after.sequence === undefined) return;
  if (incrementOf(before) !== incrementOf(after)) return;
  const { sequence: from } = before;
  const { sequence: to } = after;
  if (namesCount(state, table) && keyOf(from) !== keyOf(to)) {
    state.operations.push({ type: 'renameSequence', from, to });
  }
  const isRetyped = before.type !== after.type;
  if (isExact(state) && from.type !== to.type && !isRetyped) {
    state.operations.push(sequenceType(table, before, after));
  }
}

function sequenceType(table: Table, before: Column, after: Column): Operation {
  const alter = (column: Column): string =>
    `ALTER SEQUENCE ${column.sequence?.schema ?? ''}.${column.sequence?.name ?? ''} AS ${column.sequence?.type ?? ''}`;
  return {
    type: 'runSql',
    table,
    what: `type of the sequence behind ${after.name}`,
    up: [alter(after)],
    down: [alter(before)],
  };
}
