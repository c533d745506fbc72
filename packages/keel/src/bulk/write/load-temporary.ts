import type pg from 'pg';
import { quoteIdentifier } from '../../db/quote';
import type { RowRange } from '../plan/row-ranges';
import type { ColumnProgram } from '../program/column-program';
import { copyRows } from './copy-rows';

/** A temporary table with some columns of some rows, gone at the end of the transaction. */
export async function loadTemporary(
  client: pg.Client,
  name: string,
  table: string,
  columns: readonly ColumnProgram[],
  range: RowRange,
  signal?: AbortSignal,
): Promise<void> {
  const list = columns.map((column) => quoteIdentifier(column.name)).join(', ');
  await client.query(
    `CREATE TEMPORARY TABLE ${name} ON COMMIT DROP AS SELECT ${list} FROM ${table} WITH NO DATA`,
  );
  await copyRows(client, { table: name, columns }, range, { signal });
  await client.query(`ANALYZE ${name}`);
}
