import type pg from 'pg';
import { quoteIdentifier } from '../db/quote';

interface OwnedSequence {
  readonly schema: string;
  readonly table: string;
  readonly column: string;
  readonly sequence: string;
}

/**
 * Advances the sequences of the tables that a seeder wrote to: rows with explicit ids leave them behind, and
 * the application's next row would clash. A sequence never goes back.
 *
 * @param statements what the seeder sent; tells the tables where the server's statistics do not
 */
export async function advanceSequences(
  client: pg.Client,
  statements: readonly string[],
): Promise<void> {
  const { rows } = await client.query<OwnedSequence>(
    `SELECT n.nspname AS schema, c.relname AS table, a.attname AS column,
            pg_catalog.pg_get_serial_sequence(pg_catalog.format('%I.%I', n.nspname, c.relname), a.attname) AS sequence
       FROM pg_catalog.pg_class c
       JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
       JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
       JOIN pg_catalog.pg_depend d ON d.refobjid = c.oid AND d.refobjsubid = a.attnum
            AND d.deptype IN ('a', 'i') AND d.classid = 'pg_catalog.pg_class'::regclass
            AND d.refclassid = 'pg_catalog.pg_class'::regclass
       JOIN pg_catalog.pg_sequence s ON s.seqrelid = d.objid AND s.seqincrement > 0
      WHERE c.relkind IN ('r', 'p')
        AND (c.relname = ANY ($1) OR c.oid IN
             (SELECT relid FROM pg_catalog.pg_stat_xact_user_tables WHERE n_tup_ins > 0))`,
    [writtenTables(statements)],
  );
  for (const { schema, table, column, sequence } of rows) {
    const highest = `SELECT max(${quoteIdentifier(column)}) AS value FROM ${quoteIdentifier(schema)}.${quoteIdentifier(table)}`;
    await client.query(
      `SELECT pg_catalog.setval($1, h.value) FROM (${highest}) h, ${sequence} s
        WHERE h.value > s.last_value OR (h.value = s.last_value AND NOT s.is_called)`,
      [sequence],
    );
  }
}

/** The names of tables in INSERT and COPY statements, without their schemas. */
export function writtenTables(statements: readonly string[]): string[] {
  const names = new Set<string>();
  const target =
    /\b(?:insert\s+into|copy)\s+((?:"(?:[^"]|"")+"|[\w$]+)(?:\s*\.\s*(?:"(?:[^"]|"")+"|[\w$]+))?)/gi;
  for (const statement of statements) {
    for (const match of statement.matchAll(target)) {
      const last = /(?:"((?:[^"]|"")+)"|([\w$]+))$/.exec(match[1] ?? '');
      const name = last?.[1]?.replaceAll('""', '"') ?? last?.[2]?.toLowerCase();
      if (name !== undefined) names.add(name);
    }
  }
  return [...names];
}
