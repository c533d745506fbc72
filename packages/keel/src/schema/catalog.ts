import { holdsKeelOnly } from '../db/keel-schema';

/** Pieces of SQL that several readers of the catalog share. */

/** Schemas that hold a user's objects, so not the one that keel made for itself; `alias` is that of pg_namespace. */
export function isUserNamespace(alias: string): string {
  return `${alias}.nspname !~ '^pg_' AND ${alias}.nspname <> 'information_schema' AND NOT ${holdsKeelOnly(alias)}`;
}

/** SQL for what `keyOf` gives for the same schema and name. */
export function keySql(schema: string, name: string): string {
  const part = (text: string): string =>
    `CASE WHEN ${text} ~ '[."]' THEN '"' || replace(${text}, '"', '""') || '"' ELSE ${text}::text END`;
  return `(${part(schema)} || '.' || ${part(name)})`;
}

/** FROM for the rows of {@link relationsTable}. */
export const fromRelations = 'FROM relations c';

/**
 * A common table expression of the tables and views that are a user's own, with their schema's name, and `kind` and
 * `alone` as ALTER calls them. PostgreSQL works it out once for all the queries that read from it.
 */
export const relationsTable = `relations AS (
  SELECT c.oid, c.relname, c.relkind, c.reloptions, c.reltoastrelid, c.relreplident, c.reltablespace, c.relam,
    c.relrowsecurity, c.relforcerowsecurity, c.reloftype, c.relpersistence, n.nspname, k.kind, k.alone
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace AND ${isUserNamespace('n')}
  JOIN (VALUES ('r', 'TABLE', 'TABLE ONLY'), ('p', 'TABLE', 'TABLE ONLY'), ('f', 'FOREIGN TABLE', 'FOREIGN TABLE ONLY'),
    ('m', 'MATERIALIZED VIEW', 'MATERIALIZED VIEW'), ('v', 'VIEW', 'VIEW')) k (relkind, kind, alone) ON k.relkind = c.relkind::text
  WHERE ${isOwn('pg_class', 'c.oid')})`;

/**
 * Columns that are numbered by a sequence of their own, as SERIAL and IDENTITY make them: `table_oid`, `number`,
 * `sequence_oid`. A sequence that a column owns in any other way is an object by itself.
 */
export const numberedColumns = `(${numberedBy('TRUE')})`;

/** The same of one sequence. A database without statistics, as a new one is, joins the list of all row by row. */
export function numberedColumnsOf(sequence: string): string {
  return `LATERAL (${numberedBy(`d.objid = ${sequence}`)} OFFSET 0)`;
}

function numberedBy(condition: string): string {
  // Not format('%L'), which writes a name with a backslash as E'…': pg_get_expr never does.
  const name = `replace(s.oid::regclass::text, '''', '''''')`;
  return `SELECT d.refobjid AS table_oid, d.refobjsubid AS number, d.objid AS sequence_oid
  FROM pg_depend d JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S'
  JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
  LEFT JOIN pg_attrdef f ON f.adrelid = a.attrelid AND f.adnum = a.attnum
  WHERE ${condition} AND d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0
    AND (d.deptype = 'i' OR d.deptype = 'a' AND a.attnotnull AND a.atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype)
      AND pg_get_expr(f.adbin, f.adrelid) = format('nextval(''%s''::regclass)', ${name}))`;
}

/** Objects that no extension brought; `catalog` is the system table that `oid` is of. */
export function isOwn(catalog: string, oid: string): string {
  return `NOT EXISTS (SELECT 1 FROM pg_depend ext
    WHERE ext.classid = '${catalog}'::regclass AND ext.objid = ${oid} AND ext.deptype = 'e')`;
}

/**
 * A function of a base type (INPUT, OUTPUT and the like). Type and function need each other, so that they are made and
 * dropped together: the function is a part of the type.
 */
export function servesBaseType(oid: string): string {
  return `EXISTS (SELECT 1 FROM pg_depend serving JOIN pg_type base ON base.oid = serving.objid AND base.typtype = 'b'
    WHERE serving.classid = 'pg_type'::regclass AND serving.refclassid = 'pg_proc'::regclass AND serving.refobjid = ${oid})`;
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
