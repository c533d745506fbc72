import type { ClientBase } from 'pg';
import { addTo, compareText, given, relationsTable } from './catalog';
import { columnSettings } from './column-settings';
import { inheritedSettings } from './inherited-settings';
import { indexSettings } from './index-settings';
import { tableSettings } from './table-settings';
import type { Setting } from './schema';

interface RawSetting {
  table_oid: number;
  what: string;
  value: string;
  set: string | null;
  reset: string | null;
}

/**
 * What pg_dump tells of tables and materialized views besides their columns, constraints, indexes and triggers, where
 * it is not the default; by the relation's oid.
 */
export async function readSettings(
  client: ClientBase,
  serverVersion: number,
): Promise<ReadonlyMap<number, Setting[]>> {
  const queries = [
    ...tableSettings(serverVersion),
    ...columnSettings(serverVersion),
    ...indexSettings(serverVersion),
    ...inheritedSettings(serverVersion),
  ];
  const { rows } = await client.query<RawSetting>(
    `WITH ${relationsTable}${queries.join('\nUNION ALL\n')}`,
  );
  const settings = new Map<number, Setting[]>();
  for (const { table_oid: oid, what, value, set, reset } of rows)
    addTo(settings, oid, { what, value, ...given('set', set), ...given('reset', reset) });
  for (const list of settings.values()) list.sort((a, b) => compareText(a.what, b.what));
  return settings;
}
