/** The columns that are asked about, from three lists of names: `$1` schemas, `$2` tables, `$3` columns. */
export const targets = `targets AS (
  SELECT a.attrelid AS oid, a.attnum AS num
  FROM unnest($1::text[], $2::text[], $3::text[]) AS t(schema, name, col)
  JOIN pg_namespace n ON n.nspname = t.schema JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = t.name
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = t.col)`;

/** What hangs on the columns, of one kind: `classid` of pg_depend says which. */
export function dependents(catalog: string): string {
  return `SELECT DISTINCT d.objid FROM targets t JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass
    AND d.refobjid = t.oid AND d.refobjsubid = t.num AND d.classid = '${catalog}'::regclass`;
}
