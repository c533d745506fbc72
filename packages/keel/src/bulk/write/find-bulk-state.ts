import type pg from 'pg';
import { CREATE_KEEL_SCHEMA, findKeelTable, isKeelSchema, KEEL_SCHEMA } from '../../db/keel-schema';
import { isConnectionLoss } from '../../db/connection-error';
import { quoteTable } from '../../db/quote';
import { BulkState } from './bulk-state';

/**
 * Finds the record of bulk data: in keel's schema, or beside the ledger, where earlier versions kept it and where a
 * role keeps it that may not make a schema.
 *
 * @param schema the ledger's; that of the connection where undefined. It tells the projects of a database apart
 */
export async function findBulkState(
  client: pg.ClientBase,
  schema: string | undefined,
): Promise<BulkState> {
  const place = await findKeelTable(client, 'bulk', schema);
  const { rows } = await client.query<{ scope: string | null; there: boolean }>(
    `SELECT coalesce($1, pg_catalog.current_schema()) AS scope,
            EXISTS (SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                     WHERE ${isKeelSchema('n')} AND c.relname = 'bulk') AS there`,
    [schema],
  );
  const { scope, there } = rows[0]!;
  if (place.beside !== undefined)
    return new BulkState({ schema: place.besideSchema, scope: undefined, exists: true });
  // Another role may have made the record. Not to see it would make its rows again: better that PostgreSQL refuses.
  if (there || place.inKeelSchema)
    return new BulkState({ schema: KEEL_SCHEMA, scope: scope ?? '', exists: there });
  return new BulkState({ schema: place.besideSchema, scope: undefined, exists: false });
}

/**
 * Takes a record from beside the ledger into keel's schema, in one transaction. Where this role may not, or something
 * depends on the old tables, it stays where it is and works as before.
 */
export async function carryOverBulkState(
  client: pg.Client,
  schema: string | undefined,
): Promise<void> {
  const { beside, besideSchema, inKeelSchema } = await findKeelTable(client, 'bulk', schema);
  if (beside === undefined || !inKeelSchema) return;
  const chunks = quoteTable(besideSchema, 'keel_bulk_chunks');
  const state = new BulkState({
    schema: KEEL_SCHEMA,
    scope: schema ?? besideSchema ?? '',
    exists: true,
  });
  try {
    await client.query('BEGIN');
    await client.query("SET LOCAL lock_timeout = '2s'");
    await client.query(CREATE_KEEL_SCHEMA);
    await state.create(client);
    await client.query(`LOCK TABLE ${beside}, ${chunks}`);
    await state.copyFrom(client, beside, chunks);
    await client.query(`DROP TABLE ${chunks}, ${beside}`);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    if (isConnectionLoss(error)) throw error;
  }
}
