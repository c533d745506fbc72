import { keyOf } from '../schema/names';
import type { Column, EnumType, QualifiedName, Table } from '../schema/types';
import { isArray } from './columns';
import { columnOf, isExact, type ComparisonState } from './comparison';
import { columnsOfEnum } from './lookup';
import type { EnumColumn, Operation } from './operations';

/** Enums renamed, created and changed. Those that nothing uses any more go at the end: `dropLeftEnums`. */
export function compareEnums(state: ComparisonState): void {
  for (const type of wantedEnums(state)) {
    const old = state.before.enums.get(keyOf(type)) ?? renamedEnum(state, type);
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
  return state.after.schema.enums.filter((type) => {
    const users = columnsOfEnum(state.after, type).filter(({ table }) =>
      state.options.facts.models.has(keyOf(table)),
    );
    return (
      users.length > 0 &&
      !users.every(({ table, column }) => isSharedElsewhere(state, table, column, type))
    );
  });
}

/** Whether the column has an enum of another name with the same values, which other columns use too. */
function isSharedElsewhere(
  state: ComparisonState,
  table: Table,
  column: Column,
  type: EnumType,
): boolean {
  const old = oldColumn(state, table, column)?.enumType;
  if (old === undefined || keyOf(old) === keyOf(type) || state.before.enums.has(keyOf(type)))
    return false;
  const values = state.before.enums.get(keyOf(old))?.values;
  return (
    columnsOfEnum(state.before, old).length > 1 &&
    JSON.stringify(values) === JSON.stringify(type.values)
  );
}

function oldColumn(state: ComparisonState, table: Table, column: Column): Column | undefined {
  const old = state.before.tables.get(keyOf(table));
  return old === undefined ? undefined : columnOf(old, column.name);
}

/** The enum that the same column has under another name, which no other column needs: it is renamed. */
function renamedEnum(state: ComparisonState, type: EnumType): EnumType | undefined {
  for (const { table, column } of columnsOfEnum(state.after, type)) {
    const old = oldColumn(state, table, column);
    if (old?.enumType === undefined || isArray(old.type) !== isArray(column.type)) continue;
    const found = state.before.enums.get(keyOf(old.enumType));
    if (found === undefined || state.after.enums.has(keyOf(found)) || found.schema !== type.schema)
      continue;
    if (columnsOfEnum(state.before, found).length !== 1) continue;
    state.operations.push({ type: 'renameEnum', from: nameOf(found), to: nameOf(type) });
    return { ...found, name: type.name };
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
  const isUsedAtOnce = columns.some(
    (column) =>
      column.after.default !== undefined && column.after.default !== column.before.default,
  );
  if (!onlyAdds || isUsedAtOnce) return { type: 'replaceEnum', before, after, columns };
  // Their own changes come after it, and are undone before it.
  const untouched = columns.map((column) => ({ ...column, after: column.before }));
  return { type: 'addEnumValues', before, after, columns: untouched };
}

/** The columns whose type the enum is before, with what becomes of those that stay with it. */
function enumColumns(state: ComparisonState, before: EnumType, after: EnumType): EnumColumn[] {
  const rename = state.operations.find(
    (op) => op.type === 'renameEnum' && keyOf(op.to) === keyOf(before),
  );
  const original = rename?.type === 'renameEnum' ? rename.from : before;
  return columnsOfEnum(state.before, original).map(({ table, column }) => {
    const managed = state.after.tables.get(keyOf(table));
    const next = managed === undefined ? undefined : columnOf(managed, column.name);
    const isKept = next?.enumType !== undefined && keyOf(next.enumType) === keyOf(after);
    const use = enumUse(column, column.default);
    return {
      table: nameOf(table),
      column: column.name,
      before: use,
      after: isKept ? enumUse(next, next.default ?? keptDefault(state, table, column, next)) : use,
    };
  });
}

function enumUse({ type }: Column, value: string | undefined): EnumColumn['before'] {
  return { isArray: isArray(type), ...(value === undefined ? {} : { default: value }) };
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
