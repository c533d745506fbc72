import type pg from 'pg';
import { NUMBER, readColumnSequences, type ColumnSequence } from '../db/column-sequences';
import { quoteIdentifier, quoteTable } from '../db/quote';

/**
 * Advances the sequences that number the rows of the tables that a seeder wrote to: rows with explicit numbers
 * leave them behind, and the application's next row would clash. A sequence never goes back.
 *
 * @param statements what the seeder sent; tells the tables where the server's statistics do not
 * @returns a sentence for each sequence that stays behind
 */
export async function advanceSequences(
  client: pg.Client,
  statements: readonly string[],
): Promise<string[]> {
  const { rows } = await client.query<{ oid: number }>(WRITTEN, [writtenTables(statements)]);
  if (rows.length === 0) return [];
  const warnings: string[] = [];
  for (const used of await readColumnSequences(
    client,
    rows.map(({ oid }) => oid),
  )) {
    const highest = used.cycles ? undefined : furthestNumber(used);
    if (highest === undefined) continue;
    if (await mayAdvance(client, used)) await advance(client, used, highest);
    else warnings.push(...(await warnIfBehind(client, used, highest)));
  }
  return warnings;
}

// Rows that went into a partition may be numbered by its parent, which the statistics do not name.
const WRITTEN = `
  WITH RECURSIVE written AS (
    SELECT c.oid FROM pg_catalog.pg_class c
     WHERE c.relkind IN ('r', 'p')
       AND (c.relname = ANY ($1) OR c.oid IN
            (SELECT relid FROM pg_catalog.pg_stat_xact_user_tables WHERE n_tup_ins > 0 OR n_tup_upd > 0))
    UNION
    SELECT i.inhparent FROM pg_catalog.pg_inherits i JOIN written w ON w.oid = i.inhrelid)
  SELECT oid::int8::float8 AS oid FROM written`;

/** A query for the furthest number of the sequence that the table's rows hold; undefined where none can be told. */
function furthestNumber(used: ColumnSequence): string | undefined {
  const column = quoteIdentifier(used.column);
  const table = quoteTable(used.schema, used.table);
  const furthest = used.step < 0 ? 'min' : 'max';
  if (used.pattern !== undefined) return furthestInPattern(used, used.pattern);
  switch (used.holds) {
    case 'numbers':
      return `SELECT pg_catalog.trunc(${furthest}(${column})::numeric) AS value FROM ${table}`;
    case 'texts':
      return `SELECT ${furthest}(${column}::text::numeric) AS value FROM ${table} WHERE ${column}::text ~ '^-?[0-9]{1,19}$'`;
    case 'other':
      return undefined;
  }
}

/**
 * A number of the sequence is in a row where the default, given that number, makes the row's value. Those that can be
 * are the value's own digits and, for a number, what a line through the defaults of 0 and 1 says: `nextval('s') * 10 + 3`.
 */
function furthestInPattern(
  { column: name, schema, table, step, holds, callsFunctions }: ColumnSequence,
  pattern: string,
): string | undefined {
  if (holds === 'other' || callsFunctions) return undefined;
  const column = quoteIdentifier(name);
  const withNumber = (number: string): string => `(${pattern.replaceAll(NUMBER, () => number)})`;
  const digits = `SELECT m[1]::numeric AS value FROM pg_catalog.regexp_matches(${column}::text, '[0-9]+', 'g') m`;
  const [zero, one] = ['0::int8', '1::int8'].map((number) => `${withNumber(number)}::numeric`);
  const onLine = `SELECT pg_catalog.trunc((${column}::numeric - ${zero}) / NULLIF(${one} - ${zero}, 0))`;
  const candidates = holds === 'numbers' ? `${digits} UNION ${onLine}` : digits;
  // CASE keeps what is too long for a bigint from the cast.
  return `SELECT ${step < 0 ? 'min' : 'max'}(n.value) AS value
            FROM ${quoteTable(schema, table)} CROSS JOIN LATERAL (${candidates}) n
           WHERE CASE WHEN n.value <= 9223372036854775807
                      THEN ${withNumber('n.value::int8')}::text = ${column}::text ELSE false END`;
}

async function mayAdvance(client: pg.Client, used: ColumnSequence): Promise<boolean> {
  const { rows } = await client.query<{ may: boolean }>(
    `SELECT pg_catalog.has_sequence_privilege($1, 'UPDATE') AND pg_catalog.has_sequence_privilege($1, 'SELECT')
        AND pg_catalog.has_column_privilege($2, $3::text, 'SELECT') AS may`,
    [used.sequence, quoteTable(used.schema, used.table), used.column],
  );
  return rows[0]!.may;
}

/** A number beyond the bounds of the sequence cannot come from it, and so cannot clash. */
async function advance(
  client: pg.Client,
  { sequence, step, least, most }: ColumnSequence,
  furthest: string,
): Promise<void> {
  const further = step < 0 ? '<' : '>';
  await client.query(
    `SELECT pg_catalog.setval($1, h.value::int8) FROM (${furthest}) h, ${sequence} s
      WHERE h.value BETWEEN ${least} AND ${most}
        AND (h.value ${further} s.last_value OR (h.value = s.last_value AND NOT s.is_called))`,
    [sequence],
  );
}

/** What a role that may not advance a sequence has to know, as far as it may look. */
async function warnIfBehind(
  client: pg.Client,
  { schema, table, column, sequence, step, start }: ColumnSequence,
  furthest: string,
): Promise<string[]> {
  const { rows: looks } = await client.query<{ may: boolean }>(
    `SELECT pg_catalog.has_column_privilege($1, $2::text, 'SELECT')
        AND pg_catalog.has_sequence_privilege($3, 'USAGE, SELECT') AS may`,
    [quoteTable(schema, table), column, sequence],
  );
  if (!looks[0]!.may) return [];
  const { rowCount } = await client.query(
    `SELECT FROM (${furthest}) h
      WHERE h.value ${step < 0 ? '<' : '>'} coalesce(pg_catalog.pg_sequence_last_value($1), $2)`,
    [sequence, start - step],
  );
  if (rowCount === 0) return [];
  return [
    `${sequence} is behind ${schema}.${table}.${column} and this role may not advance it. GRANT SELECT, UPDATE ON SEQUENCE ${sequence} to it.`,
  ];
}

const NAME = String.raw`(?:"(?:[^"]|"")+"|[\p{L}\p{N}_$]+)`;
const TARGET = new RegExp(
  String.raw`\b(?:(?:insert|merge)\s+into|copy|update)\s+(?:only\s+)?(${NAME}(?:\s*\.\s*${NAME})?)`,
  'giu',
);

/** The names of tables in statements that write rows, without their schemas. */
function writtenTables(statements: readonly string[]): string[] {
  const names = new Set<string>();
  for (const statement of statements) {
    for (const match of statement.matchAll(TARGET)) {
      const last = /(?:"((?:[^"]|"")+)"|([\p{L}\p{N}_$]+))$/u.exec(match[1] ?? '');
      const name = last?.[1]?.replaceAll('""', '"') ?? last?.[2]?.toLowerCase();
      if (name !== undefined) names.add(name);
    }
  }
  return [...names];
}
