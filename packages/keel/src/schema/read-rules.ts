import type { ClientBase } from 'pg';
import { addTo, compareText } from './catalog';
import type { Policy, Trigger } from './schema';

/** The triggers of `tables`, by the table's oid. */
export async function readTriggers(
  client: ClientBase,
  serverVersion: number,
  tables: readonly number[],
): Promise<ReadonlyMap<number, Trigger[]>> {
  const { rows } = await client.query<{ table_oid: number; name: string; definition: string }>(
    `
    SELECT t.tgrelid AS table_oid, t.tgname AS name, pg_get_triggerdef(t.oid) AS definition
    FROM pg_trigger t
    WHERE t.tgrelid = ANY($1) AND NOT t.tgisinternal ${serverVersion >= 130000 ? 'AND t.tgparentid = 0' : ''}`,
    [tables],
  );
  return byTable(rows);
}

/** The row security policies of `tables`, by the table's oid. */
export async function readPolicies(
  client: ClientBase,
  tables: readonly number[],
): Promise<ReadonlyMap<number, Policy[]>> {
  const { rows } = await client.query<{ table_oid: number; name: string; definition: string }>(
    `
    SELECT p.polrelid AS table_oid, p.polname AS name,
           concat('AS ', CASE WHEN p.polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END,
             ' FOR ', CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE'
                                    WHEN 'd' THEN 'DELETE' ELSE 'ALL' END,
             ' TO ', (SELECT string_agg(CASE WHEN r = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(r)) END, ', ' ORDER BY r)
                      FROM unnest(p.polroles) r),
             ' USING (' || pg_get_expr(p.polqual, p.polrelid) || ')',
             ' WITH CHECK (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')') AS definition
    FROM pg_policy p
    WHERE p.polrelid = ANY($1)`,
    [tables],
  );
  return byTable(rows);
}

function byTable(
  rows: readonly { table_oid: number; name: string; definition: string }[],
): ReadonlyMap<number, { name: string; definition: string }[]> {
  const result = new Map<number, { name: string; definition: string }[]>();
  for (const { table_oid, name, definition } of rows)
    addTo(result, table_oid, { name, definition });
  for (const list of result.values()) list.sort((a, b) => compareText(a.name, b.name));
  return result;
}
