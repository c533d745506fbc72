import { KeelError, NOTHING_WRITTEN } from '../errors';
import { keyOf } from '../schema/object-names';
import type { QualifiedName, Schema } from '../schema/schema';
import { findNamed } from './find-named';
import { columnScope, readPaths, shellWord, type NamedObject, type PathScope } from './object-path';
import { oldNames, type Rename } from './rename-operations';

/** Tables with their columns and indexes, and the values of enums: all that may be dropped by name. */
export function dropScope(before: Schema): PathScope {
  const scope = columnScope(before);
  return {
    ...scope,
    parts: (table) => [...scope.parts(table), ...table.indexes.map(({ name }) => name)],
  };
}

/**
 * Reads what `--drop` names, by the names of before or those that `renames` give.
 *
 * @throws KeelError INVALID_DROP
 */
export function readDrops(
  texts: readonly string[],
  before: Schema,
  renames: readonly Rename[],
): NamedObject[] {
  return texts.map((text) => {
    const [path, ...rest] = readPaths(text) ?? [];
    const found =
      path === undefined || rest.length > 0
        ? undefined
        : findNamed(path, dropScope(before), renames);
    if (found !== undefined) return found;
    throw new KeelError(
      `--drop ${shellWord(text)}: the migrations build no table, column or index of that name`,
      {
        code: 'INVALID_DROP',
        state: NOTHING_WRITTEN,
        hint: 'It has to be like users for a table, users.name for a column, users.users_name_idx for an index.',
      },
    );
  });
}

/** The keys of `drops`, by the old names and by those that `renames` give. */
export function dropKeys(
  drops: readonly NamedObject[],
  renames: readonly Rename[],
): ReadonlySet<string> {
  const names = oldNames(renames);
  return new Set(
    drops.flatMap(({ table, part, value }) => {
      const rest = [part, value].filter((name) => name !== undefined);
      const moved = names.newTable(table);
      const keys: QualifiedName[] = [table, moved];
      return keys.map((name) => [keyOf(name), ...rest].join('.'));
    }),
  );
}
