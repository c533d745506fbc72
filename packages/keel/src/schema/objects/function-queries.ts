import { isOwn, isUserNamespace, servesBaseType } from '../catalog';

/** Functions, procedures and aggregates. */
export function functionQueries(serverVersion: number): string[] {
  const kind = serverVersion >= 110000 ? 'p.prokind' : `CASE WHEN p.proisagg THEN 'a' ELSE 'f' END`;
  return [routinesQuery(kind), aggregatesQuery(serverVersion)];
}

/** Without the constructors that come with a range type, and the functions of base types. */
const own = `${isUserNamespace('n')} AND ${isOwn('pg_proc', 'p.oid')}
    AND NOT EXISTS (SELECT 1 FROM pg_depend range WHERE range.classid = 'pg_proc'::regclass
                    AND range.objid = p.oid AND range.deptype = 'i')
    AND NOT ${servesBaseType('p.oid')}`;

const identity = `p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')'`;

function routinesQuery(kind: string): string {
  return `
  SELECT 'pg_proc'::regclass::oid AS class, p.oid AS oid, k.kind, n.nspname::text AS schema, p.proname::text AS name, ${identity} AS identity,
    ARRAY[rtrim(pg_get_functiondef(p.oid), E'\\n')],
    format('DROP %s %I.%I(%s)', upper(k.kind), n.nspname, p.proname, pg_get_function_identity_arguments(p.oid))
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
  CROSS JOIN LATERAL (SELECT CASE ${kind} WHEN 'p' THEN 'procedure' ELSE 'function' END AS kind) k
  WHERE ${kind} <> 'a' AND ${own}`;
}

function aggregatesQuery(serverVersion: number): string {
  // PostgreSQL takes another default for aggregates with ORDER BY.
  const modify = (part: string): string => `CASE WHEN a.agg${part}finalfn::oid <> 0
      AND a.agg${part}finalmodify <> CASE a.aggkind WHEN 'n' THEN 'r' ELSE 'w' END THEN ', ${part.toUpperCase()}FINALFUNC_MODIFY = '
      || CASE a.agg${part}finalmodify WHEN 'r' THEN 'READ_ONLY' WHEN 's' THEN 'SHAREABLE' ELSE 'READ_WRITE' END END,`;
  const modifies = serverVersion >= 110000 ? `${modify('')} ${modify('m')}` : '';
  return `
  SELECT 'pg_proc'::regclass::oid, p.oid, 'aggregate', n.nspname::text, p.proname::text, ${identity},
    ARRAY[format('CREATE AGGREGATE %I.%I(%s) (', n.nspname, p.proname, coalesce(nullif(pg_get_function_arguments(p.oid), ''), '*'))
      || concat('SFUNC = ', a.aggtransfn, ', STYPE = ', format_type(a.aggtranstype, NULL),
      ', SSPACE = ' || NULLIF(a.aggtransspace, 0),
      ', FINALFUNC = ' || NULLIF(a.aggfinalfn::oid, 0)::regproc, CASE WHEN a.aggfinalextra THEN ', FINALFUNC_EXTRA' END,
      ', COMBINEFUNC = ' || NULLIF(a.aggcombinefn::oid, 0)::regproc, ', SERIALFUNC = ' || NULLIF(a.aggserialfn::oid, 0)::regproc,
      ', DESERIALFUNC = ' || NULLIF(a.aggdeserialfn::oid, 0)::regproc, ', INITCOND = ' || quote_literal(a.agginitval),
      ', MSFUNC = ' || NULLIF(a.aggmtransfn::oid, 0)::regproc, ', MINVFUNC = ' || NULLIF(a.aggminvtransfn::oid, 0)::regproc,
      ', MSTYPE = ' || CASE WHEN a.aggmtranstype <> 0 THEN format_type(a.aggmtranstype, NULL) END,
      ', MSSPACE = ' || NULLIF(a.aggmtransspace, 0), ', MFINALFUNC = ' || NULLIF(a.aggmfinalfn::oid, 0)::regproc,
      CASE WHEN a.aggmfinalextra THEN ', MFINALFUNC_EXTRA' END, ', MINITCOND = ' || quote_literal(a.aggminitval), ${modifies}
      (SELECT format(', SORTOP = OPERATOR(%I.%s)', sn.nspname, so.oprname) FROM pg_operator so JOIN pg_namespace sn ON sn.oid = so.oprnamespace
        WHERE so.oid = a.aggsortop),
      CASE p.proparallel WHEN 's' THEN ', PARALLEL = SAFE' WHEN 'r' THEN ', PARALLEL = RESTRICTED' END,
      CASE WHEN a.aggkind = 'h' THEN ', HYPOTHETICAL' END, ')')],
    format('DROP AGGREGATE %I.%I(%s)', n.nspname, p.proname, coalesce(nullif(pg_get_function_arguments(p.oid), ''), '*'))
  FROM pg_aggregate a JOIN pg_proc p ON p.oid = a.aggfnoid JOIN pg_namespace n ON n.oid = p.pronamespace
  WHERE ${own}`;
}
