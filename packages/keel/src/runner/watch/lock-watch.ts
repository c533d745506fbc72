import { performance } from 'node:perf_hooks';
import type {
  AskedStatement,
  RawQuery,
  StatementTracer,
  TracedSend,
} from '../attempt/statement-tracer';
import { lockModeOf, strengthOf, type LockMode } from './lock-mode';
import { HELD_LOCKS } from './read-locks';

/** A lock on a relation, by its number. */
export interface SeenLock {
  readonly oid: number;
  readonly mode: LockMode;
  /** From the statement that took it to the end of the file. */
  readonly ms: number;
}

/** Asks after each statement of a transaction which locks are new, and for how long they are held. */
export class LockWatch implements StatementTracer {
  private readonly known = new Set<string>();
  private taken: { readonly oid: number; readonly mode: LockMode; readonly since: number }[] = [];

  watch(): void {
    // It looks at statements alone.
  }

  settled(): void {
    // The locks are held until the file is at its end.
  }

  asked(_statement: AskedStatement): TracedSend {
    return async ({ raw }, send) => {
      const start = performance.now();
      const result = await send();
      await this.look(raw, start);
      return result;
    };
  }

  /** The strongest new lock on each relation since this was asked last. */
  finishFile(): SeenLock[] {
    const now = performance.now();
    const strongest = new Map<number, SeenLock>();
    for (const { oid, mode, since } of this.taken) {
      const known = strongest.get(oid);
      if (known && strengthOf(known.mode) >= strengthOf(mode)) continue;
      strongest.set(oid, { oid, mode, ms: Math.round(now - since) });
    }
    this.taken = [];
    return [...strongest.values()].sort((a, b) => strengthOf(b.mode) - strengthOf(a.mode));
  }

  private async look(raw: RawQuery, since: number): Promise<void> {
    const { rows } = await raw.query<{ oid: number; mode: string }>(HELD_LOCKS);
    for (const { oid, mode } of rows) {
      const key = `${oid} ${mode}`;
      if (this.known.has(key)) continue;
      this.known.add(key);
      this.taken.push({ oid, mode: lockModeOf(mode), since });
    }
  }
}
