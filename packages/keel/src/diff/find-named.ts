import { keyOf } from '../schema/object-names';
import { findObject, type NamedObject, type ObjectPath, type PathScope } from './object-path';
import { oldNames, renamesOf, type Rename } from './rename-operations';

/** What a path names, by the name of before or by the new name of its table; the table is that of before. */
export function findNamed(
  path: ObjectPath,
  scope: PathScope,
  renames: readonly Rename[],
): NamedObject | undefined {
  const found = findObject(path, scope);
  if (found !== undefined) return found;
  const moved = renamesOf('table', renames).flatMap((rename) => {
    const old = scope.tables.find((table) => keyOf(table) === keyOf(rename.table));
    return old === undefined ? [] : [{ ...old, ...rename.to }];
  });
  const other = findObject(path, { ...scope, tables: moved });
  if (other === undefined) return undefined;
  const key = keyOf(oldNames(renames).table(other.table));
  const table = scope.tables.find((one) => keyOf(one) === key);
  return table === undefined ? undefined : { ...other, table };
}
