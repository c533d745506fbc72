import type { Project } from '../../project/project';
import { withProjectClient } from '../../project/with-project-client';
import { MigrationError } from '../attempt/migration-error';

/** For how long the server is asked, in milliseconds. */
const ASK_MS = 5000;

/**
 * Adds to an error how to remove an INVALID index. A CREATE INDEX CONCURRENTLY that fails, or whose runner is killed,
 * leaves one behind: PostgreSQL keeps it up to date and never uses it, and its name is taken.
 */
export async function nameInvalidIndexes(thrown: unknown, project: Project): Promise<unknown> {
  if (!(thrown instanceof MigrationError)) return thrown;
  const sql = thrown.sql ?? '';
  if (!/concurrently/i.test(sql)) return thrown;
  const names = await readInvalidIndexes(project).catch(() => []);
  const left = names.filter(({ name }) => sql.includes(name));
  const lines = left.map(
    ({ qualified }) =>
      `An INVALID index is left behind; remove it with: DROP INDEX CONCURRENTLY ${qualified};`,
  );
  return Object.defineProperty(thrown, 'details', { value: [...thrown.details, ...lines] });
}

/** Those that nobody is building at this moment. */
async function readInvalidIndexes(
  project: Project,
): Promise<readonly { readonly name: string; readonly qualified: string }[]> {
  return withProjectClient(
    project,
    async (client) => {
      const { rows } = await client.query<{ name: string; qualified: string }>(
        `SELECT c.relname AS name, pg_catalog.format('%I.%I', n.nspname, c.relname) AS qualified
           FROM pg_catalog.pg_index x
           JOIN pg_catalog.pg_class c ON c.oid = x.indexrelid
           JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
          WHERE NOT x.indisvalid AND c.relkind = 'i'
            AND NOT EXISTS (SELECT FROM pg_catalog.pg_stat_progress_create_index p WHERE p.index_relid = c.oid)`,
      );
      return rows;
    },
    { timeoutMs: ASK_MS },
  );
}
