import type pg from 'pg';
import { LOCK_MODES, lockModeOf, strengthOf } from './lock-mode';
import { withProjectClient, type ProjectAddress } from '../../project/with-project-client';

/** A lock that the files took on a table or another relation that was there before them. */
export interface TakenLock {
  /** The relation, with its schema. */
  readonly relation: string;
  /** The strongest mode, in PostgreSQL's words, for example `ACCESS EXCLUSIVE`. */
  readonly mode: string;
}

/** The locks on relations that a connection's transaction holds, but for those on what it made itself. */
export async function readLocks(project: ProjectAddress, runner: pg.Client): Promise<TakenLock[]> {
  const { rows: held } = await runner.query<{ oid: number; mode: string }>(HELD);
  if (held.length === 0) return [];
  const strongest = new Map<number, number>();
  for (const { oid, mode } of held) {
    strongest.set(oid, Math.max(strongest.get(oid) ?? 0, strengthOf(lockModeOf(mode))));
  }
  // Another session sees what was there before, and nothing that the transaction made.
  const { rows } = await withProjectClient(project, (client) =>
    client.query<{ oid: number; relation: string }>(NAMES, [[...strongest.keys()]]),
  );
  return rows
    .map(({ oid, relation }) => ({ relation, strength: strongest.get(oid) ?? 0 }))
    .sort((a, b) => b.strength - a.strength)
    .map(({ relation, strength }) => ({ relation, mode: LOCK_MODES[strength] ?? '' }));
}

const HELD = `SELECT relation::int8::float8 AS oid, mode FROM pg_catalog.pg_locks
  WHERE locktype = 'relation' AND pid = pg_catalog.pg_backend_pid() AND granted`;

const NAMES = `SELECT c.oid::int8::float8 AS oid, n.nspname || '.' || c.relname AS relation
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
   WHERE c.oid = ANY ($1::oid[]) AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   ORDER BY 2`;
