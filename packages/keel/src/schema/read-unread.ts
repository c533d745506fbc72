import type { ClientBase } from 'pg';
import { isOwn, isUserNamespace } from './catalog';

/**
 * What a database has and {@link readSchema} leaves out, by name: a migration that is written from the schema leaves it
 * out too.
 */
export async function readUnread(client: ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ what: string }>(
    `${parts.join('\nUNION ALL\n')}\nORDER BY 1`,
  );
  return rows.map(({ what }) => what);
}

const parts = [
  `SELECT format('privileges of %I.%I', n.nspname, c.relname) AS what
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'f', 'm', 'v', 'S') AND ${isUserNamespace('n')} AND ${isOwn('pg_class', 'c.oid')}
      AND c.relacl IS NOT NULL`,
  `SELECT format('subscription %I', subname) FROM pg_stat_subscription GROUP BY subname`,
];
