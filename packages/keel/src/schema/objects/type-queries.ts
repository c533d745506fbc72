import { isOwn, isUserNamespace } from '../catalog';

/** Types other than enums, and collations. */
export function typeQueries(serverVersion: number): string[] {
  return [
    domainsQuery,
    compositesQuery,
    rangesQuery(serverVersion),
    baseTypesQuery(serverVersion),
    collationsQuery(serverVersion),
  ];
}

const ownType = `${isUserNamespace('n')} AND ${isOwn('pg_type', 't.oid')}`;
const head = (kind: string): string =>
  `SELECT 'pg_type'::regclass::oid AS class, t.oid AS oid, '${kind}' AS kind, n.nspname::text AS schema, t.typname::text AS name, t.typname::text AS identity`;

/** ` COLLATE …` where the collation is not the type's own. */
const collate = (own: string, usual: string): string =>
  `(SELECT format(' COLLATE %I.%I', cn.nspname, co.collname) FROM pg_collation co JOIN pg_namespace cn ON cn.oid = co.collnamespace
      WHERE co.oid = ${own} AND ${own} <> ${usual})`;

const domainsQuery = `
  ${head('domain')},
    ARRAY[format('CREATE DOMAIN %I.%I AS %s', n.nspname, t.typname, format_type(t.typbasetype, t.typtypmod))
      || concat(${collate('t.typcollation', 'b.typcollation')}, ' DEFAULT ' || t.typdefault, CASE WHEN t.typnotnull THEN ' NOT NULL' END)
      || coalesce((SELECT string_agg(format(' CONSTRAINT %I %s', k.conname, pg_get_constraintdef(k.oid)), '' ORDER BY k.conname)
        FROM pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'c' AND k.convalidated), '')]
    || ARRAY(SELECT format('ALTER DOMAIN %I.%I ADD CONSTRAINT %I %s', n.nspname, t.typname, k.conname, pg_get_constraintdef(k.oid))
      FROM pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'c' AND NOT k.convalidated ORDER BY k.conname),
    format('DROP DOMAIN %I.%I', n.nspname, t.typname)
  FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace JOIN pg_type b ON b.oid = t.typbasetype
  WHERE t.typtype = 'd' AND ${ownType}`;

const compositesQuery = `
  ${head('composite type')},
    ARRAY[format('CREATE TYPE %I.%I AS (%s)', n.nspname, t.typname, (
      SELECT string_agg(format('%I %s', a.attname, format_type(a.atttypid, a.atttypmod)) || coalesce(${collate('a.attcollation', 'at.typcollation')}, ''),
        ', ' ORDER BY a.attnum)
      FROM pg_attribute a JOIN pg_type at ON at.oid = a.atttypid WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped))],
    format('DROP TYPE %I.%I', n.nspname, t.typname)
  FROM pg_class c JOIN pg_type t ON t.oid = c.reltype JOIN pg_namespace n ON n.oid = t.typnamespace
  WHERE c.relkind = 'c' AND ${ownType}`;

function rangesQuery(serverVersion: number): string {
  const multirange =
    serverVersion >= 140000
      ? `, (SELECT format(', MULTIRANGE_TYPE_NAME = %I.%I', mn.nspname, m.typname) FROM pg_type m JOIN pg_namespace mn ON mn.oid = m.typnamespace
        WHERE m.oid = r.rngmultitypid)`
      : '';
  return `
  ${head('range type')},
    ARRAY[format('CREATE TYPE %I.%I AS RANGE (SUBTYPE = %s', n.nspname, t.typname, format_type(r.rngsubtype, NULL))
      || concat((SELECT format(', SUBTYPE_OPCLASS = %I.%I', cn.nspname, oc.opcname) FROM pg_opclass oc JOIN pg_namespace cn ON cn.oid = oc.opcnamespace
          WHERE oc.oid = r.rngsubopc AND NOT oc.opcdefault),
        replace(${collate('r.rngcollation', 'st.typcollation')}, ' COLLATE ', ', COLLATION = '),
        ', CANONICAL = ' || NULLIF(r.rngcanonical::oid, 0)::regproc, ', SUBTYPE_DIFF = ' || NULLIF(r.rngsubdiff::oid, 0)::regproc${multirange}, ')')],
    format('DROP TYPE %I.%I', n.nspname, t.typname)
  FROM pg_range r JOIN pg_type t ON t.oid = r.rngtypid JOIN pg_namespace n ON n.oid = t.typnamespace JOIN pg_type st ON st.oid = r.rngsubtype
  WHERE ${ownType}`;
}

/** Types of C functions with these functions, and shells that a type of that kind will fill. */
function baseTypesQuery(serverVersion: number): string {
  const subscript =
    serverVersion >= 140000 ? `, ', SUBSCRIPT = ' || NULLIF(t.typsubscript::oid, 0)::regproc` : '';
  return `
  ${head('base type')},
    CASE WHEN NOT t.typisdefined THEN ARRAY[format('CREATE TYPE %I.%I', n.nspname, t.typname)] ELSE
    ARRAY[format('CREATE TYPE %I.%I', n.nspname, t.typname)]
    || ARRAY(SELECT rtrim(pg_get_functiondef(p.oid), E'\\n') FROM pg_proc p JOIN pg_namespace pn ON pn.oid = p.pronamespace
      WHERE ${isUserNamespace('pn')} AND ${isOwn('pg_proc', 'p.oid')} AND EXISTS (SELECT 1 FROM pg_depend d
        WHERE d.classid = 'pg_type'::regclass AND d.objid = t.oid AND d.refclassid = 'pg_proc'::regclass AND d.refobjid = p.oid)
      ORDER BY pn.nspname, p.proname)
    || ARRAY[format('CREATE TYPE %I.%I (INPUT = %s, OUTPUT = %s', n.nspname, t.typname, t.typinput, t.typoutput)
      || concat(', RECEIVE = ' || NULLIF(t.typreceive::oid, 0)::regproc, ', SEND = ' || NULLIF(t.typsend::oid, 0)::regproc,
        ', TYPMOD_IN = ' || NULLIF(t.typmodin::oid, 0)::regproc, ', TYPMOD_OUT = ' || NULLIF(t.typmodout::oid, 0)::regproc,
        ', ANALYZE = ' || NULLIF(t.typanalyze::oid, 0)::regproc${subscript},
        ', INTERNALLENGTH = ', CASE t.typlen WHEN -1 THEN 'VARIABLE' ELSE t.typlen::text END, CASE WHEN t.typbyval THEN ', PASSEDBYVALUE' END,
        ', ALIGNMENT = ', CASE t.typalign WHEN 'c' THEN 'char' WHEN 's' THEN 'int2' WHEN 'i' THEN 'int4' ELSE 'double' END,
        ', STORAGE = ', CASE t.typstorage WHEN 'p' THEN 'plain' WHEN 'e' THEN 'external' WHEN 'm' THEN 'main' ELSE 'extended' END,
        ', CATEGORY = ', quote_literal(t.typcategory::text), CASE WHEN t.typispreferred THEN ', PREFERRED = true' END,
        ', DEFAULT = ' || quote_literal(t.typdefault), ', ELEMENT = ' || CASE WHEN t.typelem <> 0 THEN format_type(t.typelem, NULL) END,
        ', DELIMITER = ', quote_literal(t.typdelim::text), CASE WHEN t.typcollation <> 0 THEN ', COLLATABLE = true' END, ')')] END,
    format('DROP TYPE %I.%I CASCADE', n.nspname, t.typname)
  FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
  WHERE (t.typtype = 'b' AND NOT EXISTS (SELECT 1 FROM pg_type el WHERE el.oid = t.typelem AND el.typarray = t.oid)
    OR t.typtype = 'p') AND ${ownType}`;
}

function collationsQuery(serverVersion: number): string {
  const locale =
    serverVersion >= 170000
      ? 'co.colllocale'
      : serverVersion >= 150000
        ? 'co.colliculocale'
        : `NULL::text`;
  // Up to version 14 an ICU locale stood in collcollate.
  const icu = serverVersion >= 150000 ? locale : 'co.collcollate';
  const rules = serverVersion >= 160000 ? 'co.collicurules' : 'NULL::text';
  const deterministic = serverVersion >= 120000 ? 'co.collisdeterministic' : 'true';
  return `
  SELECT 'pg_collation'::regclass::oid, co.oid, 'collation', n.nspname::text, co.collname::text, co.collname::text,
    ARRAY[format('CREATE COLLATION %I.%I (provider = %s', n.nspname, co.collname,
        CASE co.collprovider WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE 'libc' END)
      || CASE WHEN co.collprovider IN ('i', 'b') THEN ', locale = ' || quote_literal(${icu})
              WHEN co.collcollate = co.collctype THEN ', locale = ' || quote_literal(co.collcollate)
              ELSE format(', lc_collate = %L, lc_ctype = %L', co.collcollate, co.collctype) END
      || concat(', rules = ' || quote_literal(${rules}), CASE WHEN NOT ${deterministic} THEN ', deterministic = false' END, ')')],
    format('DROP COLLATION %I.%I', n.nspname, co.collname)
  FROM pg_collation co JOIN pg_namespace n ON n.oid = co.collnamespace
  WHERE ${isUserNamespace('n')} AND ${isOwn('pg_collation', 'co.oid')}`;
}
