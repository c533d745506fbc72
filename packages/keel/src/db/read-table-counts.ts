import type pg from 'pg';
import { isKeelTable } from './keel-schema';
import { quoteTable } from './quote';

/** A table and how many rows it has. */
export interface TableCount {
  readonly schema: string;
  readonly table: string;
  readonly rows: number;
  /** Whether `rows` is the planner's estimate, for a table too big to be counted in passing. */
  readonly estimated: boolean;
}

const COUNTED_UP_TO = 1_000_000;

/** All tables of the database but the system's and keel's own, with their rows. */
export async function readTableCounts(client: pg.Client): Promise<TableCount[]> {
  const { rows } = await client.query<{ schema: string; table: string; estimate: number }>(
    `SELECT n.nspname AS schema, c.relname AS table, c.reltuples::float8 AS estimate
       FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
        AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
        AND NOT ${isKeelTable('n', 'c')}
      ORDER BY n.nspname <> 'public', n.nspname, c.relname COLLATE "C"`,
  );
  const counts: TableCount[] = [];
  for (const { schema, table, estimate } of rows) {
    const estimated = estimate > COUNTED_UP_TO;
    const count = estimated
      ? estimate
      : (
          await client.query<{ n: string }>(
            `SELECT count(*) AS n FROM ${quoteTable(schema, table)}`,
          )
        ).rows[0]?.n;
    counts.push({ schema, table, rows: Number(count ?? 0), estimated });
  }
  return counts;
}
