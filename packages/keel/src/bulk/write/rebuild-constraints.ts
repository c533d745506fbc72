import type pg from 'pg';
import { postgresError } from '../../db/connection-error';
import { quoteIdentifier } from '../../db/quote';
import type { CatalogTable } from '../plan/catalog-table';

/** What was dropped for as long as a table's rows are written. */
export interface Dropped {
  readonly foreignKeys: CatalogTable['foreignKeys'];
  /** The statements that make its indexes again. */
  readonly indexes: readonly string[];
}

/**
 * Foreign keys that must stay: this role could not add them back, they belong to a partitioned table, or somebody has
 * switched their checks off (`ALTER TABLE … DISABLE TRIGGER ALL`), which their definition does not say.
 */
const STAYING_KEYS = `
  SELECT FROM pg_constraint k WHERE k.conrelid = $1::float8::int8::oid AND k.contype = 'f'
     AND (k.conparentid <> 0 OR NOT has_table_privilege(k.confrelid, 'REFERENCES')
          OR EXISTS (SELECT FROM pg_trigger t WHERE t.tgconstraint = k.oid AND t.tgenabled <> 'O'))`;

/*
 * Indexes that pg_get_indexdef() describes in full and that nothing needs meanwhile. That leaves out indexes of
 * constraints, unique ones, and those with a comment, a tablespace or a CLUSTER or REPLICA IDENTITY mark.
 */
const PLAIN_INDEXES = `
  SELECT format('DROP INDEX %I.%I', n.nspname, c.relname) AS drop, pg_get_indexdef(i.indexrelid) AS create
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE i.indrelid = $1::float8::int8::oid AND i.indisvalid AND i.indisready AND i.indexprs IS NULL
     AND NOT (i.indisunique OR i.indisexclusion OR i.indisclustered OR i.indisreplident)
     AND c.reltablespace = 0 AND NOT c.relispartition AND obj_description(c.oid, 'pg_class') IS NULL
     AND has_schema_privilege(n.oid, 'CREATE')
     AND NOT EXISTS (SELECT FROM pg_depend d
                      WHERE (d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('e', 'x'))
                         OR (d.refclassid = 'pg_class'::regclass AND d.refobjid = c.oid))`;

/**
 * Begins a transaction and drops a table's foreign keys in it, and its plain indexes where the table is empty.
 *
 * @param name the table, quoted and qualified
 * @returns undefined, with no transaction, where a foreign key must stay, another session holds the locks, or the
 * table has rows although it must be empty
 */
export async function dropConstraints(
  client: pg.Client,
  name: string,
  catalog: CatalogTable,
  mustBeEmpty: boolean,
): Promise<Dropped | undefined> {
  const { foreignKeys, oid } = catalog;
  const staying = await client.query(STAYING_KEYS, [oid]);
  if (staying.rowCount !== 0) return undefined;
  await client.query('BEGIN');
  try {
    await client.query("SET LOCAL lock_timeout = '3s'");
    for (const key of foreignKeys)
      await client.query(`ALTER TABLE ${name} DROP CONSTRAINT ${quoteIdentifier(key.name)}`);
    const { rows } = await client.query(`SELECT 1 FROM ${name} LIMIT 1`);
    if (rows.length > 0 && mustBeEmpty) {
      await client.query('ROLLBACK');
      return undefined;
    }
    const indexes = rows.length > 0 ? [] : await dropIndexes(client, oid);
    await client.query('SET LOCAL lock_timeout = DEFAULT');
    return { foreignKeys, indexes };
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    const code = postgresError(error)?.code;
    if (code === '55P03' || code === '42501') return undefined;
    throw error;
  }
}

async function dropIndexes(client: pg.Client, table: number): Promise<string[]> {
  const { rows } = await client.query<{ drop: string; create: string }>(PLAIN_INDEXES, [table]);
  for (const index of rows) await client.query(index.drop);
  return rows.map((index) => index.create);
}

/** Adds back what was dropped, in the same transaction. PostgreSQL checks every row. */
export async function addConstraintsBack(
  client: pg.Client,
  name: string,
  dropped: Dropped,
): Promise<void> {
  if (dropped.indexes.length > 0) await client.query("SET LOCAL default_tablespace = ''");
  for (const create of dropped.indexes) await client.query(create);
  for (const key of dropped.foreignKeys) {
    const constraint = quoteIdentifier(key.name);
    await client.query(`ALTER TABLE ${name} ADD CONSTRAINT ${constraint} ${key.definition}`);
    if (key.comment === null) continue;
    const literal = client.escapeLiteral(key.comment);
    await client.query(`COMMENT ON CONSTRAINT ${constraint} ON ${name} IS ${literal}`);
  }
}
