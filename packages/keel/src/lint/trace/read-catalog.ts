import { askPlainly } from '../../db/own-types';
import { isUserNamespace } from '../../schema/catalog';
import type { RawQuery } from '../../runner/attempt/statement-tracer';
import { HELD_LOCKS } from '../../runner/watch/read-locks';
import type { CatalogRelation, Oid } from './traced-catalog';

/** A lock of the transaction on a relation. */
export interface HeldLock {
  readonly oid: Oid;
  /** PostgreSQL's words: `AccessExclusiveLock`. */
  readonly mode: string;
}

/** What a transaction has done so far, seen from inside. */
export interface Snapshot {
  readonly relations: readonly CatalogRelation[];
  readonly locks: readonly HeldLock[];
  /** How many sequential scans the transaction has begun, by relation. */
  readonly scans: readonly ScanCount[];
}

interface ScanCount {
  readonly oid: Oid;
  readonly scans: number;
}

const KINDS = `CASE c.relkind WHEN 'r' THEN 'table' WHEN 'f' THEN 'table' WHEN 'p' THEN 'partitioned' WHEN 'i' THEN 'index'
  WHEN 'I' THEN 'index' WHEN 'v' THEN 'view' WHEN 'm' THEN 'matview' ELSE 'sequence' END`;

const COLUMNS = `(SELECT coalesce(json_agg(json_build_object('number', a.attnum, 'name', a.attname,
    'type', pg_catalog.format_type(a.atttypid, a.atttypmod), 'typeOid', a.atttypid::int8, 'notNull', a.attnotnull,
    'default', pg_catalog.pg_get_expr(f.adbin, f.adrelid),
    'generated', CASE a.attgenerated WHEN 's' THEN 'stored' WHEN 'v' THEN 'virtual' END,
    'numbered', a.attidentity <> '' OR coalesce(pg_catalog.pg_get_expr(f.adbin, f.adrelid) LIKE 'nextval(%', false))
    ORDER BY a.attnum), '[]'::json)
  FROM pg_catalog.pg_attribute a LEFT JOIN pg_catalog.pg_attrdef f ON f.adrelid = a.attrelid AND f.adnum = a.attnum
  WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'f'))`;

const CONSTRAINTS = `(SELECT coalesce(json_agg(json_build_object('oid', k.oid::int8, 'name', k.conname,
    'kind', CASE k.contype WHEN 'c' THEN 'check' WHEN 'f' THEN 'foreign key' WHEN 'p' THEN 'primary key' WHEN 'u' THEN 'unique'
      WHEN 'x' THEN 'exclusion' WHEN 'n' THEN 'not null' ELSE 'trigger' END,
    'validated', k.convalidated, 'definition', pg_catalog.pg_get_constraintdef(k.oid),
    'references', nullif(k.confrelid::int8, 0)) ORDER BY k.oid), '[]'::json)
  FROM pg_catalog.pg_constraint k WHERE k.conrelid = c.oid AND k.conparentid = 0)`;

const RELATIONS = `SELECT c.oid::int8::float8 AS oid, n.nspname || '.' || c.relname AS name, ${KINDS} AS kind,
    pg_catalog.pg_relation_filenode(c.oid)::int8::float8 AS filenode, i.indrelid::int8::float8 AS table,
    CASE WHEN i.indexrelid IS NOT NULL THEN pg_catalog.pg_get_indexdef(c.oid) END AS definition,
    coalesce(i.indisunique, false) AS unique,
    (SELECT k.oid::int8::float8 FROM pg_catalog.pg_constraint k
      WHERE k.conindid = c.oid AND k.contype IN ('p', 'u', 'x') LIMIT 1) AS "ofConstraint",
    (SELECT h.inhparent::int8::float8 FROM pg_catalog.pg_inherits h WHERE h.inhrelid = c.oid AND c.relispartition) AS "partitionOf",
    ${COLUMNS} AS columns, ${CONSTRAINTS} AS constraints
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid
  WHERE ${isUserNamespace('n')} AND c.relkind IN ('r', 'p', 'f', 'i', 'I', 'v', 'm', 'S')`;

/** Every change of a relation locks it first, and a new index locks its table. */
const LOCKED = `AND (c.oid IN (SELECT relation FROM held) OR i.indrelid IN (SELECT relation FROM held))`;

const HELD = `held AS (SELECT DISTINCT relation FROM pg_catalog.pg_locks
  WHERE locktype = 'relation' AND pid = pg_catalog.pg_backend_pid())`;

/** PostgreSQL counts a scan of an empty table too, so that no row is needed to see what a full table would cost. */
const SCANS = `SELECT l.relation::int8::float8 AS oid, pg_catalog.pg_stat_get_xact_numscans(l.relation)::float8 AS scans
  FROM (SELECT DISTINCT relation FROM pg_catalog.pg_locks
    WHERE locktype = 'relation' AND pid = pg_catalog.pg_backend_pid() AND relation >= 16384) l`;

/** PostgreSQL hands its counts on once a second, so that those of an earlier transaction may still be among them. */
const SCANS_BEFORE = `SELECT c.oid::int8::float8 AS oid, pg_catalog.pg_stat_get_xact_numscans(c.oid)::float8 AS scans
  FROM pg_catalog.pg_class c WHERE c.oid >= 16384 AND pg_catalog.pg_stat_get_xact_numscans(c.oid) > 0`;

/** What of a session's settings decides where its statements find things, and what its times mean. */
export async function readSessionSettings(
  client: RawQuery,
): Promise<{ readonly timeZone: string; readonly searchPath: string } | undefined> {
  const { rows } = await client.query<{ timeZone: string; searchPath: string }>(
    `SELECT pg_catalog.current_setting('TimeZone') AS "timeZone", pg_catalog.current_setting('search_path') AS "searchPath"`,
  );
  return rows[0];
}

/** Every relation of the database as the transaction sees it, and the scans counted so far. */
export async function readWholeCatalog(client: RawQuery): Promise<Omit<Snapshot, 'locks'>> {
  const relations = await askPlainly<CatalogRelation>(client, RELATIONS);
  const scans = await askPlainly<ScanCount>(client, SCANS_BEFORE);
  return { relations: relations.rows, scans: scans.rows };
}

/** The relations that the transaction has locked so far, its locks, and its scans. */
export async function readSnapshot(client: RawQuery): Promise<Snapshot> {
  // The locks come last but for the scans: reading the catalog opens relations and closes them again.
  const relations = await askPlainly<CatalogRelation>(
    client,
    `WITH ${HELD} ${RELATIONS} ${LOCKED}`,
  );
  const locks = await askPlainly<HeldLock>(client, HELD_LOCKS);
  const scans = await askPlainly<ScanCount>(client, SCANS);
  return { relations: relations.rows, locks: locks.rows, scans: scans.rows };
}
