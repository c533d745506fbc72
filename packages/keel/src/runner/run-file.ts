import { setTimeout as sleep } from 'node:timers/promises';
import { databaseError, isConnectionLoss, postgresError } from '../db/connection-error';
import { interrupted, isKeelError, type KeelError, RUN_AGAIN } from '../errors';
import type { RunMode } from './attempt/findings';
import { farewell } from '../db/client';
import { describeBlocking } from './watch/blocking-session';
import { MigrationError, type FailureContext } from './attempt/migration-error';
import type { MigrationFunction } from './files/migration-module';
import { canWait, describeFloating, judge } from './attempt/judge';
import type { AttemptOutcome } from './attempt/run-attempt';
import type { Session } from './session/session';

/** One file to run in one direction, and how to record it. */
export interface FileRun {
  readonly name: string;
  readonly path: string;
  readonly direction: 'up' | 'down';
  /** The transaction of the first try, under way. */
  readonly begun: Promise<void>;
  readonly body: MigrationFunction;
  readonly withoutTransaction: boolean;
  /** Matches a statement that names the ledger's table. */
  readonly ledgerPattern: RegExp;
  /** SQL that records the run; sent in the file's own transaction where it has one. */
  readonly recordSql: (run: FinishedRun) => string | Promise<string>;
  /** Sends the statements and a COMMIT. */
  readonly commit: (session: Session, statements: readonly string[]) => Promise<void>;
  /** How often a file that ran into a lock or statement timeout is tried again. */
  readonly retries: number;
  /** Whether a statement that the file did not wait for fails it; else it is waited for, and told. */
  readonly strict: boolean;
  readonly onWarning: (message: string) => void;
  /** Told when a file is going to be run again, and why. */
  readonly onRetry: (reason: string) => void;
}

/** What is known of a run at the time when it is recorded. */
export interface FinishedRun {
  readonly mode: RunMode;
  readonly startedAt: Date;
  readonly durationMs: number;
  readonly notes: readonly string[];
  /** The file's statements named the ledger's table, so it must be looked at again. */
  readonly touchedLedger: boolean;
  readonly sentStatements: AttemptOutcome['attempt']['findings']['statements'];
}

/**
 * Runs one file to its end or back to where it began: first in a transaction together with its record; with
 * savepoints where it catches errors and goes on; without a transaction where PostgreSQL refuses one. Each
 * step starts from a full rollback.
 *
 * @throws MigrationError that says what the file left behind
 */
export async function runFile(session: Session, file: FileRun): Promise<FinishedRun> {
  const notes: string[] = [];
  const again = (reason: string): void => {
    notes.push(reason);
    file.onRetry(reason);
  };
  let mode: RunMode = file.withoutTransaction ? 'none' : 'transaction';
  for (let tries = 1; ; tries += 1) {
    const startedAt = new Date();
    const outcome = await attemptOnce(session, file, mode, tries === 1 ? file.begun : undefined);
    const next = judge(outcome, { status: session.status, mode, strict: file.strict });
    // What has taken effect without a transaction must be recorded, interrupted or not.
    const settled = mode === 'none' && next.kind === 'done';
    if (session.signal?.aborted && !settled) {
      throw await endInterrupted(session, file, outcome, mode);
    }
    if (next.kind === 'fail' && tries <= file.retries && canWait(next.error, outcome, mode)) {
      await rollback(session, mode);
      const blockers = outcome.attempt.blockedBy.map(
        (session) => `; blocked by ${describeBlocking(session)}`,
      );
      const why = postgresError(next.error)?.message ?? '';
      again(`it timed out (${why}${blockers.join('')}); try ${String(tries + 1)}`);
      await pause(Math.min(30_000, 500 * 2 ** tries) * (0.5 + Math.random()), session.signal);
    } else if (next.kind === 'again') {
      await rollback(session, mode);
      // A session's advisory lock outlives the rollback, and the next try may ask for it on another connection.
      if (outcome.attempt.findings.changedSession)
        await renew(session, `${file.name} was not begun again.`);
      again(next.reason);
      mode = next.mode;
    } else if (next.kind === 'fail') {
      await rollback(session, mode);
      throw failure(next.error, file, outcome, mode);
    } else {
      if (outcome.floating !== undefined) {
        const reason = describeFloating(outcome.floating);
        notes.push(reason);
        file.onWarning(`${file.name} was waited for: ${reason}.`);
      }
      return finish(session, file, outcome, { mode, startedAt, notes });
    }
  }
}

async function attemptOnce(
  session: Session,
  file: FileRun,
  mode: RunMode,
  begun: Promise<void> | undefined,
): Promise<AttemptOutcome> {
  const args = session.migrationArguments;
  await begun;
  if (mode === 'none') await rollback(session, mode);
  else if (!begun) await begin(session, file.name);
  return session.run(() => file.body(args), mode, {
    keepWhole: false,
    ledgerPattern: file.ledgerPattern,
  });
}

/** Begins a file's transaction; the statement is on its way when this returns. */
export function begin(session: Session, name: string): Promise<void> {
  const begun = session.send(`BEGIN${session.settings}`).catch((error: unknown) => {
    throw databaseError(error, {
      doing: `${name} was to begin`,
      state: `${name} was not begun.`,
    });
  });
  // Whoever waits for it gets the error; until then it must not count as one that nobody handles.
  begun.catch(() => undefined);
  return begun;
}

/** Waits; a request to stop ends the wait. */
async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await sleep(ms, undefined, signal && { signal }).catch(() => undefined);
}

async function finish(
  session: Session,
  file: FileRun,
  outcome: AttemptOutcome,
  run: Pick<FinishedRun, 'mode' | 'startedAt' | 'notes'>,
): Promise<FinishedRun> {
  const { findings } = outcome.attempt;
  const finished: FinishedRun = {
    ...run,
    durationMs: Date.now() - run.startedAt.getTime(),
    touchedLedger: findings.touchedLedger,
    sentStatements: findings.statements,
  };
  // A file can end the runner's transaction only by means that no statement shows; then there is none to commit.
  const open = run.mode !== 'none' && session.status !== 'I';
  try {
    // Without the lock another run may be at this file already; only what is undone with us can be given up.
    if (open) session.assertLocked(`${file.name} was rolled back; nothing of it remains.`);
    const sql = await file.recordSql(finished);
    await file.commit(session, open ? [sql] : ['BEGIN', sql]);
  } catch (error) {
    await rollback(session, run.mode);
    throw failure(error, file, outcome, run.mode);
  }
  if (findings.changedSession && run.mode !== 'none')
    await renew(session, `${file.name} is committed and recorded; nothing after it was begun.`);
  return finished;
}

async function renew(session: Session, state: string): Promise<void> {
  try {
    await session.reconnect();
  } catch (error) {
    throw databaseError(error, { doing: 'connecting anew', state });
  }
}

/** Takes back what has not taken effect. */
export async function rollback(session: Session, mode: RunMode): Promise<void> {
  if (mode === 'none' && session.status === 'I') return;
  // On a connection that is lost the server has rolled back already.
  await session.send('ROLLBACK').catch(() => undefined);
}

function failure(error: unknown, file: FileRun, outcome: AttemptOutcome, mode: RunMode): KeelError {
  if (isKeelError(error)) return error;
  const context = failureContext(file, outcome, mode);
  return new MigrationError(
    error,
    isConnectionLoss(error) ? { ...context, failedSql: undefined } : context,
  );
}

function failureContext(file: FileRun, outcome: AttemptOutcome, mode: RunMode): FailureContext {
  const { firstError, statements } = outcome.attempt.findings;
  const { name, path, direction } = file;
  const failedSql = outcome.failed && postgresError(outcome.error) ? firstError?.sql : undefined;
  const { blockedBy } = outcome.attempt;
  return { name, path, direction, mode, statements, failedSql, blockedBy };
}

async function endInterrupted(
  session: Session,
  file: FileRun,
  outcome: AttemptOutcome,
  mode: RunMode,
): Promise<KeelError> {
  // The server rolls back without being told when the connection goes; it need not answer.
  await farewell(rollback(session, mode));
  const { state, details } = new MigrationError(outcome.error, failureContext(file, outcome, mode));
  return interrupted({
    message: `Interrupted while ${file.name} was running.`,
    details: mode === 'none' ? details : [],
    state,
    hint: RUN_AGAIN,
  });
}
