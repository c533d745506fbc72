import type pg from 'pg';
import { lockModeOf, strengthOf, stronger, type LockMode } from './lock-mode';
import { withProjectClient, type ProjectAddress } from '../../project/with-project-client';

/** A lock that the files took on a table or another relation that was there before them. */
export interface TakenLock {
  /** The relation, with its schema. */
  readonly relation: string;
  /** The strongest. */
  readonly mode: LockMode;
}

/** The locks on relations that a connection's transaction holds, but for those on what it made itself. */
export async function readLocks(project: ProjectAddress, runner: pg.Client): Promise<TakenLock[]> {
  const { rows: held } = await runner.query<{ oid: number; mode: string }>(HELD_LOCKS);
  if (held.length === 0) return [];
  const strongest = new Map<number, LockMode>();
  for (const { oid, mode } of held)
    strongest.set(oid, stronger(strongest.get(oid), lockModeOf(mode)));
  // Another session sees what was there before, and nothing that the transaction made.
  const names = await readRelationNames(project, [...strongest.keys()]);
  return [...names]
    .map(([oid, relation]) => ({ relation, mode: stronger(strongest.get(oid), 'ACCESS SHARE') }))
    .sort((a, b) => strengthOf(b.mode) - strengthOf(a.mode));
}

/** The locks on relations that the session holds. */
export const HELD_LOCKS = `SELECT relation::int8::float8 AS oid, mode FROM pg_catalog.pg_locks
  WHERE locktype = 'relation' AND pid = pg_catalog.pg_backend_pid() AND granted`;

/** The names of tables, views and sequences that other sessions see, in the order of the alphabet. */
export async function readRelationNames(
  project: ProjectAddress,
  oids: readonly number[],
): Promise<Map<number, string>> {
  if (oids.length === 0) return new Map();
  const { rows } = await withProjectClient(project, (client) =>
    client.query<{ oid: number; relation: string }>(NAMES, [oids]),
  );
  return new Map(rows.map(({ oid, relation }) => [oid, relation]));
}

const NAMES = `SELECT c.oid::int8::float8 AS oid, n.nspname || '.' || c.relname AS relation
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
   WHERE c.oid = ANY ($1::oid[]) AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   ORDER BY 2`;
