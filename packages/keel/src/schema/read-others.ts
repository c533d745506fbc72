import type { ClientBase } from 'pg';
import { compareText, isOwn, isUserNamespace } from './catalog';
import type { OtherObject } from './schema';

/** Views, functions, domains and whatever else models cannot declare. */
export async function readOtherObjects(
  client: ClientBase,
  serverVersion: number,
): Promise<OtherObject[]> {
  const queries = [
    viewsQuery,
    functionsQuery(serverVersion),
    domainsQuery,
    compositesQuery,
    rangesQuery,
    rulesQuery,
  ];
  const { rows } = await client.query<OtherObject>(queries.join('\nUNION ALL\n'));
  return rows
    .map(({ kind, schema, name, identity, definition }) => ({
      kind,
      schema,
      name,
      identity,
      definition,
    }))
    .sort((a, b) => compareText(sortKey(a), sortKey(b)));
}

function sortKey(object: OtherObject): string {
  return `${object.schema}\0${object.kind}\0${object.identity}`;
}

/** A view's options and a materialized view's indexes are part of its definition. */
const viewsQuery = `
  SELECT CASE c.relkind WHEN 'm' THEN 'materialized view' ELSE 'view' END AS kind,
         n.nspname::text AS schema, c.relname::text AS name, c.relname::text AS identity,
         concat_ws(E'\\n', CASE WHEN c.relkind = 'v' THEN 'WITH (' || array_to_string(c.reloptions, ', ') || ') AS' END,
           pg_get_viewdef(c.oid), (
           SELECT string_agg(pg_get_indexdef(i.indexrelid), E'\\n' ORDER BY i.indexrelid::regclass::text)
           FROM pg_index i WHERE i.indrelid = c.oid)) AS definition
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('v', 'm') AND ${isUserNamespace('n')} AND ${isOwn('pg_class', 'c.oid')}`;

function functionsQuery(serverVersion: number): string {
  const kind = serverVersion >= 110000 ? 'p.prokind' : `CASE WHEN p.proisagg THEN 'a' ELSE 'f' END`;
  return `
  SELECT CASE ${kind} WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' END,
         n.nspname::text, p.proname::text,
         p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')',
         CASE ${kind} WHEN 'a' THEN (
           SELECT concat('SFUNC = ', a.aggtransfn, ', STYPE = ', format_type(a.aggtranstype, NULL),
                         ', FINALFUNC = ' || NULLIF(a.aggfinalfn, 0)::regproc,
                         ', INITCOND = ' || quote_literal(a.agginitval))
           FROM pg_aggregate a WHERE a.aggfnoid = p.oid)
         ELSE pg_get_functiondef(p.oid) END
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
  WHERE ${isUserNamespace('n')} AND ${isOwn('pg_proc', 'p.oid')}
    AND NOT EXISTS (SELECT 1 FROM pg_depend range WHERE range.classid = 'pg_proc'::regclass
                    AND range.objid = p.oid AND range.deptype = 'i')`;
}

const domainsQuery = `
  SELECT 'domain', n.nspname::text, t.typname::text, t.typname::text,
         concat_ws(' ', 'AS', format_type(t.typbasetype, t.typtypmod), 'DEFAULT ' || t.typdefault,
           CASE WHEN t.typnotnull THEN 'NOT NULL' END,
           (SELECT string_agg(format('CONSTRAINT %I %s', k.conname, pg_get_constraintdef(k.oid)), ' ' ORDER BY k.conname)
            FROM pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'c'))
  FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
  WHERE t.typtype = 'd' AND ${isUserNamespace('n')} AND ${isOwn('pg_type', 't.oid')}`;

const compositesQuery = `
  SELECT 'composite type', n.nspname::text, c.relname::text, c.relname::text,
         'AS (' || (SELECT string_agg(quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod), ', ' ORDER BY a.attnum)
                    FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) || ')'
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind = 'c' AND ${isUserNamespace('n')} AND ${isOwn('pg_type', 'c.reltype')}`;

const rangesQuery = `
  SELECT 'range type', n.nspname::text, t.typname::text, t.typname::text,
         'AS RANGE (SUBTYPE = ' || format_type(r.rngsubtype, NULL) || ')'
  FROM pg_range r JOIN pg_type t ON t.oid = r.rngtypid JOIN pg_namespace n ON n.oid = t.typnamespace
  WHERE ${isUserNamespace('n')} AND ${isOwn('pg_type', 't.oid')}`;

const rulesQuery = `
  SELECT 'rule', n.nspname::text, r.rulename::text, r.rulename || ' on ' || c.relname, pg_get_ruledef(r.oid)
  FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE r.rulename <> '_RETURN' AND ${isUserNamespace('n')}`;
