import { setTimeout as sleep } from 'node:timers/promises';
import { describeBlocking, type BlockingSession } from './attempt/blocking-session';
import { isLockWait } from './attempt/judge-attempt';
import { postgresError } from '../db/connection-error';
import { interrupted, messageOf, RUN_AGAIN } from '../errors';
import type { RunContext } from './run-context';
import type { RunMode } from './files/run-mode';

/** A file that timed out and was rolled back. */
export interface TimedOutTry {
  readonly error: unknown;
  readonly mode: RunMode;
  readonly blockedBy: readonly BlockingSession[];
}

/** How often a file is tried again after a statement took longer than it may, where nobody says. */
const RETRIES = 3;

const LONGEST_PAUSE_MS = 30_000;

/**
 * How often, and for how long, one file is tried again. Whoever holds a lock lets go of it in time, so for that the
 * run is patient: without a limit on the wait, the file would have waited for as long.
 */
export class RetryBudget {
  private tries = 1;
  private since: number | undefined;
  private blockedBy: readonly BlockingSession[] = [];

  constructor(
    private readonly context: Pick<RunContext, 'retries' | 'lockWaitMs' | 'session' | 'emit'>,
    private readonly name: string,
  ) {}

  /** Whether one more try is left after this one. */
  allows({ error }: Pick<TimedOutTry, 'error'>): boolean {
    const { retries, lockWaitMs } = this.context;
    this.since ??= Date.now();
    if (!isLockWait(error)) return this.tries <= (retries ?? RETRIES);
    const left = this.since + lockWaitMs - Date.now();
    return left > 0 && (retries === undefined || this.tries <= retries);
  }

  /**
   * Tells of the next try, and waits before it.
   *
   * @throws KeelError `INTERRUPTED` where the run is to end
   */
  async pause({ error, mode, blockedBy }: TimedOutTry): Promise<void> {
    const { session, emit, lockWaitMs } = this.context;
    this.tries += 1;
    this.blockedBy = blockedBy;
    const blockers = blockedBy.map((blocking) => `; blocked by ${describeBlocking(blocking)}`);
    const reason = `it timed out (${reasonOf(error)}${blockers.join('')}); try ${this.tries}`;
    emit({ type: 'retry', name: this.name, reason, mode, waits: true, blockedBy });
    const wished = Math.min(LONGEST_PAUSE_MS, 500 * 2 ** (this.tries - 1)) * (0.5 + Math.random());
    const left = (this.since ?? 0) + lockWaitMs - Date.now();
    const { signal } = session;
    await sleep(isLockWait(error) ? Math.min(wished, Math.max(left, 0)) : wished, undefined, {
      signal,
    }).catch(() => undefined);
    if (!signal?.aborted) return;
    throw interrupted({
      message: `Interrupted: ${this.name} was to be tried again.`,
      state:
        mode === 'none'
          ? `None of the statements of ${this.name} took effect.`
          : `${this.name} was rolled back; nothing of it remains.`,
      hint: RUN_AGAIN,
    });
  }

  /** What became of it, in words; nothing where the first try was the only one. */
  describe(): string[] {
    if (this.tries === 1 || this.since === undefined) return [];
    const seconds = Math.round((Date.now() - this.since) / 1000);
    const blockers = this.blockedBy.map(
      (blocking) => `; it was blocked by ${describeBlocking(blocking)}`,
    );
    return [`it was tried ${this.tries} times in ${seconds} s${blockers.join('')}`];
  }
}

function reasonOf(error: unknown): string {
  return messageOf(postgresError(error) ?? error);
}
