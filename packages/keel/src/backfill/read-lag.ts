import type pg from 'pg';

/**
 * The replica that is furthest behind, by more than `maxLagMs`. A role that is not a member of pg_monitor sees no
 * lag, and then nothing is waited for.
 */
export async function readLaggingReplica(
  client: pg.Client,
  maxLagMs: number,
): Promise<{ readonly name: string; readonly lagMs: number } | undefined> {
  const { rows } = await client.query<{ name: string; lag: number }>(LAG, [maxLagMs]);
  return rows[0] && { name: rows[0].name, lagMs: rows[0].lag };
}

const LAG = `SELECT coalesce(nullif(application_name, ''), 'without a name') AS name,
       (extract(epoch FROM replay_lag) * 1000)::float8 AS lag
  FROM pg_catalog.pg_stat_replication WHERE extract(epoch FROM replay_lag) * 1000 > $1
 ORDER BY 2 DESC LIMIT 1`;
