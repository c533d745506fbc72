import type pg from 'pg';
import { askPlainly } from '../db/own-types';
import { quoteTable } from '../db/quote';
import { KeelError, NOTHING_CHANGED } from '../errors';
import type { BackfillOptions } from './backfill-options';

/** A column of a table. */
export interface TargetColumn {
  readonly name: string;
  /** Its type as SQL without a length: a cast to one with a length would cut values off in silence. */
  readonly type: string;
  readonly json: boolean;
}

/** The table that is filled. */
export interface Target {
  readonly oid: number;
  /** Its name for people, and in keel's record: with its schema. */
  readonly name: string;
  /** The same as SQL. */
  readonly sql: string;
  readonly columns: readonly TargetColumn[];
  /** The columns by whose order its rows are gone through. */
  readonly key: readonly TargetColumn[];
}

interface TableRow {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly kind: string;
  readonly columns: readonly TargetColumn[];
  readonly key: readonly string[] | null;
}

/**
 * Reads a table's columns, and the key to go through it by: the primary key, or else the shortest unique index over
 * columns that are NOT NULL.
 *
 * @throws KeelError `BACKFILL_INVALID` where there is no such table, `BACKFILL_NO_KEY` where it has no key
 */
export async function readTarget(
  client: pg.Client,
  table: BackfillOptions['table'],
): Promise<Target> {
  const { tableName, schema } = typeof table === 'string' ? { tableName: table } : table;
  const asked = quoteTable(schema, tableName);
  const { rows } = await askPlainly<TableRow>(client, TABLE, [asked]);
  const found = rows[0];
  if (!found || !['r', 'p'].includes(found.kind)) {
    throw new KeelError(
      found
        ? `${asked} is no table, so it cannot be backfilled.`
        : `There is no table ${asked} to backfill.`,
      {
        code: 'BACKFILL_INVALID',
        state: NOTHING_CHANGED,
        hint: 'Name a table: { table: { schema, tableName } } where it is not on the search path.',
      },
    );
  }
  const { oid, columns, key } = found;
  const name = `${found.schema}.${found.name}`;
  if (!key) throw withoutKey(name);
  const byName = new Map(columns.map((column) => [column.name, column]));
  return {
    oid,
    name,
    sql: quoteTable(found.schema, found.name),
    columns,
    key: key.map((column) => byName.get(column) as TargetColumn),
  };
}

function withoutKey(name: string): KeelError {
  return new KeelError(`${name} has no key that its rows could be gone through by.`, {
    code: 'BACKFILL_NO_KEY',
    state: NOTHING_CHANGED,
    hint: `Give it a primary key, or a unique index over columns that are NOT NULL. A small table can be changed at once: queryInterface.bulkUpdate.`,
  });
}

// A NOT NULL that is not validated (PostgreSQL 18) promises nothing of the rows that are there.
// An index sorts as the comparison does only by the column's own collation and the type's default operators.
const TABLE = `
  SELECT c.oid::int8::float8 AS oid, n.nspname AS schema, c.relname AS name, c.relkind AS kind,
         (SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
                   'name', a.attname, 'type', pg_catalog.format_type(a.atttypid, -1),
                   'json', coalesce(nullif(t.typbasetype, 0), t.oid) IN (114, 3802)) ORDER BY a.attnum)
            FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
           WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns,
         (SELECT k.names FROM pg_catalog.pg_index i
            CROSS JOIN LATERAL (
              SELECT pg_catalog.json_agg(a.attname ORDER BY u.place) AS names,
                     pg_catalog.bool_and(coalesce(a.attnotnull, false)
                       AND i.indcollation[u.place - 1] = a.attcollation AND o.opcdefault
                       AND (i.indoption[u.place - 1] & 1) = (i.indoption[0] & 1)
                       AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint v
                         WHERE v.conrelid = c.oid AND v.contype = 'n' AND NOT v.convalidated
                           AND v.conkey = ARRAY[a.attnum])) AS suits
                FROM pg_catalog.generate_series(1, i.indnkeyatts) u (place)
                LEFT JOIN pg_catalog.pg_attribute a
                  ON a.attrelid = c.oid AND a.attnum = i.indkey[u.place - 1] AND a.attnum > 0
                LEFT JOIN pg_catalog.pg_opclass o ON o.oid = i.indclass[u.place - 1]) k
           WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND k.suits
           ORDER BY i.indisprimary DESC, i.indnkeyatts, i.indexrelid LIMIT 1) AS key
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
   WHERE c.oid = pg_catalog.to_regclass($1)`;

/** About how many rows a table has, its partitions included: the planner's guess, which needs no scan. */
export async function estimateRows(client: pg.Client, { sql }: Target): Promise<number> {
  const { rows } = await askPlainly<{ 'QUERY PLAN': [{ Plan: { 'Plan Rows': number } }] }>(
    client,
    `EXPLAIN (FORMAT JSON) SELECT FROM ${sql}`,
  );
  return rows[0]?.['QUERY PLAN'][0].Plan['Plan Rows'] ?? 0;
}
