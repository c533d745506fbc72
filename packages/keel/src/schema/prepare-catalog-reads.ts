import type { ClientBase } from 'pg';

/**
 * Readies a transaction for reading the catalogs; both settings end with it.
 *
 * Names are qualified then, whatever the role's own search_path is. And nothing is compiled: a long query that
 * PostgreSQL runs in 40 ms would take it 7 s to compile.
 * https://www.postgresql.org/docs/current/jit-decision.html
 */
export async function prepareCatalogReads(client: ClientBase): Promise<void> {
  await client.query(
    `SELECT set_config('search_path', 'pg_catalog', true),
       (SELECT set_config(name, 'off', true) FROM pg_settings WHERE name = 'jit')`,
  );
}
