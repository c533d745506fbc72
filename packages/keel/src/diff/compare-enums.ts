import { keyOf } from '../schema/object-names';
import type { Column, EnumType, QualifiedName, Table } from '../schema/schema';
import { baseType, isArray } from './column-types';
import { columnOf, isExact, mayDrop, type ComparisonState } from './comparison';
import { columnsOfEnum, type ColumnOfTable, type Lookup } from './lookup';
import type { EnumColumn, Operation } from './operation';

/** Enums renamed, created and changed. Those that nothing uses any more go at the end: `dropLeftEnums`. */
export function compareEnums(state: ComparisonState): void {
  const renamed = renamedEnums(state);
  for (const [to, from] of renamed.values())
    state.operations.push({ type: 'renameEnum', from: nameOf(from), to: nameOf(to) });
  for (const type of wantedEnums(state)) {
    const [, from] = renamed.get(keyOf(type)) ?? [];
    const old = from === undefined ? staying(state, type) : { ...from, ...nameOf(type) };
    if (old === undefined) state.operations.push({ type: 'createEnum', enum: type });
    else if (!hasSameValues(old, type)) state.operations.push(changeValues(state, old, type));
  }
  if (!isExact(state)) return;
  for (const type of state.before.schema.enums) {
    const isRenamed = state.operations.some(
      (op) => op.type === 'renameEnum' && keyOf(op.from) === keyOf(type),
    );
    if (!state.after.enums.has(keyOf(type)) && !isRenamed)
      state.operations.push({ type: 'dropEnum', enum: type });
  }
}

/** All of them without models; with models, those that their columns use and do not share by another name. */
function wantedEnums(state: ComparisonState): EnumType[] {
  if (isExact(state)) return [...state.after.schema.enums];
  return state.after.schema.enums.filter((type) =>
    modelColumns(state, type).some(({ table, column }) => {
      const old = oldColumn(state, table, column);
      return old === undefined || underSharedName(state, old, column) === column;
    }),
  );
}

function modelColumns(state: ComparisonState, type: QualifiedName): ColumnOfTable[] {
  return columnsOfEnum(state.after, type).filter(({ table }) =>
    state.options.facts.models.has(keyOf(table)),
  );
}

/**
 * What a model wants of a column, as far as it stays with an enum of another name that other columns use
 * too: Sequelize would give each column an enum of its own.
 */
export function underSharedName(state: ComparisonState, before: Column, wanted: Column): Column {
  const { enumType } = before;
  if (isExact(state) || enumType === undefined || wanted.enumType === undefined) return wanted;
  if (keyOf(enumType) === keyOf(wanted.enumType) || !suits(state, before, wanted)) return wanted;
  const users = columnsOfEnum(state.before, enumType);
  const isShared =
    modelColumns(state, enumType).length > 0 ||
    users.filter(({ table, column }) => stays(state, table, column)).length > 1;
  if (!isShared) return wanted;
  const fallback = wanted.default?.replaceAll(baseType(wanted.type), baseType(before.type));
  return { ...wanted, type: before.type, enumType, default: fallback };
}

/** Whether the column's enum will have the values that are wanted. */
function suits(state: ComparisonState, before: Column, wanted: Column): boolean {
  if (before.enumType === undefined || wanted.enumType === undefined) return false;
  if (isArray(before.type) !== isArray(wanted.type)) return false;
  const key = keyOf(before.enumType);
  const type = state.after.enums.get(key) ?? state.before.enums.get(key);
  const other = state.after.enums.get(keyOf(wanted.enumType));
  return type !== undefined && other !== undefined && hasSameValues(type, other);
}

function stays(state: ComparisonState, table: Table, column: Column): boolean {
  if (!isManaged(state, table)) return !mayDrop(state, table);
  const wanted = sameColumn(state.after, table, column);
  return wanted !== undefined && suits(state, column, wanted);
}

function oldColumn(state: ComparisonState, table: Table, column: Column): Column | undefined {
  return sameColumn(state.before, table, column);
}

function sameColumn(lookup: Lookup, table: Table, { name }: Column): Column | undefined {
  const found = lookup.tables.get(keyOf(table));
  return found === undefined ? undefined : columnOf(found, name);
}

/** The enum of this name, unless it gets another name. */
function staying(state: ComparisonState, type: EnumType): EnumType | undefined {
  const isRenamed = state.operations.some(
    (op) => op.type === 'renameEnum' && keyOf(op.from) === keyOf(type),
  );
  return isRenamed ? undefined : state.before.enums.get(keyOf(type));
}

/**
 * Enums that go with the only column that has them, by the key of the new name: the new one and the old one. A
 * name that is taken is free where its enum is renamed as well, as when two tables swap theirs.
 */
function renamedEnums(state: ComparisonState): Map<string, readonly [EnumType, EnumType]> {
  const renamed = new Map<string, readonly [EnumType, EnumType]>();
  for (const type of wantedEnums(state)) {
    const old = enumOfColumn(state, type);
    if (old !== undefined) renamed.set(keyOf(type), [type, old]);
  }
  for (;;) {
    const leaving = new Set([...renamed.values()].map(([, old]) => keyOf(old)));
    const taken = [...renamed.keys()].find(
      (key) => state.before.enums.has(key) && !leaving.has(key),
    );
    if (taken === undefined) return renamed;
    renamed.delete(taken);
  }
}

/** The enum that the same column has under another name, and no other column. */
function enumOfColumn(state: ComparisonState, type: EnumType): EnumType | undefined {
  for (const { table, column } of columnsOfEnum(state.after, type)) {
    const old = oldColumn(state, table, column);
    if (old?.enumType === undefined || isArray(old.type) !== isArray(column.type)) continue;
    const found = state.before.enums.get(keyOf(old.enumType));
    if (found === undefined || keyOf(found) === keyOf(type)) continue;
    const stays = isExact(state) && state.after.enums.has(keyOf(found));
    if (!stays && columnsOfEnum(state.before, found).length === 1) return found;
  }
  return undefined;
}

function nameOf({ schema, name }: QualifiedName): QualifiedName {
  return { schema, name };
}

function hasSameValues(a: EnumType, b: EnumType): boolean {
  return JSON.stringify(a.values) === JSON.stringify(b.values);
}

function changeValues(state: ComparisonState, before: EnumType, after: EnumType): Operation {
  const columns = enumColumns(state, before, after);
  const kept = after.values.filter((value) => before.values.includes(value));
  const onlyAdds = JSON.stringify(kept) === JSON.stringify(before.values);
  // PostgreSQL refuses to use a value in the transaction that added it.
  const isUsedAtOnce =
    columns.some(
      (column) =>
        column.after.default !== undefined && column.after.default !== column.before.default,
    ) || isUsedByOthers(state, before, after);
  if (!onlyAdds || isUsedAtOnce)
    return { type: 'replaceEnum', before, after, columns, dependents: [] };
  // The changes of the columns come after it, and are undone before it.
  const untouched = columnsOfEnum(state.before, originalOf(state, before)).map(
    ({ table, column }): EnumColumn => {
      const use = enumUse(column, column.default);
      return { table: nameOf(table), column: column.name, before: use, after: use };
    },
  );
  return { type: 'addEnumValues', before, after, columns: untouched, dependents: [] };
}

/** Whether a column that has another type now gets this one, with its rows or with a default. */
function isUsedByOthers(state: ComparisonState, before: EnumType, after: EnumType): boolean {
  const original = keyOf(originalOf(state, before));
  return modelColumns(state, after).some(({ table, column }) => {
    const old = oldColumn(state, table, column);
    if (old?.enumType !== undefined && keyOf(old.enumType) === original) return false;
    return old !== undefined || column.default !== undefined;
  });
}

/** Under the name that the columns still have it by. */
function originalOf(state: ComparisonState, before: EnumType): QualifiedName {
  const rename = state.operations.find(
    (op) => op.type === 'renameEnum' && keyOf(op.to) === keyOf(before),
  );
  return rename?.type === 'renameEnum' ? rename.from : before;
}

/**
 * The columns whose type the enum is before, with what becomes of them; without those that leave it, which
 * they do before it changes: it may no longer have their values.
 */
function enumColumns(state: ComparisonState, before: EnumType, after: EnumType): EnumColumn[] {
  const users = columnsOfEnum(state.before, originalOf(state, before));
  return users.flatMap(({ table, column }): EnumColumn[] => {
    const use = enumUse(column, column.default);
    const entry = { table: nameOf(table), column: column.name, before: use };
    if (!isManaged(state, table)) return mayDrop(state, table) ? [] : [{ ...entry, after: use }];
    const wanted = sameColumn(state.after, table, column);
    const next = wanted && underSharedName(state, column, wanted);
    if (next?.enumType === undefined || keyOf(next.enumType) !== keyOf(after)) return [];
    const value = next.default ?? keptDefault(state, table, column, next);
    return [{ ...entry, after: enumUse(next, value) }];
  });
}

/** Whether a model, or the other side without models, says what becomes of the table. */
function isManaged(state: ComparisonState, table: Table): boolean {
  const key = keyOf(table);
  return state.after.tables.has(key) && (isExact(state) || state.options.facts.models.has(key));
}

function enumUse({ type }: Column, value: string | undefined): EnumColumn['before'] {
  return { isArray: isArray(type), default: value };
}

/** A default that the model leaves to Sequelize stays in the database. */
function keptDefault(
  state: ComparisonState,
  table: Table,
  column: Column,
  next: Column,
): string | undefined {
  if (isArray(column.type) !== isArray(next.type)) return undefined;
  const isClients = state.options.facts.clientDefaults.has(`${keyOf(table)}.${column.name}`);
  return isClients ? column.default : undefined;
}

/** Drops the enums whose last column was dropped or became another type. */
export function dropLeftEnums(state: ComparisonState): void {
  if (isExact(state)) return;
  for (const key of state.leftEnums) {
    const type = state.before.enums.get(key);
    const users = type === undefined ? [] : columnsOfEnum(state.before, type);
    const isUsed = users.some(({ table, column }) => !isLost(state, table, column));
    const isWanted = wantedEnums(state).some((wanted) => keyOf(wanted) === key);
    const isRenamed = state.operations.some(
      (op) => op.type === 'renameEnum' && keyOf(op.from) === key,
    );
    if (type !== undefined && !isUsed && !isWanted && !isRenamed)
      state.operations.push({ type: 'dropEnum', enum: type });
  }
}

function isLost(state: ComparisonState, table: Table, column: Column): boolean {
  const key = `${keyOf(table)}.${column.name}`;
  if (state.lostColumns.has(key) || state.retypedColumns.has(key)) return true;
  return state.operations.some((op) => op.type === 'dropTable' && keyOf(op.table) === keyOf(table));
}
