import { isKeelSchema } from '../../db/keel-schema';

const usualOfPublic = 'standard public schema';

/** initdb writes a comment on the schema public, so that it is the one without it that somebody changed. */
const noComment = `
  SELECT 'pg_namespace'::regclass::oid AS class, n.oid AS oid, 'comment' AS kind, ''::text AS schema, 'SCHEMA public' AS name,
    'SCHEMA public' AS identity, ARRAY['COMMENT ON SCHEMA public IS NULL'] AS create,
    'COMMENT ON SCHEMA public IS ''${usualOfPublic}''' AS drop
  FROM pg_namespace n WHERE n.nspname = 'public' AND obj_description(n.oid, 'pg_namespace') IS NULL`;

/**
 * Comments and security labels, as PostgreSQL itself names what they are on: so that none is forgotten. Without those of
 * columns, tables, constraints, indexes and enums, which are read with these, and without those that come with extensions.
 */
export const remarkQueries: readonly string[] = [
  noComment,
  remarks(
    'comment',
    'pg_description',
    'NULL::text',
    `format('COMMENT ON %s IS %L', target.sql, d.description)`,
    `'COMMENT ON ' || target.sql || CASE target.sql WHEN 'SCHEMA public' THEN ' IS ''${usualOfPublic}''' ELSE ' IS NULL' END`,
    'd.description',
  ),
  remarks(
    'security label',
    'pg_seclabel',
    'd.provider',
    `format('SECURITY LABEL FOR %I ON %s IS %L', d.provider, target.sql, d.label)`,
    `format('SECURITY LABEL FOR %I ON %s IS NULL', d.provider, target.sql)`,
    'd.label',
  ),
];

function remarks(
  kind: string,
  catalog: string,
  provider: string,
  create: string,
  drop: string,
  text: string,
): string {
  return `
  SELECT d.classoid AS class, d.objoid AS oid, '${kind}' AS kind, ''::text AS schema, target.sql AS name,
    concat_ws(' ', target.sql, 'by ' || ${provider}) AS identity, ARRAY[${create}] AS create, ${drop} AS drop
  FROM ${catalog} d
  CROSS JOIN LATERAL pg_identify_object(d.classoid, d.objoid, d.objsubid) o
  CROSS JOIN LATERAL (SELECT CASE
      WHEN o.type LIKE '% column' THEN 'COLUMN'
      WHEN o.type = 'table constraint' THEN 'CONSTRAINT' WHEN o.type = 'domain constraint' THEN 'CONSTRAINT'
      WHEN o.type = 'statistics object' THEN 'STATISTICS' WHEN o.type = 'foreign-data wrapper' THEN 'FOREIGN DATA WRAPPER'
      WHEN o.type IN ('composite type', 'range type', 'multirange type') THEN 'TYPE' ELSE upper(o.type) END || ' '
    || CASE WHEN o.type = 'domain constraint' THEN regexp_replace(o.identity, ' on ', ' ON DOMAIN ') 
            WHEN o.type IN ('table constraint', 'trigger', 'policy', 'rule') THEN regexp_replace(o.identity, ' on ', ' ON ') ELSE o.identity END AS sql) target
  WHERE ${text} IS NOT NULL AND o.identity IS NOT NULL
    AND d.classoid NOT IN (SELECT unnest(ARRAY['pg_largeobject'::regclass]))
    AND (d.objoid >= 16384 OR d.classoid = 'pg_namespace'::regclass AND o.identity = 'public' AND ${text} <> '${usualOfPublic}')
    AND coalesce(o.schema, '') !~ '^(pg_|information_schema$)' AND o.identity !~ '^pg_'
    AND NOT (d.classoid = 'pg_trigger'::regclass AND EXISTS (SELECT 1 FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid AND c.relispartition
      JOIN pg_depend p ON p.classid = d.classoid AND p.objid = t.oid AND p.refclassid = d.classoid AND p.deptype = 'P' WHERE t.oid = d.objoid))
    AND NOT EXISTS (SELECT 1 FROM pg_namespace own WHERE ${isKeelSchema('own')}
      AND (own.nspname = o.schema OR d.classoid = 'pg_namespace'::regclass AND d.objoid = own.oid))
    AND NOT EXISTS (SELECT 1 FROM pg_depend ext WHERE ext.classid = d.classoid AND ext.objid = d.objoid AND ext.deptype = 'e')
    AND NOT (d.classoid = 'pg_extension'::regclass AND EXISTS (SELECT 1 FROM pg_extension e JOIN pg_available_extensions v ON v.name = e.extname
      WHERE e.oid = d.objoid AND v.comment = ${text}))
    ${
      kind === 'comment'
        ? `AND NOT (d.classoid = 'pg_class'::regclass AND EXISTS (SELECT 1 FROM pg_class c WHERE c.oid = d.objoid AND c.relkind IN ('r', 'p', 'f')))
    AND NOT (d.classoid = 'pg_type'::regclass AND EXISTS (SELECT 1 FROM pg_type t WHERE t.oid = d.objoid AND t.typtype = 'e'))
    AND NOT (d.classoid = 'pg_class'::regclass AND EXISTS (SELECT 1 FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid AND c.relkind IN ('r', 'p')
      LEFT JOIN pg_constraint k ON k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x') JOIN pg_class ix ON ix.oid = i.indexrelid AND NOT ix.relispartition
      WHERE i.indexrelid = d.objoid AND k.oid IS NULL))
    AND NOT (d.classoid = 'pg_constraint'::regclass AND EXISTS (SELECT 1 FROM pg_constraint k WHERE k.oid = d.objoid AND k.conrelid <> 0
      AND k.contype IN ('p', 'u', 'f', 'c', 'x') AND k.conparentid = 0 AND (k.conislocal OR k.coninhcount = 0)))`
        : ''
    }`;
}
