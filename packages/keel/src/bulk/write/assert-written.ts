import type pg from 'pg';
import { quoteTable } from '../../db/quote';
import { KeelError } from '../../errors';
import type { CatalogTable } from '../plan/catalog-table';
import type { RowRange } from '../plan/row-ranges';
import type { TableProgram } from '../program/compile-plan';
import { matchKey } from '../program/match-key';
import { CHUNKS_STAY } from './bulk-interrupted';
import { loadTemporary } from './load-temporary';

/**
 * Checks that rows are there under the keys that were computed for them. Triggers before INSERT can change keys or
 * leave rows out; undo would not find such rows, and other tables could not refer to them.
 *
 * @throws KeelError `SEED_WRITE_FAILED`
 */
export async function assertWritten(
  client: pg.Client,
  { program, catalog }: { readonly program: TableProgram; readonly catalog: CatalogTable },
  range: RowRange,
): Promise<void> {
  const { plan, key } = program;
  if (catalog.insertTriggers.length === 0 || key.length === 0) return;
  const full = quoteTable(plan.schema, plan.table);
  await client.query('DROP TABLE IF EXISTS pg_temp.keel_bulk_written');
  await loadTemporary(client, 'keel_bulk_written', full, key, range);
  const { rows } = await client.query<{ missing: number }>(
    `SELECT count(*)::float8 AS missing FROM keel_bulk_written AS made
      WHERE NOT EXISTS (SELECT FROM ${full} AS own WHERE ${matchKey(program)})`,
  );
  const { missing } = rows[0]!;
  if (missing === 0) return;
  const triggers = catalog.insertTriggers.join(', ');
  throw new KeelError(
    `Filling ${plan.id} (${plan.model}) failed: ${missing} of ${range.to - range.from} rows are not there under the keys that they were given.`,
    {
      code: 'SEED_WRITE_FAILED',
      state: CHUNKS_STAY,
      details: [`Triggers before INSERT: ${triggers}`],
      hint: `They change keys or leave rows out. Give ${plan.model} values that they keep (models.${plan.model}.columns in the plan file), or --rows ${plan.model}=0 and fill ${plan.id} by a seeder.`,
    },
  );
}
