import type { ClientBase } from 'pg';
import { addTo, isUserNamespace } from './catalog';

/**
 * What must be there before an object can be made, by the object's key: `schema.name` for tables, views,
 * types and sequences, `schema.name(arguments)` for functions. Foreign keys are left out: they are added
 * when all tables are there.
 *
 * Source: https://www.postgresql.org/docs/current/catalog-pg-depend.html
 */
export async function readDependencies(
  client: ClientBase,
): Promise<ReadonlyMap<string, readonly string[]>> {
  // Names are qualified then, in the arguments of functions too.
  await client.query('BEGIN READ ONLY; SET LOCAL search_path = pg_catalog');
  const { rows } = await client.query<{ object: string; needs: string }>(query);
  await client.query('ROLLBACK');
  const needs = new Map<string, string[]>();
  for (const row of rows) addTo(needs, row.object, row.needs);
  return needs;
}

/** Each part of an object (a default, a constraint, a view's rule, an owned sequence) counts as the object. */
const query = `
  WITH relation AS (
    SELECT c.oid, n.nspname || '.' || c.relname AS key
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm', 'c', 'S') AND ${isUserNamespace('n')}
  ), owned AS (
    SELECT d.objid AS oid, r.key FROM pg_depend d
    JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S' JOIN relation r ON r.oid = d.refobjid
    WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass
      AND d.deptype IN ('a', 'i')
  ), type AS (
    SELECT t.oid, coalesce(r.key, n.nspname || '.' || t.typname) AS key, t.typarray
    FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
    LEFT JOIN relation r ON r.oid = t.typrelid
    WHERE ${isUserNamespace('n')} AND t.typcategory <> 'A'
  ), node AS (
    SELECT 'pg_class'::regclass AS class, r.oid, coalesce(o.key, r.key) AS key
    FROM relation r LEFT JOIN owned o ON o.oid = r.oid
    UNION ALL SELECT 'pg_type'::regclass, oid, key FROM type
    UNION ALL SELECT 'pg_type'::regclass, typarray, key FROM type WHERE typarray <> 0
    UNION ALL SELECT 'pg_proc'::regclass, p.oid,
      n.nspname || '.' || p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')'
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE ${isUserNamespace('n')}
    UNION ALL SELECT 'pg_attrdef'::regclass, a.oid, r.key
    FROM pg_attrdef a JOIN relation r ON r.oid = a.adrelid
    UNION ALL SELECT 'pg_constraint'::regclass, k.oid, coalesce(r.key, t.key)
    FROM pg_constraint k LEFT JOIN relation r ON r.oid = k.conrelid LEFT JOIN type t ON t.oid = k.contypid
    WHERE k.contype <> 'f'
    UNION ALL SELECT 'pg_rewrite'::regclass, w.oid, r.key
    FROM pg_rewrite w JOIN relation r ON r.oid = w.ev_class WHERE w.rulename = '_RETURN'
  )
  SELECT DISTINCT object.key AS object, needed.key AS needs
  FROM pg_depend d
  JOIN node object ON object.class = d.classid AND object.oid = d.objid
  JOIN node needed ON needed.class = d.refclassid AND needed.oid = d.refobjid
  WHERE d.deptype IN ('n', 'a') AND object.key <> needed.key
  ORDER BY 1, 2`;
