import { readFile } from 'node:fs/promises';
import * as v from 'valibot';
import type pg from 'pg';
import { isUserNamespace } from '../schema/catalog';
import { saveText } from '../project/save-text';
import { withProjectClient, type ProjectAddress } from '../project/with-project-client';
import { KeelError, messageOf, NOTHING_CHANGED } from '../errors';
import type { TableSize, TableSizes } from './table-sizes';

/**
 * Rows and bytes of every table, as of the last ANALYZE and at least what its pages say; of a partitioned one, those of
 * its partitions. It reads the catalog alone. `pg_relation_size` locks the table for a moment, and so would wait for whoever
 * holds ACCESS EXCLUSIVE on it: then the pages that the last VACUUM counted do.
 */
const SIZES = `WITH RECURSIVE locked AS MATERIALIZED (
    SELECT relation FROM pg_catalog.pg_locks WHERE mode = 'AccessExclusiveLock' AND relation IS NOT NULL),
  bytes AS (
    SELECT c.oid, c.relkind, c.reltuples, CASE WHEN c.relkind = 'p' THEN 0
      WHEN c.oid IN (SELECT relation FROM locked) THEN c.relpages * pg_catalog.current_setting('block_size')::int8
      ELSE pg_catalog.pg_relation_size(c.oid) END::float8 AS bytes
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'm') AND ${isUserNamespace('n')}),
  sizes AS (
    SELECT oid, bytes, CASE WHEN relkind = 'p' THEN 0 WHEN reltuples >= 0 THEN reltuples ELSE bytes / 100 END::float8 AS rows
    FROM bytes),
  parts(root, part) AS (
    SELECT oid, oid FROM sizes
    UNION ALL SELECT parts.root, i.inhrelid FROM parts
    JOIN pg_catalog.pg_inherits i ON i.inhparent = parts.part
    JOIN pg_catalog.pg_class child ON child.oid = i.inhrelid AND child.relispartition)
  SELECT n.nspname || '.' || c.relname AS name, sum(sizes.rows)::float8 AS rows, sum(sizes.bytes)::float8 AS bytes
  FROM parts JOIN sizes ON sizes.oid = parts.part JOIN pg_catalog.pg_class c ON c.oid = parts.root
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE ${isUserNamespace('n')} GROUP BY 1 ORDER BY 1`;

const INVALID = `SELECT n.nspname || '.' || c.relname AS name FROM pg_catalog.pg_index i
  JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE NOT i.indisvalid AND c.relkind = 'i' AND ${isUserNamespace('n')}`;

/** What the catalog of the real database says of its tables. */
export async function readSizes(client: pg.ClientBase, trusted: boolean): Promise<TableSizes> {
  const sizes = await client.query<TableSize & { readonly name: string }>(SIZES);
  const invalid = await client.query<{ name: string }>(INVALID);
  return {
    tables: Object.fromEntries(sizes.rows.map(({ name, rows, bytes }) => [name, { rows, bytes }])),
    trusted,
    invalidIndexes: invalid.rows.map(({ name }) => name),
  };
}

const size = v.object({
  rows: v.pipe(v.number(), v.minValue(0)),
  bytes: v.pipe(v.number(), v.minValue(0)),
});

const statsFile = v.object({
  tables: v.record(v.string(), size),
  invalidIndexes: v.optional(v.array(v.string()), []),
});

/**
 * Sizes out of a file that `--write-stats` has written.
 *
 * @throws KeelError STATS_FILE_INVALID
 */
export async function readStatsFile(file: string): Promise<TableSizes> {
  const invalid = (reason: string): KeelError =>
    new KeelError(`The file of sizes ${file} cannot be used: ${reason}`, {
      code: 'STATS_FILE_INVALID',
      state: NOTHING_CHANGED,
      hint: 'Write it again from the database that it is to describe: keel db:lint --env production --write-stats <file>',
    });
  let value: unknown;
  try {
    value = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw invalid(messageOf(error));
  }
  const parsed = v.safeParse(statsFile, value);
  if (parsed.success) return { ...parsed.output, trusted: true };
  const [issue] = parsed.issues;
  throw invalid(`${v.getDotPath(issue) ?? 'it'}: ${issue.message}`);
}

/**
 * Writes the sizes of the database's tables into a file that may be committed: it holds names and numbers, and no rows.
 *
 * @returns how many tables there are
 */
export async function saveSizes(project: ProjectAddress, file: string): Promise<number> {
  const { tables, invalidIndexes } = await withProjectClient(project, (client) =>
    readSizes(client, true),
  );
  await saveText(file, `${JSON.stringify({ tables, invalidIndexes }, null, 2)}\n`);
  return Object.keys(tables).length;
}
