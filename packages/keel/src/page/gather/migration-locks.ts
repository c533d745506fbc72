import type { HeldLock } from '../../lint/trace/read-catalog';
import { locksOutside } from '../../lint/trace/locks-outside';
import type { NamedRelation } from '../../lint/trace/traced-catalog';
import type { StatementPlace } from '../../runner/attempt/statement-tracer';
import { lockModeOf, stronger, strengthOf, type LockMode } from '../../runner/watch/lock-mode';
import { HELD_LOCKS } from '../../runner/watch/read-locks';
import type { PageLock } from '../document/page-document';

/** Anything weaker is what reading and writing rows takes. */
const WEAKEST: LockMode = 'SHARE UPDATE EXCLUSIVE';

/** The locks that one file takes on tables that were there before it: nobody waits for those that it makes. */
export class MigrationLocks {
  private readonly modes = new Map<number, LockMode>();

  constructor(private readonly before: ReadonlyMap<number, NamedRelation>) {}

  /** Notes what the transaction has locked so far or, without one, what the statement is known to lock. */
  async note(sql: string, { raw, inTransaction }: StatementPlace): Promise<void> {
    if (inTransaction) {
      const { rows } = await raw.query<HeldLock>(HELD_LOCKS);
      for (const { oid, mode } of rows) this.add(oid, lockModeOf(mode));
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
