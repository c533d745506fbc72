import { performance } from 'node:perf_hooks';
import type pg from 'pg';
import { withProjectClient, type ProjectAddress } from '../../project/with-project-client';
import type { ServerSpeed } from './trace';

const ROWS = 50_000;

/**
 * A small table lies in memory. One that is worth an estimate has to be read from the disk and to pass through the WAL,
 * so that no server is taken to be faster than these.
 */
export const FASTEST: ServerSpeed = {
  scanBytesPerMs: 200_000,
  writeBytesPerMs: 60_000,
  indexRowsPerMs: 700,
};

/** Times the work that migrations ask of a server, on a table of some thousand rows in an empty scratch database. */
export async function measureSpeed(scratch: ProjectAddress): Promise<ServerSpeed> {
  return withProjectClient(scratch, async (client) => {
    await client.query(
      `CREATE TABLE public.keel_speed AS SELECT n AS id, n::text || repeat('x', 60) AS text
         FROM pg_catalog.generate_series(1, ${ROWS}) n`,
    );
    const { rows } = await client.query<{ bytes: number }>(
      `SELECT pg_catalog.pg_relation_size('public.keel_speed')::float8 AS bytes`,
    );
    const bytes = rows[0]?.bytes ?? 0;
    const scan = await time(client, 'ADD CONSTRAINT keel_positive CHECK (id > 0)');
    const write = await time(client, 'ALTER COLUMN id TYPE bigint');
    const start = performance.now();
    await client.query('CREATE INDEX ON public.keel_speed (text)');
    const index = performance.now() - start;
    return {
      scanBytesPerMs: Math.min(FASTEST.scanBytesPerMs, bytes / scan),
      writeBytesPerMs: Math.min(FASTEST.writeBytesPerMs, bytes / write),
      indexRowsPerMs: Math.min(FASTEST.indexRowsPerMs, ROWS / index),
    };
  });
}

async function time(client: pg.Client, change: string): Promise<number> {
  const start = performance.now();
  await client.query(`ALTER TABLE public.keel_speed ${change}`);
  return Math.max(1, performance.now() - start);
}
