import type pg from 'pg';
import { CREATE_KEEL_SCHEMA, findKeelTable, isKeelTable } from './keel-schema';
import { isoTime, quoteLiteral, quoteTable } from './quote';

/** Which environment a database belongs to, as it remembers by itself. A copy of the database remembers the same. */
export interface EnvironmentMark {
  readonly environment: string;
  /** The database's name when the mark was made: another name now tells a copy. */
  readonly database: string;
  /** ISO 8601. */
  readonly since: string;
}

/** The name of the environment that is not to be emptied by mistake. */
export const PRODUCTION = 'production';

interface MarkRow {
  readonly name: string;
  readonly database: string;
  readonly since: string;
}

/**
 * What the database is marked as; undefined where it has no mark. Of several, in the schemas of several ledgers, that of
 * production counts.
 */
export async function readEnvironmentMark(
  client: pg.ClientBase,
): Promise<EnvironmentMark | undefined> {
  const { rows: tables } = await client.query<{ schema: string; name: string }>(
    `SELECT n.nspname AS schema, c.relname AS name
       FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relname IN ('environment', 'keel_environment') AND ${isKeelTable('n', 'c')}
        AND c.relkind = 'r' AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')
        AND pg_catalog.has_table_privilege(c.oid, 'SELECT')`,
  );
  if (tables.length === 0) return undefined;
  const sources = tables.map(
    ({ schema, name }) =>
      `SELECT name, database, ${isoTime('since')} AS since FROM ${quoteTable(schema, name)}`,
  );
  const { rows } = await client.query<MarkRow>(sources.join(' UNION ALL '));
  const row = rows.find(({ name }) => name === PRODUCTION) ?? rows[0];
  return row && { environment: row.name, database: row.database, since: row.since };
}

/**
 * Marks the database, whatever it was marked as.
 *
 * @param schema the ledger's; there the mark stands where the role may not make keel's schema
 */
export async function writeEnvironmentMark(
  client: pg.ClientBase,
  environment: string,
  schema: string | undefined,
): Promise<void> {
  const { table, inKeelSchema, beside, own } = await findKeelTable(client, 'environment', schema);
  const values = `${quoteLiteral(environment)}, pg_catalog.current_database(), now()`;
  const others = [own, beside].filter((each) => each !== undefined && each !== table);
  // Whoever can connect may ask: the guard must not depend on the role.
  await client.query(
    [
      inKeelSchema ? CREATE_KEEL_SCHEMA : '',
      `CREATE TABLE IF NOT EXISTS ${table} (one boolean PRIMARY KEY DEFAULT true CHECK (one),
         name text NOT NULL, database text NOT NULL, since timestamp with time zone NOT NULL)`,
      `GRANT SELECT ON ${table} TO PUBLIC`,
      `INSERT INTO ${table} (name, database, since) VALUES (${values})
         ON CONFLICT (one) DO UPDATE SET (name, database, since) = (${values})`,
      ...others.map((other) => `UPDATE ${other} SET (name, database, since) = (${values})`),
    ]
      .filter((statement) => statement !== '')
      .join('; '),
  );
}
