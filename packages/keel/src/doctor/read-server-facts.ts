import type pg from 'pg';
import { processIdOf } from '../db/wire';

/** What a connection tells of its server and of the role that it has there. */
export interface ServerFacts {
  readonly version: string;
  readonly database: string;
  readonly tls: boolean;
  readonly standby: boolean;
  readonly readOnly: boolean;
  readonly role: string;
  readonly superuser: boolean;
  readonly createDatabases: boolean;
  /** Whether schemas may be made in the database. */
  readonly createSchemas: boolean;
  /** Where tables are made; undefined where the search path leads nowhere. */
  readonly schema: string | undefined;
  readonly schemaExists: boolean;
  readonly createTables: boolean;
  /** Tables of that schema that belong to others, so that only those may alter them. */
  readonly foreignTables: readonly string[];
  /** Whether the server's process is another one than the connection was told: something stands between. */
  readonly pooled: boolean;
  /** How far the server's clock is ahead of this machine's, in milliseconds. */
  readonly aheadMs: number;
  /** How long the answer took, in milliseconds: the clocks cannot be compared more closely. */
  readonly answerMs: number;
}

interface Row extends Omit<ServerFacts, 'pooled' | 'aheadMs' | 'answerMs' | 'schema' | 'tls'> {
  readonly schema: string | null;
  readonly tls: boolean | null;
  readonly pid: number;
  readonly now: number;
}

const FACTS = `
  SELECT pg_catalog.current_setting('server_version') AS version, pg_catalog.current_database() AS database,
         (SELECT ssl FROM pg_catalog.pg_stat_ssl WHERE pid = pg_catalog.pg_backend_pid()) AS tls,
         pg_catalog.pg_is_in_recovery() AS standby,
         pg_catalog.current_setting('transaction_read_only') = 'on' AS "readOnly",
         r.rolname AS role, r.rolsuper AS superuser, r.rolcreatedb OR r.rolsuper AS "createDatabases",
         pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE') AS "createSchemas",
         home.name AS schema, n.oid IS NOT NULL AS "schemaExists",
         n.oid IS NOT NULL AND pg_catalog.has_schema_privilege(n.oid, 'CREATE') AS "createTables",
         (SELECT coalesce(pg_catalog.array_agg(c.relname::text ORDER BY c.relname), '{}')
            FROM pg_catalog.pg_class c WHERE c.relnamespace = n.oid AND c.relkind IN ('r', 'p')
             AND NOT pg_catalog.pg_has_role(c.relowner, 'USAGE')) AS "foreignTables",
         pg_catalog.pg_backend_pid() AS pid,
         (extract(epoch FROM pg_catalog.clock_timestamp()) * 1000)::double precision AS now
    FROM (SELECT coalesce($1, pg_catalog.current_schema()) AS name) home
    JOIN pg_catalog.pg_roles r ON r.rolname = current_user
    LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = home.name`;

/**
 * Asks the server.
 *
 * @param schema the one in which tables are made; the first of the search path where undefined
 */
export async function readServerFacts(
  client: pg.Client,
  schema: string | undefined,
): Promise<ServerFacts> {
  // The first answer may have to wait for the catalogs to be read.
  await client.query(FACTS, [schema]);
  const asked = Date.now();
  const { rows } = await client.query<Row>(FACTS, [schema]);
  const answerMs = Date.now() - asked;
  const { pid, now, tls, schema: home, ...facts } = rows[0]!;
  return {
    ...facts,
    tls: tls ?? false,
    schema: home ?? undefined,
    pooled: pid !== processIdOf(client),
    aheadMs: Math.round(now - (asked + answerMs / 2)),
    answerMs,
  };
}
