/**
 * The columns that are asked about, from three lists of names: `$1` schemas, `$2` tables, `$3` columns. A partition or a
 * child table has the column too, and changes with it: the names are those of the column that was asked about.
 */
export const targets = `targets AS (
  WITH RECURSIVE family AS (
    SELECT t.schema, t.name, t.col, c.oid
    FROM unnest($1::text[], $2::text[], $3::text[]) AS t(schema, name, col)
    JOIN pg_namespace n ON n.nspname = t.schema JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = t.name
    UNION
    SELECT f.schema, f.name, f.col, i.inhrelid FROM family f JOIN pg_inherits i ON i.inhparent = f.oid)
  SELECT f.schema, f.name, f.col, f.oid, a.attnum AS num
  FROM family f JOIN pg_attribute a ON a.attrelid = f.oid AND a.attname = f.col)`;

/** What hangs on the columns, of one kind: `classid` of pg_depend says which. */
export function dependents(catalog: string): string {
  return `SELECT DISTINCT d.objid FROM targets t JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass
    AND d.refobjid = t.oid AND d.refobjsubid = t.num AND d.classid = '${catalog}'::regclass`;
}
