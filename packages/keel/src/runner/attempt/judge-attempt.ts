import { cancellation } from '../../db/cancellation';
import { postgresError } from '../../db/connection-error';
import type { RunMode } from '../files/run-mode';
import type { AttemptOutcome } from './run-attempt';
import { shortStatement } from '../../db/sql-text';

/** What follows from how an attempt ended. */
export type Step =
  | { readonly kind: 'done' }
  | { readonly kind: 'again'; readonly mode: RunMode; readonly reason: string }
  | { readonly kind: 'fail'; readonly error: unknown };

/** What an attempt is judged by, besides how it ended. */
interface JudgeOptions {
  /** The transaction status that the server told last. */
  readonly status: 'I' | 'T' | 'E';
  readonly mode: RunMode;
  /** Whether a statement that the file did not wait for fails it. */
  readonly strict: boolean;
}

/** Decides what to do after an attempt. */
export function judgeAttempt(outcome: AttemptOutcome, options: JudgeOptions): Step {
  return options.mode === 'none' ? judgeWithout(outcome, options) : judgeWithin(outcome, options);
}

function judgeWithin(outcome: AttemptOutcome, options: JudgeOptions): Step {
  const { status, mode } = options;
  const { attempt, failed, error } = outcome;
  const { refusal, wentOnAfterError, overlap, firstError } = attempt.findings;
  const without = (reason: string): Step => ({
    kind: 'again',
    mode: 'none',
    reason: `${reason}; without a transaction`,
  });
  // There is no connection to try anything on.
  if (outcome.lost) return { kind: 'fail', error };
  if (attempt.timedOut) return { kind: 'fail', error: attempt.timedOut };
  if (attempt.selfBlocked) {
    if (outcome.hung) return { kind: 'fail', error };
    return without('it waited for itself on a second connection');
  }
  if (attempt.detour !== undefined)
    return without(`it ${attempt.detour} after its first statement`);
  if (refusal) return without(refusal.message);
  if (overlap && !failed) return without('its own transactions overlap');
  const swallowed = failed
    ? wentOnAfterError && !isFirst(error, firstError?.error)
    : wentOnAfterError || status === 'E';
  if (swallowed && mode === 'transaction') {
    const cause = firstError ? ` (${firstError.error.message})` : '';
    return {
      kind: 'again',
      mode: 'savepoints',
      reason: `it goes on after an error${cause}; with savepoints`,
    };
  }
  if (failed) return { kind: 'fail', error };
  return problemOf(outcome, options) ?? { kind: 'done' };
}

function judgeWithout(outcome: AttemptOutcome, options: JudgeOptions): Step {
  if (outcome.failed) return { kind: 'fail', error: outcome.error };
  return problemOf(outcome, options) ?? { kind: 'done' };
}

/** What is wrong with a file whose function says that it succeeded. */
function problemOf(
  { attempt, floating }: AttemptOutcome,
  { strict }: JudgeOptions,
): Step | undefined {
  if (floating !== undefined && strict) return fail(describeFloating(floating));
  if (attempt.openTransactions > 0)
    return fail('it opened a transaction that it neither committed nor rolled back');
  return undefined;
}

/** What is wrong with a file that was done before its statements were. */
export function describeFloating(statement: string): string {
  const text = shortStatement(statement, 80);
  return `it finished while a statement was still on its way${text === '' ? '' : ` (${text})`}; return or await every promise`;
}

function fail(message: string): Step {
  return { kind: 'fail', error: new Error(message) };
}

function isFirst(error: unknown, first: Error | undefined): boolean {
  if (first === undefined) return false;
  const wrapped = error as { original?: unknown; parent?: unknown; cause?: unknown } | undefined;
  return error === first || [wrapped?.original, wrapped?.parent, wrapped?.cause].includes(first);
}

/** Whether waiting may help, and running again does no harm. */
export function canWait(error: unknown, { attempt, hung }: AttemptOutcome, mode: RunMode): boolean {
  if (hung || attempt.outside !== undefined) return false;
  const timedOut = isLockWait(error) || (cancellation(error) === 'timeout' && !attempt.abandoned);
  const nothingDone = attempt.findings.statements.every(
    (statement) => statement.error !== undefined,
  );
  return timedOut && (mode !== 'none' || nothingDone);
}

/** 55P03 lock_not_available, 40P01 deadlock_detected: others hold locks that they will let go of. */
export function isLockWait(error: unknown): boolean {
  return ['55P03', '40P01'].includes(postgresError(error)?.code ?? '');
}
