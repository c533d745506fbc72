import type pg from 'pg';
import { withAdvisoryLock } from '../db/advisory-lock';
import { quoteTable } from '../db/quote';
import { KeelError, NOTHING_CHANGED } from '../errors';
import { ledgerBackup } from '../project/ledger-tables';
import type { LedgerSettings, Project } from '../project/project';
import { withProjectClient } from '../project/with-project-client';
import { openFolder } from './ledger/migration-folder';
import { keyOf } from './with-plan';

const WAIT_MS = 600_000;

/**
 * Gives the record of migrations the columns `createdAt` and `updatedAt`, as sequelize-cli has them; rows that
 * are there get the time of now. A copy as it was stays beside it, under the name that sequelize-cli gives it. No
 * runner works meanwhile.
 *
 * @returns false where it has them
 * @throws KeelError `NO_LEDGER` where there is no such table
 */
export async function addLedgerTimestamps(project: Project, signal: AbortSignal): Promise<boolean> {
  const settings = project.migrationLedger;
  const how = { applicationName: 'keel lock' };
  const lock = {
    timeoutMs: WAIT_MS,
    purpose: `the table "${settings.table}"`,
    signal,
  };
  return withProjectClient(
    project,
    (holder) =>
      withAdvisoryLock(holder, keyOf(openFolder(project, 'migration')), lock, () =>
        withProjectClient(project, (client) => alter(client, settings), how),
      ),
    how,
  );
}

async function alter(client: pg.Client, settings: LedgerSettings): Promise<boolean> {
  const table = quoteTable(settings.schema, settings.table);
  const { rows } = await client.query<{ columns: string[] | null }>(
    `SELECT array_agg(attname::text) AS columns FROM pg_catalog.pg_attribute
      WHERE attrelid = pg_catalog.to_regclass($1) AND attnum > 0 AND NOT attisdropped`,
    [table],
  );
  const columns = rows[0]?.columns;
  if (settings.storage !== 'sequelize' || !columns) {
    throw new KeelError(`No MetaTable table found: there is no table ${table}.`, {
      code: 'NO_LEDGER',
      state: NOTHING_CHANGED,
      hint: 'The first db:migrate makes it; migrationTimestamps in the config then gives it the columns.',
    });
  }
  if (columns.includes('createdAt')) return false;
  const backup = quoteTable(settings.schema, ledgerBackup(settings.table));
  const names = ['"createdAt"', '"updatedAt"'];
  const type = 'TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now()';
  await client.query(
    `CREATE TABLE IF NOT EXISTS ${backup} (LIKE ${table} INCLUDING ALL);
     INSERT INTO ${backup} SELECT * FROM ${table} ON CONFLICT DO NOTHING;
     ALTER TABLE ${table} ${names.map((name) => `ADD COLUMN ${name} ${type}`).join(', ')};
     ALTER TABLE ${table} ${names.map((name) => `ALTER COLUMN ${name} DROP DEFAULT`).join(', ')}`,
  );
  return true;
}
