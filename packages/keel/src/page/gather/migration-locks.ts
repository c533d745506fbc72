import { locksOutside } from '../../lint/trace/locks-outside';
import type { NamedRelation } from '../../lint/trace/traced-catalog';
import type { RawQuery, StatementPlace } from '../../runner/attempt/statement-tracer';
import { lockModeOf, stronger, strengthOf, type LockMode } from '../../runner/watch/lock-mode';
import type { PageLock } from '../document/page-document';

interface LockRow {
  readonly oid: number;
  readonly mode: string;
}

/** Anything weaker is what reading and writing rows takes. */
const WEAKEST: LockMode = 'SHARE UPDATE EXCLUSIVE';

/** The locks that one file takes on tables that were there before it: nobody waits for those that it makes. */
export class MigrationLocks {
  private readonly modes = new Map<number, LockMode>();

  constructor(private readonly before: ReadonlyMap<number, NamedRelation>) {}

  /** Notes what the transaction has locked so far or, without one, what the statement is known to lock. */
  async note(sql: string, { raw, inTransaction }: StatementPlace): Promise<void> {
    if (inTransaction) {
      for (const { oid, mode } of await readHeld(raw)) this.add(oid, lockModeOf(mode));
      return;
    }
    for (const { relation, mode } of locksOutside(sql, [], this.before).locks)
      this.add(relation.oid, mode);
  }

  /** By table. */
  list(): PageLock[] {
    return [...this.modes]
      .map(([oid, mode]) => ({ table: this.before.get(oid)?.name ?? '', mode }))
      .sort((a, b) => (a.table < b.table ? -1 : 1));
  }

  private add(oid: number, mode: LockMode): void {
    const kind = this.before.get(oid)?.kind;
    if (kind !== 'table' && kind !== 'partitioned') return;
    if (strengthOf(mode) < strengthOf(WEAKEST)) return;
    this.modes.set(oid, stronger(this.modes.get(oid), mode));
  }
}

async function readHeld(raw: RawQuery): Promise<LockRow[]> {
  const { rows } = await raw.query<LockRow>(
    `SELECT relation::int8::float8 AS oid, mode FROM pg_catalog.pg_locks
      WHERE locktype = 'relation' AND granted AND pid = pg_catalog.pg_backend_pid() AND relation >= 16384`,
  );
  return rows;
}
