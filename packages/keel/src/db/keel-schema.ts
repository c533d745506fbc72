import type pg from 'pg';
import { quoteLiteral, quoteTable } from './quote';

/**
 * keel's own tables. They stand in a schema of their own, where a loop over the tables of `public` does not meet
 * them. Where the role may not make that schema they stand beside the ledger, with `keel_` before their names.
 */
const TABLES = ['history', 'bulk', 'bulk_chunks', 'backfills', 'environment'] as const;

export type KeelTable = (typeof TABLES)[number];

export const KEEL_SCHEMA = 'keel';

/** The comment tells keel's schema from one that a project happens to call `keel`. */
const MARK = 'sequelize-keel';
const COMMENT = `${MARK}: the history of migrations and seeders, and the record of bulk data`;

const NAMES = TABLES.map(quoteLiteral).join(', ');
const NAMES_BESIDE = TABLES.map((table) => quoteLiteral(besideName(table))).join(', ');

/** SQL: is this the schema that keel made? `alias` is that of pg_namespace. */
export function isKeelSchema(alias: string): string {
  return `(${alias}.nspname = '${KEEL_SCHEMA}'
    AND coalesce(pg_catalog.obj_description(${alias}.oid, 'pg_namespace'), '') LIKE '${MARK}%')`;
}

/** SQL: is this keel's schema, and nothing of the project's in it? `alias` is that of pg_namespace. */
export function holdsKeelOnly(alias: string): string {
  return `(${isKeelSchema(alias)} AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_depend d
     WHERE d.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass AND d.refobjid = ${alias}.oid
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_class t
         WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND t.oid = d.objid AND t.relname IN (${NAMES}))))`;
}

/** SQL: is this a table of keel's own? The aliases are those of pg_namespace and pg_class. */
export function isKeelTable(namespace: string, table: string): string {
  return `(${table}.relname IN (${NAMES_BESIDE}) OR ${table}.relname IN (${NAMES}) AND ${isKeelSchema(namespace)})`;
}

/** By its name: is a table one of keel's own? Without a schema, one outside of keel's schema is meant. */
export function isKeelTableName(name: string, schema?: string): boolean {
  return TABLES.some(
    (table) => besideName(table) === name || (schema === KEEL_SCHEMA && table === name),
  );
}

function besideName(table: KeelTable): string {
  return `keel_${table}`;
}

/** Where one of keel's own tables is, or is to be made. */
export interface KeelTablePlace {
  /** The table to write to, as SQL. */
  readonly table: string;
  readonly exists: boolean;
  /** Whether it is the one in keel's schema; else it stands beside the ledger. */
  readonly inKeelSchema: boolean;
  /** The table in keel's schema, as SQL, where it is there and may be read. */
  readonly own: string | undefined;
  /** The table beside the ledger, as SQL, where it is there and may be read: made before keel had its schema. */
  readonly beside: string | undefined;
  /** The schema beside: the one that was asked for, else the connection's own. */
  readonly besideSchema: string | undefined;
}

interface PlaceRow {
  readonly exists: boolean;
  readonly readable: boolean;
  readonly writable: boolean;
  readonly makeable: boolean;
  readonly schema: string | null;
  readonly beside: boolean;
  readonly beside_readable: boolean;
}

/**
 * Looks where a table of keel's own is, in one query and with no right but to connect.
 *
 * @param schema the ledger's; the first of the search_path where undefined
 */
export async function findKeelTable(
  client: pg.ClientBase,
  table: KeelTable,
  schema: string | undefined,
): Promise<KeelTablePlace> {
  const { rows } = await client.query<PlaceRow>(FIND, [table, besideName(table), schema]);
  const row = rows[0] as PlaceRow;
  const besideSchema = row.schema ?? undefined;
  const own = quoteTable(KEEL_SCHEMA, table);
  const beside = quoteTable(besideSchema, besideName(table));
  const inKeelSchema = row.exists ? row.writable : row.makeable;
  return {
    table: inKeelSchema ? own : beside,
    exists: inKeelSchema ? row.exists : row.beside,
    inKeelSchema,
    own: row.readable ? own : undefined,
    beside: row.beside_readable ? beside : undefined,
    besideSchema,
  };
}

// The privileges are asked by oid: to_regclass() fails in a schema that the role may not use.
const FIND = `
  SELECT own.oid IS NOT NULL AS "exists",
         own.oid IS NOT NULL AND s.usable AND pg_catalog.has_table_privilege(own.oid, 'SELECT') AS readable,
         own.oid IS NOT NULL AND s.usable AND pg_catalog.has_table_privilege(own.oid, 'INSERT') AS writable,
         CASE WHEN s.oid IS NOT NULL THEN pg_catalog.has_schema_privilege(s.oid, 'CREATE')
              ELSE pg_catalog.to_regnamespace('${KEEL_SCHEMA}') IS NULL
               AND pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE') END AS makeable,
         coalesce(beside.schema, $3, pg_catalog.current_schema()) AS schema,
         beside.oid IS NOT NULL AS beside,
         beside.oid IS NOT NULL AND pg_catalog.has_table_privilege(beside.oid, 'SELECT') AS beside_readable
    FROM (SELECT) one
    LEFT JOIN LATERAL (
      SELECT n.oid, pg_catalog.has_schema_privilege(n.oid, 'USAGE') AS usable
        FROM pg_catalog.pg_namespace n WHERE ${isKeelSchema('n')}) s ON true
    LEFT JOIN pg_catalog.pg_class own ON own.relnamespace = s.oid AND own.relname = $1
    LEFT JOIN LATERAL (
      SELECT c.oid, n.nspname AS schema
        FROM pg_catalog.unnest(CASE WHEN $3::text IS NULL THEN pg_catalog.current_schemas(false)
                                    ELSE ARRAY[$3::name] END) WITH ORDINALITY path (name, place)
        JOIN pg_catalog.pg_namespace n ON n.nspname = path.name
        JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = $2
       ORDER BY path.place LIMIT 1) beside ON true`;

/**
 * SQL that makes keel's schema unless it is there. It is one statement, does not fail where another runner makes it
 * at the same moment, and where the schema is there asks for no right to make one, as CREATE SCHEMA IF NOT EXISTS does.
 */
export const CREATE_KEEL_SCHEMA = `DO $keel$ BEGIN
  IF pg_catalog.to_regnamespace('${KEEL_SCHEMA}') IS NULL THEN
    CREATE SCHEMA ${KEEL_SCHEMA};
    COMMENT ON SCHEMA ${KEEL_SCHEMA} IS ${quoteLiteral(COMMENT)};
    GRANT USAGE ON SCHEMA ${KEEL_SCHEMA} TO PUBLIC;
  END IF;
EXCEPTION WHEN duplicate_schema OR unique_violation THEN NULL;
END $keel$`;
