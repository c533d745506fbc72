import { holdsKeelOnly } from '../db/keel-schema';

/** Pieces of SQL that several readers of the catalog share. */

/** Schemas that hold a user's objects, so not the one that keel made for itself; `alias` is that of pg_namespace. */
export function isUserNamespace(alias: string): string {
  return `${alias}.nspname !~ '^pg_' AND ${alias}.nspname <> 'information_schema' AND NOT ${holdsKeelOnly(alias)}`;
}

/** Objects that no extension brought; `catalog` is the system table that `oid` is of. */
export function isOwn(catalog: string, oid: string): string {
  return `NOT EXISTS (SELECT 1 FROM pg_depend ext
    WHERE ext.classid = '${catalog}'::regclass AND ext.objid = ${oid} AND ext.deptype = 'e')`;
}

/** A LEFT JOIN that brings the comment of the object `oid` (or of its part `part`) as `comment.description`. */
export function joinComment(catalog: string, oid: string, part = '0'): string {
  return `LEFT JOIN pg_description comment
    ON comment.classoid = '${catalog}'::regclass AND comment.objoid = ${oid} AND comment.objsubid = ${part}`;
}

/** By code unit, as JavaScript compares: the same order whatever the server's collation is. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** `{ [key]: value }`, or nothing where the value is null, so that absent parts are absent in JSON too. */
export function given<K extends string, V>(key: K, value: V | null | undefined): { [P in K]?: V } {
  return value === null || value === undefined ? {} : ({ [key]: value } as { [P in K]?: V });
}

/** Adds `value` to the list under `key`. */
export function addTo<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
