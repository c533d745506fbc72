import type { Hazard } from '../diff/hazard';
import type { Project } from '../project/project';
import { withProjectClient } from '../project/with-project-client';
import { isUserNamespace } from '../schema/catalog';

/** How long one count may take, in milliseconds: a warning is not worth more of a live database's time. */
const countTimeoutMs = 10_000;

/**
 * About how many rows each table of the live database has, by key; as of the last ANALYZE, and at least
 * what its pages say. Empty where the database cannot be reached.
 */
export async function readTableSizes(project: Project): Promise<ReadonlyMap<string, number>> {
  try {
    return await withProjectClient(project, async (client) => {
      const { rows } = await client.query<{ key: string; rows: number }>(
        `SELECT n.nspname || '.' || c.relname AS key,
                  CASE WHEN c.reltuples >= 0 THEN c.reltuples ELSE pg_relation_size(c.oid) / 100 END::float8 AS rows
           FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
           WHERE c.relkind IN ('r', 'p') AND ${isUserNamespace('n')}`,
      );
      return new Map(rows.map((row) => [row.key, row.rows]));
    });
  } catch {
    return new Map();
  }
}

/** The rows of the live database that each hazard hits; without those that cannot be counted. */
export async function countHazards(
  project: Project,
  hazards: readonly Hazard[],
): Promise<ReadonlyMap<Hazard, number>> {
  const counts = new Map<Hazard, number>();
  const countable = hazards.filter(({ countSql }) => countSql !== undefined);
  if (countable.length === 0) return counts;
  try {
    await withProjectClient(project, async (client) => {
      await client.query(`SET statement_timeout = ${countTimeoutMs}`);
      for (const hazard of countable) {
        // The table or column may be new, or not be there yet.
        const result = await client
          .query<{ count: string }>(hazard.countSql ?? '')
          .catch(() => undefined);
        const count = result?.rows[0]?.count;
        if (count !== undefined) counts.set(hazard, Number(count));
      }
    });
  } catch {
    // Without a live database there is nothing to count.
  }
  return counts;
}
