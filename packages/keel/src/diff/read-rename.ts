import { KeelError, NOTHING_WRITTEN } from '../errors';
import { displayName, keyOf } from '../schema/object-names';
import type { QualifiedName, Schema, Table } from '../schema/schema';
import { findNamed } from './find-named';
import { columnScope, findObject, readPaths, shellWord, type ObjectPath } from './object-path';
import type { Rename } from './rename-operations';

/** The two sides between which something is renamed. */
export interface RenameSides {
  /** What the migrations build. */
  readonly before: Schema;
  /** What the models describe. */
  readonly after: Schema;
  /** Whether a table of `after` is a model's own, by key. */
  readonly isModel: (key: string) => boolean;
}

/**
 * Reads `users.name:users.fullName`, `users:people`, `users:billing.users` or `users.role.admin:owner`, in any
 * order; a column may be named by its table's new name too.
 *
 * @throws KeelError INVALID_RENAME
 */
export function readRenames(texts: readonly string[], sides: RenameSides): Rename[] {
  const renames = findRenames(texts, sides);
  requireOneName(renames);
  for (const rename of renames) requireFree(rename, renames, sides.before);
  return renames;
}

/**
 * The same without a look at whether they go together.
 *
 * @throws KeelError INVALID_RENAME
 */
export function findRenames(texts: readonly string[], sides: RenameSides): Rename[] {
  const pairs = texts.map((text) => ({ text, paths: pathsOf(text) }));
  const tables = pairs.flatMap(({ text, paths: [from, to] }) => {
    const found = findObject(from, columnScope(sides.before));
    return found === undefined || found.part !== undefined
      ? []
      : [{ text, rename: tableRename(text, found.table, to, sides) }];
  });
  const moved = tables.map(({ rename }) => rename);
  const parts = pairs.flatMap(({ text, paths: [from, to] }): Rename[] =>
    tables.some((table) => table.text === text) ? [] : [partRename(text, from, to, moved, sides)],
  );
  return [...moved, ...parts];
}

function pathsOf(text: string): readonly [ObjectPath, ObjectPath] {
  const [from, to, ...rest] = readPaths(text) ?? [];
  if (from === undefined || to === undefined || rest.length > 0) {
    throw invalid(
      text,
      `It has to be like users.name:users.fullName for a column, or users:people for a table; a name with a dot, a colon or a quote in it stands in double quotes: 'users."a:b":users.ab'.`,
    );
  }
  return [from, to];
}

function tableRename(
  text: string,
  { schema, name }: Table,
  { segments }: ObjectPath,
  { after, isModel }: RenameSides,
): Rename {
  const last = segments.at(-1) ?? '';
  const given = segments.length > 1 ? segments.slice(0, -1).join('.') : undefined;
  // Without a schema: the one that it has, unless the models want it in another.
  const schemas = given === undefined ? [schema, 'public'] : [given];
  const candidates = schemas.map((one): QualifiedName => ({ schema: one, name: last }));
  const isWanted = (to: QualifiedName): boolean =>
    isModel(keyOf(to)) && after.tables.some((table) => keyOf(table) === keyOf(to));
  const to = candidates.find(isWanted);
  if (to === undefined) {
    const models = after.tables.filter((table) => isModel(keyOf(table))).map(displayName);
    throw invalid(
      text,
      `No model has the table ${segments.join('.')}. Theirs are: ${shown(models)}.`,
    );
  }
  return { kind: 'table', table: { schema, name }, to };
}

function partRename(
  text: string,
  from: ObjectPath,
  to: ObjectPath,
  moved: readonly Rename[],
  sides: RenameSides,
): Rename {
  const found = findNamed(from, columnScope(sides.before), moved);
  if (found?.part === undefined)
    throw invalid(text, `The migrations build no table or column ${from.segments.join('.')}.`);
  const { part: column, value } = found;
  const { schema, name } = found.table;
  const table = { schema, name };
  const target = moved.find(
    (rename) => rename.kind === 'table' && keyOf(rename.table) === keyOf(table),
  );
  const owner = target?.kind === 'table' ? target.to : table;
  const wanted = sides.after.tables.find((one) => keyOf(one) === keyOf(owner));
  if (wanted === undefined || !sides.isModel(keyOf(owner)))
    throw invalid(
      text,
      `No model has the table ${displayName(owner)}: say what became of it first.`,
    );
  const names = value === undefined ? [] : [column, ...wanted.columns.map((one) => one.name)];
  const last = lastName(to, [table, owner], names);
  if (value !== undefined) return valueRename(text, { table: found.table, column, value, last });
  if (!wanted.columns.some((one) => one.name === last)) {
    const columns = wanted.columns.map((one) => one.name);
    throw invalid(
      text,
      `The model of ${displayName(owner)} has no column ${last}. Its columns are: ${shown(columns)}.`,
    );
  }
  return { kind: 'column', table, column, to: last };
}

/** The new name without the table, and the column, that may stand before it. */
function lastName(
  { segments, quoted }: ObjectPath,
  tables: readonly QualifiedName[],
  columns: readonly string[],
): string {
  if (quoted) return segments.at(-1) ?? '';
  const whole = segments.join('.');
  const starts = tables.flatMap((table) => [displayName(table), keyOf(table)]);
  const start = starts.find((one) => whole.startsWith(`${one}.`));
  const rest = start === undefined ? whole : whole.slice(start.length + 1);
  const column = columns.find((one) => rest.startsWith(`${one}.`));
  return column === undefined ? rest : rest.slice(column.length + 1);
}

function valueRename(
  text: string,
  { table, column, value, last }: { table: Table; column: string; value: string; last: string },
): Rename {
  const type = table.columns.find(({ name }) => name === column)?.enumType;
  if (type === undefined) throw invalid(text, `${displayName(table)}.${column} has no ENUM.`);
  const { schema, name } = table;
  return { kind: 'value', table: { schema, name }, column, enum: type, value, to: last };
}

/** Nothing can have two new names, and no two things the same one. */
function requireOneName(renames: readonly Rename[]): void {
  const from = new Map<string, string>();
  const to = new Map<string, string>();
  for (const rename of renames) {
    const [key, target] = endsOf(rename);
    if (from.has(key) && from.get(key) !== target) throw contradiction(key, rename.kind);
    if (to.has(target) && to.get(target) !== key) throw contradiction(target, rename.kind);
    from.set(key, target);
    to.set(target, key);
  }
}

/** The new name must not be that of something else, unless that is renamed as well. */
function requireFree(rename: Rename, all: readonly Rename[], before: Schema): void {
  const [, target] = endsOf(rename);
  if (all.some((other) => endsOf(other)[0] === target)) return;
  const table = before.tables.find((one) => keyOf(one) === keyOf(rename.table));
  const isTaken =
    rename.kind === 'table'
      ? before.tables.some((one) => keyOf(one) === target)
      : rename.kind === 'column'
        ? table?.columns.some(({ name }) => name === rename.to)
        : before.enums
            .find((type) => keyOf(type) === keyOf(rename.enum))
            ?.values.includes(rename.to);
  if (isTaken !== true) return;
  throw new KeelError(`The new name ${target} of a --rename is taken already`, {
    code: 'INVALID_RENAME',
    state: NOTHING_WRITTEN,
    hint: 'The migrations build something of that name. Rename that too, or leave this rename out.',
  });
}

function endsOf(rename: Rename): [string, string] {
  if (rename.kind === 'table') return [keyOf(rename.table), keyOf(rename.to)];
  if (rename.kind === 'column') {
    const start = `${keyOf(rename.table)}.`;
    return [start + rename.column, start + rename.to];
  }
  const start = `${keyOf(rename.enum)} `;
  return [start + rename.value, start + rename.to];
}

function contradiction(name: string, kind: Rename['kind']): KeelError {
  return new KeelError(`Two flags rename the ${kind} ${name}`, {
    code: 'INVALID_RENAME',
    state: NOTHING_WRITTEN,
    hint: 'Give one --rename for each thing that has another name now.',
  });
}

/** A few of many. */
function shown(names: readonly string[]): string {
  return names.length > 12 ? `${names.slice(0, 12).join(', ')}, …` : names.join(', ');
}

function invalid(text: string, hint: string): KeelError {
  return new KeelError(`--rename ${shellWord(text)} cannot be understood`, {
    code: 'INVALID_RENAME',
    state: NOTHING_WRITTEN,
    hint,
  });
}
