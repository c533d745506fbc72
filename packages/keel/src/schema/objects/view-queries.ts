import { isOwn, isUserNamespace } from '../catalog';

/** Views with their options and triggers, materialized views with their indexes. Their settings are read apart. */
export function viewQueries(serverVersion: number): string[] {
  return [viewsQuery(serverVersion), rulesQuery];
}

function viewsQuery(serverVersion: number): string {
  const isCopy = serverVersion >= 130000 ? 'AND t.tgparentid = 0' : '';
  return `
  SELECT 'pg_class'::regclass::oid AS class, c.oid AS oid, k.kind AS kind, n.nspname::text AS schema, c.relname::text AS name,
    c.relname::text AS identity,
    ARRAY[format('CREATE %s %I.%I%s AS%s%s', upper(k.kind), n.nspname, c.relname,
      CASE WHEN c.relkind = 'v' THEN ' WITH (' || (SELECT string_agg(format('%I=%L', option_name, option_value), ', ')
        FROM pg_options_to_table(c.reloptions)) || ')' END, E'\\n', rtrim(pg_get_viewdef(c.oid), ';'))]
    || ARRAY(SELECT format('ALTER VIEW %I.%I ALTER COLUMN %I SET DEFAULT %s', n.nspname, c.relname, a.attname, pg_get_expr(d.adbin, d.adrelid))
      FROM pg_attrdef d JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum WHERE d.adrelid = c.oid ORDER BY a.attname)
    || ARRAY(SELECT pg_get_indexdef(i.indexrelid) FROM pg_index i WHERE i.indrelid = c.oid ORDER BY 1)
    || ARRAY(SELECT pg_get_triggerdef(t.oid) FROM pg_trigger t
      WHERE t.tgrelid = c.oid AND NOT t.tgisinternal ${isCopy} ORDER BY t.tgname) AS create,
    format('DROP %s %I.%I', upper(k.kind), n.nspname, c.relname) AS drop
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN (VALUES ('v', 'view'), ('m', 'materialized view')) k (relkind, kind) ON k.relkind = c.relkind::text
  WHERE ${isUserNamespace('n')} AND ${isOwn('pg_class', 'c.oid')}`;
}

const rulesQuery = `
  SELECT 'pg_rewrite'::regclass::oid, r.oid, 'rule', n.nspname::text, r.rulename::text, r.rulename || ' on ' || c.relname,
    ARRAY[rtrim(pg_get_ruledef(r.oid), ';')], format('DROP RULE %I ON %I.%I', r.rulename, n.nspname, c.relname)
  FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE r.rulename <> '_RETURN' AND ${isUserNamespace('n')} AND ${isOwn('pg_class', 'c.oid')}`;
