import type { Hazard } from '../diff/hazard';
import type { Project } from '../project/project';
import { withProjectClient } from '../project/with-project-client';
import { isUserNamespace, keySql } from '../schema/catalog';

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
        // A partitioned table has its rows in its partitions, and is analysed only by hand.
        `WITH RECURSIVE sizes AS (
           SELECT c.oid, CASE WHEN c.reltuples >= 0 AND c.relkind = 'r' THEN c.reltuples
                              WHEN c.relkind = 'r' THEN pg_relation_size(c.oid) / 100 ELSE 0 END::float8 AS rows
           FROM pg_catalog.pg_class c WHERE c.relkind IN ('r', 'p')),
         parts(root, part) AS (
           SELECT oid, oid FROM sizes
           UNION ALL SELECT parts.root, i.inhrelid FROM parts
           JOIN pg_catalog.pg_inherits i ON i.inhparent = parts.part
           JOIN pg_catalog.pg_class child ON child.oid = i.inhrelid AND child.relispartition)
         SELECT ${keySql('n.nspname', 'c.relname')} AS key, sum(sizes.rows) AS rows
         FROM parts JOIN sizes ON sizes.oid = parts.part JOIN pg_catalog.pg_class c ON c.oid = parts.root
         JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
         WHERE ${isUserNamespace('n')} GROUP BY 1`,
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
