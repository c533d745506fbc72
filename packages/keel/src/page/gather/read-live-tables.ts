import type { ClientBase } from 'pg';
import { quoteTable } from '../../db/quote';
import { withProjectClient } from '../../project/with-project-client';
import type { Project } from '../../project/project';
import { ledgerTables } from '../../project/ledger-tables';
import { keyOf } from '../../schema/object-names';
import { readSchema } from '../../schema/read-schema';
import { shapeTable } from '../plan/shape-table';
import type { LiveTables, TableSize } from '../document/page-sources';

/** Reads the database; a role that may read the catalogs is enough. */
export async function readLiveTables(project: Project): Promise<LiveTables> {
  return withProjectClient(project, async (client) => {
    const { rows } = await client.query<{ name: string | null }>(
      'SELECT pg_catalog.current_schema() AS name',
    );
    const schema = await readSchema(client, {
      ignore: ledgerTables(project),
      patterns: project.settings.ignore,
    });
    return {
      tables: schema.tables.map(shapeTable),
      sizes: await readSizes(client),
      defaultSchema: rows[0]?.name ?? 'public',
    };
  });
}

interface SizeRow {
  readonly schema: string;
  readonly name: string;
  readonly kind: string;
  readonly rows: number;
  readonly heap: number;
  readonly bytes: number;
  readonly readable: boolean;
}

/** Up to this size of a table its rows are counted, in bytes. */
const COUNTED_BYTES = 8_000_000;

/** How many tables one query counts. */
const CHUNK = 50;

async function readSizes(client: ClientBase): Promise<Map<string, TableSize>> {
  const { rows } = await client.query<SizeRow>(
    `SELECT n.nspname AS schema, c.relname AS name, c.relkind AS kind,
        GREATEST(c.reltuples, pg_catalog.pg_stat_get_live_tuples(c.oid))::float8 AS rows,
        pg_catalog.pg_relation_size(c.oid)::float8 AS heap,
        pg_catalog.pg_total_relation_size(c.oid)::float8 AS bytes,
        pg_catalog.has_table_privilege(c.oid, 'SELECT')
          AND pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND NOT c.relrowsecurity AS readable
       FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p') AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'`,
  );
  const sizes = new Map<string, TableSize>();
  for (const row of rows) {
    const estimate = row.kind === 'r' && row.rows >= 0 ? row.rows : undefined;
    sizes.set(keyOf(row), { rows: estimate, estimated: true, bytes: row.bytes });
  }
  const small = rows.filter(
    ({ kind, readable, heap }) => kind === 'r' && readable && heap <= COUNTED_BYTES,
  );
  for (let start = 0; start < small.length; start += CHUNK) {
    const chunk = small.slice(start, start + CHUNK);
    const counts = await countRows(client, chunk);
    for (const [position, row] of chunk.entries()) {
      const count = counts?.[position];
      if (count === undefined) continue;
      sizes.set(keyOf(row), { rows: count, estimated: false, bytes: row.bytes });
    }
  }
  return sizes;
}

/** Undefined where they cannot be counted in time: somebody else may hold a lock. */
async function countRows(
  client: ClientBase,
  tables: readonly SizeRow[],
): Promise<number[] | undefined> {
  const sql = tables.map(
    ({ schema, name }, position) =>
      `SELECT ${position} AS position, pg_catalog.count(*)::float8 AS rows FROM ONLY ${quoteTable(schema, name)}`,
  );
  await client.query('BEGIN READ ONLY');
  try {
    await client.query(`SET LOCAL statement_timeout = '2s'; SET LOCAL lock_timeout = '500ms'`);
    const { rows } = await client.query<{ position: number; rows: number }>(
      `${sql.join(' UNION ALL ')} ORDER BY position`,
    );
    return rows.map((row) => row.rows);
  } catch {
    return undefined;
  } finally {
    await client.query('ROLLBACK');
  }
}
