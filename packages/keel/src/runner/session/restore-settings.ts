import type { Findings } from '../attempt/findings';
import type { RunConnection } from './run-connection';
import { quoteLiteral } from '../../db/quote';

/** The settings that a transaction has begun with, to be given to {@link asNew}. */
export async function readSettings(connection: Pick<RunConnection, 'send'>): Promise<string> {
  const { rows } = (await connection.send(`SELECT pg_catalog.json_object_agg(name, setting)::text
    AS settings FROM pg_catalog.pg_settings WHERE source = 'session'`)) as {
    rows: { settings: string | null }[];
  };
  return rows[0]?.settings ?? '{}';
}

/**
 * SQL that makes a transaction as good as new for the next file in it. What a file sets, with SET LOCAL too, holds until
 * the transaction ends.
 */
export function asNew(
  { traces, statements }: Pick<Findings, 'traces' | 'statements'>,
  { settings, ownRole }: { readonly settings: string; readonly ownRole: string },
): string {
  const temporary = statements.some(({ sql }) => /\btemp(orary)?\b/i.test(sql));
  return [
    ...(traces.role ? [ownRole] : []),
    ...(traces.possible ? [CHECK_DEFERRED, restoreSettings(settings, traces.customSettings)] : []),
    ...(temporary ? ['DISCARD TEMP'] : []),
  ].join('; ');
}

/** @param custom settings with a dot in their names, which pg_settings does not list */
function restoreSettings(settings: string, custom: Iterable<string>): string {
  return [
    `SELECT pg_catalog.set_config(s.name, coalesce(b.value, s.reset_val), true)
       FROM pg_catalog.pg_settings s
       LEFT JOIN pg_catalog.json_each_text(${quoteLiteral(settings)}) b (name, value) USING (name)
      WHERE (s.source = 'session' OR b.name IS NOT NULL) AND s.context IN ('user', 'superuser')
        AND s.setting IS DISTINCT FROM coalesce(b.value, s.reset_val)`,
    ...[...custom].map((name) => `SELECT pg_catalog.set_config(${quoteLiteral(name)}, '', true)`),
  ].join('; ');
}

/**
 * SQL that checks now what a COMMIT would check. A pending check would keep the next file from altering the table.
 * What is deferred by its definition is so again afterwards.
 */
const CHECK_DEFERRED = `SET CONSTRAINTS ALL IMMEDIATE; DO $keel$ DECLARE names text; BEGIN
  SELECT pg_catalog.string_agg(pg_catalog.format('%I.%I', n.nspname, c.conname), ', ') INTO names
    FROM pg_catalog.pg_constraint c JOIN pg_catalog.pg_namespace n ON n.oid = c.connamespace
   WHERE c.condeferred;
  IF names IS NOT NULL THEN EXECUTE 'SET CONSTRAINTS ' || names || ' DEFERRED'; END IF;
END $keel$`;
