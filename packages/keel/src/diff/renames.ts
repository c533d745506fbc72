import { KeelError, NOTHING_WRITTEN } from '../errors';
import { displayName, keyOf } from '../schema/object-names';
import type { QualifiedName, Schema, Table } from '../schema/schema';
import { baseType } from './column-types';
import type { Comparison } from './comparison';
import type { Operation } from './operation';

/** A table or column that is known under another name from now on. */
export interface Rename {
  readonly table: QualifiedName;
  /** The column's old name; undefined for a renamed table. */
  readonly column?: string;
  readonly to: string;
}

/** A rename that the difference may be: `from` is gone and `to` is new, and they are alike. */
export interface RenameCandidate {
  /** As `--rename` takes them: `users.name` and `users.fullName`, or `users` and `people`. */
  readonly from: string;
  readonly to: string;
  readonly rename: Rename;
}

/**
 * Reads `users.name:users.fullName`, `users:people`, or the same with schemas.
 *
 * @throws KeelError INVALID_RENAME
 */
export function parseRename(text: string, before: Schema): Rename {
  const [from, to, ...rest] = text.split(':');
  if (from === undefined || to === undefined || from === '' || to === '' || rest.length > 0) {
    throw invalid(
      text,
      'It has to be like users.name:users.fullName for a column, or users:people for a table.',
    );
  }
  const last = to.split('.').at(-1) ?? to;
  const table = findTable(before, from);
  if (table !== undefined) return { table: nameOf(table), to: last };
  const position = from.lastIndexOf('.');
  const owner = position === -1 ? undefined : findTable(before, from.slice(0, position));
  const column = from.slice(position + 1);
  if (owner?.columns.some(({ name }) => name === column) !== true) {
    throw invalid(text, `The migrations build no table or column ${from}.`);
  }
  return { table: nameOf(owner), column, to: last };
}

function findTable(schema: Schema, text: string): Table | undefined {
  return schema.tables.find((table) => displayName(table) === text || keyOf(table) === text);
}

function nameOf({ schema, name }: QualifiedName): QualifiedName {
  return { schema, name };
}

function invalid(text: string, hint: string): KeelError {
  return new KeelError(`--rename ${text} cannot be understood`, {
    code: 'INVALID_RENAME',
    state: NOTHING_WRITTEN,
    hint,
  });
}

/** The operations of `renames`: columns first, while their tables still have the old names. */
export function renameOperations(renames: readonly Rename[]): Operation[] {
  const columns = renames.flatMap(({ table, column, to }): Operation[] =>
    column === undefined ? [] : [{ type: 'renameColumn', table, from: column, to }],
  );
  const tables = renames.flatMap(({ table, column, to }): Operation[] =>
    column === undefined
      ? [{ type: 'renameTable', from: table, to: { schema: table.schema, name: to } }]
      : [],
  );
  return [...columns, ...tables];
}

/** The keys of the tables that `renames` touch, by their new names. */
export function renamedTables(renames: readonly Rename[]): Set<string> {
  return new Set(
    renames.map(({ table }) => {
      const moved = renames.find(
        (other) => other.column === undefined && keyOf(other.table) === keyOf(table),
      );
      return keyOf(moved === undefined ? table : { schema: table.schema, name: moved.to });
    }),
  );
}

/** What in a difference may be a rename: a diff cannot see one, so somebody has to say. */
export function findRenameCandidates(
  before: Schema,
  { operations, notices }: Comparison,
): RenameCandidate[] {
  return [...columnCandidates(operations), ...tableCandidates(before, operations, notices)];
}

function columnCandidates(operations: readonly Operation[]): RenameCandidate[] {
  return operations.flatMap((drop) => {
    if (drop.type !== 'dropColumn') return [];
    return operations.flatMap((add) => {
      if (add.type !== 'addColumn' || keyOf(add.table) !== keyOf(drop.table)) return [];
      if (add.column.name === drop.column.name || !isAlike(drop.column, add.column)) return [];
      const table = displayName(drop.table);
      return [
        {
          from: `${table}.${drop.column.name}`,
          to: `${table}.${add.column.name}`,
          rename: { table: nameOf(drop.table), column: drop.column.name, to: add.column.name },
        },
      ];
    });
  });
}

function isAlike(a: Table['columns'][number], b: Table['columns'][number]): boolean {
  if (a.enumType !== undefined && b.enumType !== undefined) return true;
  return baseType(a.type) === baseType(b.type);
}

/** Tables that have most of their columns in common. */
function tableCandidates(
  before: Schema,
  operations: readonly Operation[],
  notices: Comparison['notices'],
): RenameCandidate[] {
  const left = before.tables.filter(
    (table) =>
      notices.some(
        ({ kind, table: other }) => kind === 'table without model' && keyOf(other) === keyOf(table),
      ) || operations.some((op) => op.type === 'dropTable' && keyOf(op.table) === keyOf(table)),
  );
  return left.flatMap((old) =>
    operations.flatMap((create) => {
      if (
        create.type !== 'createTable' ||
        create.table.schema !== old.schema ||
        !isMostlySame(old, create.table)
      )
        return [];
      return [
        {
          from: displayName(old),
          to: displayName(create.table),
          rename: { table: nameOf(old), to: create.table.name },
        },
      ];
    }),
  );
}

/** Columns that nearly every table has say nothing. */
const commonColumns = new Set([
  'id',
  'createdAt',
  'updatedAt',
  'deletedAt',
  'created_at',
  'updated_at',
  'deleted_at',
]);

function isMostlySame(a: Table, b: Table): boolean {
  const own = (table: Table): string[] =>
    table.columns.map(({ name }) => name).filter((name) => !commonColumns.has(name));
  const [first, second] = [own(a), own(b)];
  const shared = first.filter((name) => second.includes(name)).length;
  const largest = Math.max(first.length, second.length);
  return largest > 0 && shared / largest >= 0.6;
}
