import { fromRelations, numberedColumnsOf } from './catalog';

/** Queries for the settings of tables and materialized views as a whole. */
export function tableSettings(serverVersion: number): string[] {
  const queries = [
    storageParameters,
    toastParameters,
    replicaIdentity,
    tablespace,
    forcedSecurity,
    ofType,
  ];
  if (serverVersion >= 120000) queries.push(accessMethod);
  return [...queries, triggerState(serverVersion), ruleState, ownedNumbering, ownedSequence];
}

const storageParameters = `
  SELECT c.oid AS table_oid, 'storage parameter ' || o.option_name AS what, o.option_value AS value,
    format('ALTER %s %I.%I SET (%I = %L)', c.kind, c.nspname, c.relname, o.option_name, o.option_value) AS set,
    format('ALTER %s %I.%I RESET (%I)', c.kind, c.nspname, c.relname, o.option_name) AS reset
  ${fromRelations} CROSS JOIN LATERAL pg_options_to_table(c.reloptions) o WHERE c.relkind <> 'v'`;

const toastParameters = `
  SELECT c.oid, 'storage parameter toast.' || o.option_name, o.option_value,
    format('ALTER %s %I.%I SET (toast.%I = %L)', c.kind, c.nspname, c.relname, o.option_name, o.option_value),
    format('ALTER %s %I.%I RESET (toast.%I)', c.kind, c.nspname, c.relname, o.option_name)
  ${fromRelations} JOIN pg_class toast ON toast.oid = c.reltoastrelid
  CROSS JOIN LATERAL pg_options_to_table(toast.reloptions) o`;

/** `USING INDEX` stands with the indexes. */
const replicaIdentity = `
  SELECT c.oid, 'replica identity', CASE c.relreplident WHEN 'n' THEN 'nothing' ELSE 'full' END,
    format('ALTER TABLE ONLY %I.%I REPLICA IDENTITY %s', c.nspname, c.relname,
      CASE c.relreplident WHEN 'n' THEN 'NOTHING' ELSE 'FULL' END),
    format('ALTER TABLE ONLY %I.%I REPLICA IDENTITY DEFAULT', c.nspname, c.relname)
  ${fromRelations} WHERE c.relkind IN ('r', 'p') AND c.relreplident IN ('n', 'f')`;

const tablespace = `
  SELECT c.oid, 'tablespace', s.spcname,
    format('ALTER %s %I.%I SET TABLESPACE %I', c.kind, c.nspname, c.relname, s.spcname),
    format('ALTER %s %I.%I SET TABLESPACE pg_default', c.kind, c.nspname, c.relname)
  ${fromRelations} JOIN pg_tablespace s ON s.oid = c.reltablespace`;

const accessMethod = `
  SELECT c.oid, 'access method', am.amname,
    format('ALTER %s %I.%I SET ACCESS METHOD %I', c.kind, c.nspname, c.relname, am.amname),
    format('ALTER %s %I.%I SET ACCESS METHOD heap', c.kind, c.nspname, c.relname)
  ${fromRelations} JOIN pg_am am ON am.oid = c.relam WHERE am.amname <> 'heap'`;

/** Only where row security is off: otherwise the table itself says it. */
const forcedSecurity = `
  SELECT c.oid, 'row level security that is off', 'forced',
    format('ALTER TABLE ONLY %I.%I FORCE ROW LEVEL SECURITY', c.nspname, c.relname),
    format('ALTER TABLE ONLY %I.%I NO FORCE ROW LEVEL SECURITY', c.nspname, c.relname)
  ${fromRelations} WHERE c.relforcerowsecurity AND NOT c.relrowsecurity`;

const ofType = `
  SELECT c.oid, 'type of the rows', format_type(c.reloftype, NULL),
    format('ALTER TABLE %I.%I OF %s', c.nspname, c.relname, format_type(c.reloftype, NULL)),
    format('ALTER TABLE %I.%I NOT OF', c.nspname, c.relname)
  ${fromRelations} WHERE c.reloftype <> 0`;

const states = `CASE %s WHEN 'O' THEN 'ENABLE' WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' ELSE 'ENABLE ALWAYS' END`;

/** The trigger of a partition comes with its parent's, and may be in another state. */
function triggerState(serverVersion: number): string {
  const hasParents = serverVersion >= 130000;
  return `
  SELECT c.oid, 'state of trigger ' || t.tgname, ${states.replace('%s', 't.tgenabled')},
    format('ALTER TABLE %I.%I %s TRIGGER %I', c.nspname, c.relname, ${states.replace('%s', 't.tgenabled')}, t.tgname),
    format('ALTER TABLE %I.%I ENABLE TRIGGER %I', c.nspname, c.relname, t.tgname)
  ${fromRelations} JOIN pg_trigger t ON t.tgrelid = c.oid
  ${hasParents ? 'LEFT JOIN pg_trigger parent ON parent.oid = t.tgparentid' : ''}
  WHERE t.tgenabled <> ${hasParents ? `coalesce(parent.tgenabled, 'O')` : `'O'`}
    AND (NOT t.tgisinternal ${hasParents ? 'OR parent.oid IS NOT NULL AND NOT parent.tgisinternal' : ''})`;
}

const ruleState = `
  SELECT c.oid, 'state of rule ' || r.rulename, ${states.replace('%s', 'r.ev_enabled')},
    format('ALTER TABLE %I.%I %s RULE %I', c.nspname, c.relname, ${states.replace('%s', 'r.ev_enabled')}, r.rulename),
    format('ALTER TABLE %I.%I ENABLE RULE %I', c.nspname, c.relname, r.rulename)
  ${fromRelations} JOIN pg_rewrite r ON r.ev_class = c.oid WHERE r.ev_enabled <> 'O'`;

/**
 * Columns that own a sequence as SERIAL and IDENTITY make it: what is not PostgreSQL's default for it. It is set on the
 * sequence of a new table, which RESTART brings between the new limits: PostgreSQL refuses them otherwise (22023).
 */
const ownedNumbering = `
  SELECT c.oid, 'numbering of column ' || a.attname, o.options,
    format('ALTER SEQUENCE %I.%I %s RESTART', sn.nspname, s.relname, o.options),
    format('ALTER SEQUENCE %I.%I INCREMENT BY 1 NO MINVALUE NO MAXVALUE START WITH 1 CACHE 1 NO CYCLE', sn.nspname, s.relname)
  FROM pg_sequence q
  JOIN ${numberedColumnsOf('q.seqrelid')} u ON TRUE
  JOIN relations c ON c.oid = u.table_oid
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = u.number
  JOIN pg_class s ON s.oid = u.sequence_oid JOIN pg_namespace sn ON sn.oid = s.relnamespace
  CROSS JOIN LATERAL (SELECT format('INCREMENT BY %s MINVALUE %s MAXVALUE %s START WITH %s CACHE %s%s',
    q.seqincrement, q.seqmin, q.seqmax, q.seqstart, q.seqcache, CASE WHEN q.seqcycle THEN ' CYCLE' ELSE ' NO CYCLE' END) AS options) o
  WHERE (q.seqincrement, q.seqmin, q.seqmax, q.seqstart, q.seqcache, q.seqcycle)
    <> (1, 1, CASE q.seqtypid WHEN 'int2'::regtype THEN 32767 WHEN 'int4'::regtype THEN 2147483647 ELSE 9223372036854775807 END, 1, 1, false)`;

/** A sequence is logged as its table is, unless someone changed it. Few are not: these are looked for first. */
const ownedSequence = `
  SELECT c.oid, 'sequence of column ' || a.attname, CASE s.relpersistence WHEN 'u' THEN 'unlogged' ELSE 'logged' END,
    format('ALTER SEQUENCE %I.%I SET %s', sn.nspname, s.relname, CASE s.relpersistence WHEN 'u' THEN 'UNLOGGED' ELSE 'LOGGED' END),
    format('ALTER SEQUENCE %I.%I SET %s', sn.nspname, s.relname, CASE c.relpersistence WHEN 'u' THEN 'UNLOGGED' ELSE 'LOGGED' END)
  FROM (SELECT s.oid, s.relname, s.relnamespace, s.relpersistence
    FROM pg_class s JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = s.oid AND d.refclassid = 'pg_class'::regclass
    JOIN pg_class t ON t.oid = d.refobjid AND t.relpersistence <> s.relpersistence WHERE s.relkind = 'S' OFFSET 0) s
  JOIN ${numberedColumnsOf('s.oid')} u ON TRUE
  JOIN relations c ON c.oid = u.table_oid
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = u.number
  JOIN pg_namespace sn ON sn.oid = s.relnamespace`;
