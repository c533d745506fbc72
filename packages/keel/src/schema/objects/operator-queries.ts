import { isOwn, isUserNamespace } from '../catalog';

const operatorName = (oid: string): string =>
  `(SELECT format('OPERATOR(%I.%s)', xn.nspname, x.oprname) FROM pg_operator x JOIN pg_namespace xn ON xn.oid = x.oprnamespace WHERE x.oid = ${oid})`;

/** What PostgreSQL calls the object in ALTER and DROP, after its kind. */
const identityOf = (catalog: string, oid: string): string =>
  `(pg_identify_object('${catalog}'::regclass, ${oid}, 0)).identity`;

/** Without those that are only promised by another's COMMUTATOR or NEGATOR. */
const operatorsQuery = `
  SELECT 'pg_operator'::regclass::oid AS class, o.oid AS oid, 'operator' AS kind, n.nspname::text AS schema, o.oprname::text AS name,
    format('%s(%s,%s)', o.oprname, CASE WHEN o.oprleft = 0 THEN 'NONE' ELSE format_type(o.oprleft, NULL) END,
      CASE WHEN o.oprright = 0 THEN 'NONE' ELSE format_type(o.oprright, NULL) END) AS identity,
    ARRAY[format('CREATE OPERATOR %I.%s (PROCEDURE = %s', n.nspname, o.oprname, o.oprcode) || concat(
      ', LEFTARG = ' || CASE WHEN o.oprleft <> 0 THEN format_type(o.oprleft, NULL) END,
      ', RIGHTARG = ' || CASE WHEN o.oprright <> 0 THEN format_type(o.oprright, NULL) END,
      ', COMMUTATOR = ' || ${operatorName('o.oprcom')}, ', NEGATOR = ' || ${operatorName('o.oprnegate')},
      ', RESTRICT = ' || NULLIF(o.oprrest::oid, 0)::regproc, ', JOIN = ' || NULLIF(o.oprjoin::oid, 0)::regproc,
      CASE WHEN o.oprcanhash THEN ', HASHES' END, CASE WHEN o.oprcanmerge THEN ', MERGES' END, ')')],
    'DROP OPERATOR IF EXISTS ' || ${identityOf('pg_operator', 'o.oid')}
  FROM pg_operator o JOIN pg_namespace n ON n.oid = o.oprnamespace
  WHERE o.oprcode::oid <> 0 AND ${isUserNamespace('n')} AND ${isOwn('pg_operator', 'o.oid')}`;

/** The operators and functions that belong to `owner`, as CREATE OPERATOR CLASS lists them. */
function membersOf(catalog: string, owner: string, family: string): string {
  const belongs = (part: string, oid: string): string => `EXISTS (SELECT 1 FROM pg_depend m
        WHERE m.classid = '${part}'::regclass AND m.objid = ${oid} AND m.refclassid = '${catalog}'::regclass AND m.refobjid = ${owner})`;
  return `(SELECT string_agg(member.text, ', ' ORDER BY member.text) FROM (
      SELECT concat('OPERATOR ', ao.amopstrategy, ' ', (SELECT format('%I.%s', xn.nspname, x.oprname) FROM pg_operator x
          JOIN pg_namespace xn ON xn.oid = x.oprnamespace WHERE x.oid = ao.amopopr),
        format(' (%s, %s)', format_type(ao.amoplefttype, NULL), format_type(ao.amoprighttype, NULL)),
        (SELECT format(' FOR ORDER BY %I.%I', sn.nspname, sf.opfname) FROM pg_opfamily sf JOIN pg_namespace sn ON sn.oid = sf.opfnamespace
          WHERE sf.oid = ao.amopsortfamily)) AS text
      FROM pg_amop ao WHERE ao.amopfamily = ${family} AND ${belongs('pg_amop', 'ao.oid')}
      UNION ALL
      SELECT concat('FUNCTION ', ap.amprocnum, format(' (%s, %s) ', format_type(ap.amproclefttype, NULL), format_type(ap.amprocrighttype, NULL)),
        ap.amproc::oid::regprocedure)
      FROM pg_amproc ap WHERE ap.amprocfamily = ${family} AND ${belongs('pg_amproc', 'ap.oid')}) member)`;
}

/** A class brings a family of its own name where it names no other. */
const familiesQuery = `
  SELECT 'pg_opfamily'::regclass::oid, f.oid, 'operator family', n.nspname::text, f.opfname::text, f.opfname || ' USING ' || am.amname,
    ARRAY[format('CREATE OPERATOR FAMILY %I.%I USING %I', n.nspname, f.opfname, am.amname)],
    format('DROP OPERATOR FAMILY %I.%I USING %I', n.nspname, f.opfname, am.amname)
  FROM pg_opfamily f JOIN pg_namespace n ON n.oid = f.opfnamespace JOIN pg_am am ON am.oid = f.opfmethod
  WHERE ${isUserNamespace('n')} AND ${isOwn('pg_opfamily', 'f.oid')}`;

/** Members that stand in no class, on families that may be those of others. */
const looseMembersQuery = `
  SELECT 'pg_opfamily'::regclass::oid, f.oid, 'members of operator family', n.nspname::text, f.opfname::text, f.opfname || ' USING ' || am.amname,
    ARRAY[format('ALTER OPERATOR FAMILY %I.%I USING %I ADD ', n.nspname, f.opfname, am.amname) || loose.list], 'SELECT 1'
  FROM pg_opfamily f JOIN pg_namespace n ON n.oid = f.opfnamespace JOIN pg_am am ON am.oid = f.opfmethod
  CROSS JOIN LATERAL (SELECT ${membersOf('pg_opfamily', 'f.oid', 'f.oid')} AS list) loose
  WHERE loose.list IS NOT NULL AND ${isUserNamespace('n')} AND ${isOwn('pg_opfamily', 'f.oid')}`;

const classesQuery = `
  SELECT 'pg_opclass'::regclass::oid, o.oid, 'operator class', n.nspname::text, o.opcname::text, o.opcname || ' USING ' || am.amname,
    ARRAY[format('CREATE OPERATOR CLASS %I.%I %sFOR TYPE %s USING %I FAMILY %I.%I AS ', n.nspname, o.opcname,
        CASE WHEN o.opcdefault THEN 'DEFAULT ' END, format_type(o.opcintype, NULL), am.amname, fn.nspname, f.opfname)
      || concat_ws(', ', 'STORAGE ' || CASE WHEN o.opckeytype <> 0 OR members.list IS NULL
          THEN format_type(CASE o.opckeytype WHEN 0 THEN o.opcintype ELSE o.opckeytype END, NULL) END, members.list)],
    format('DROP OPERATOR CLASS %I.%I USING %I', n.nspname, o.opcname, am.amname)
  FROM pg_opclass o JOIN pg_namespace n ON n.oid = o.opcnamespace JOIN pg_am am ON am.oid = o.opcmethod
  JOIN pg_opfamily f ON f.oid = o.opcfamily JOIN pg_namespace fn ON fn.oid = f.opfnamespace
  CROSS JOIN LATERAL (SELECT ${membersOf('pg_opclass', 'o.oid', 'f.oid')} AS list) members
  WHERE ${isUserNamespace('n')} AND ${isOwn('pg_opclass', 'o.oid')}`;

/** What initdb made has an oid below 16384; a range type brings one with it. */
const castsQuery = `
  SELECT 'pg_cast'::regclass::oid, x.oid, 'cast', ''::text, format('(%s AS %s)', format_type(x.castsource, NULL), format_type(x.casttarget, NULL)),
    format('(%s AS %s)', format_type(x.castsource, NULL), format_type(x.casttarget, NULL)),
    ARRAY[format('CREATE CAST (%s AS %s) ', format_type(x.castsource, NULL), format_type(x.casttarget, NULL))
      || CASE x.castmethod WHEN 'f' THEN 'WITH FUNCTION ' || x.castfunc::regprocedure WHEN 'i' THEN 'WITH INOUT' ELSE 'WITHOUT FUNCTION' END
      || CASE x.castcontext WHEN 'a' THEN ' AS ASSIGNMENT' WHEN 'i' THEN ' AS IMPLICIT' ELSE '' END],
    format('DROP CAST (%s AS %s)', format_type(x.castsource, NULL), format_type(x.casttarget, NULL))
  FROM pg_cast x WHERE x.oid >= 16384 AND ${isOwn('pg_cast', 'x.oid')}
    AND NOT EXISTS (SELECT 1 FROM pg_depend range WHERE range.classid = 'pg_cast'::regclass AND range.objid = x.oid AND range.deptype = 'i')`;

const conversionsQuery = `
  SELECT 'pg_conversion'::regclass::oid, x.oid, 'conversion', n.nspname::text, x.conname::text, x.conname::text,
    ARRAY[format('CREATE %sCONVERSION %I.%I FOR %L TO %L FROM %s', CASE WHEN x.condefault THEN 'DEFAULT ' END, n.nspname, x.conname,
      pg_encoding_to_char(x.conforencoding), pg_encoding_to_char(x.contoencoding), x.conproc)],
    format('DROP CONVERSION %I.%I', n.nspname, x.conname)
  FROM pg_conversion x JOIN pg_namespace n ON n.oid = x.connamespace
  WHERE ${isUserNamespace('n')} AND ${isOwn('pg_conversion', 'x.oid')}`;

/** Operators, their families and classes, casts and conversions. */
export const operatorQueries: readonly string[] = [
  operatorsQuery,
  familiesQuery,
  classesQuery,
  looseMembersQuery,
  castsQuery,
  conversionsQuery,
];
