import type { QueryInterface } from 'sequelize';
import type { BackfillOptions } from '../backfill/backfill-options';
import { quoteTable } from '../db/quote';

/** Whether a table has rows: a place in a migration that is still to be filled in matters only then. */
export async function hasRows(
  { sequelize }: QueryInterface,
  table: BackfillOptions['table'],
): Promise<boolean> {
  const { tableName, schema } = typeof table === 'string' ? { tableName: table } : table;
  const [rows] = await sequelize.query(
    `SELECT EXISTS (SELECT FROM ${quoteTable(schema, tableName)}) AS yes`,
  );
  return (rows as { readonly yes: boolean }[])[0]?.yes === true;
}
