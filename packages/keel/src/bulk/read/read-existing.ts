import { createHash } from 'node:crypto';
import type pg from 'pg';
import { quoteIdentifier, quoteTable } from '../../db/quote';
import type { ExistingKeys } from '../program/compile-plan';
import type { TablePlan } from '../plan/bulk-plan';

/** At most so many rows that are there already are used as parents: their keys are kept in memory. */
export const MOST_EXISTING = 1_000_000;

/** The keys of a table's rows. */
export interface ExistingRows {
  readonly keys: ExistingKeys;
  readonly count: number;
  /** A hash of the first `count` keys. */
  readonly fingerprint: string;
}

/**
 * Reads the keys of the first `limit` rows, in the order of the columns given.
 *
 * @param columns the columns that other tables refer to
 */
export async function readExisting(
  client: pg.Client,
  table: TablePlan,
  columns: readonly string[],
  limit: number,
): Promise<ExistingRows> {
  // Qualified, because ORDER BY would otherwise mean the texts of the select list.
  const names = columns.map((column) => `own.${quoteIdentifier(column)}`);
  const { rows } = await client.query<string[]>({
    text: `SELECT ${names.map((name) => `${name}::text`).join(', ')} FROM ${quoteTable(table.schema, table.table)} AS own
            WHERE ${names.map((name) => `${name} IS NOT NULL`).join(' AND ')}
            ORDER BY ${names.join(', ')} LIMIT ${Math.min(limit, MOST_EXISTING)}`,
    rowMode: 'array',
  });
  const hash = createHash('sha256');
  for (const row of rows) hash.update(`${row.join('\u0001')}\u0002`);
  const keys = Object.fromEntries(
    columns.map((column, at) => [column, (index: number): string => rows[index]![at]!]),
  );
  return { keys, count: rows.length, fingerprint: hash.digest('hex') };
}

/** The columns of a table that others refer to. */
export function referredColumns(table: TablePlan, tables: readonly TablePlan[]): string[] {
  const columns = tables.flatMap((other) =>
    other.relations
      .filter((each) => each.parent === table.id)
      .flatMap((each) => each.parentColumns),
  );
  return [...new Set(columns)].sort();
}
