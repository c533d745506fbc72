import { setTimeout as sleep } from 'node:timers/promises';
import { databaseError, postgresError } from '../db/connection-error';
import { awaitLastAnswer } from '../db/client';
import { type KeelError, RUN_AGAIN, interrupted } from '../errors';
import { describeBlocking } from './attempt/blocking-session';
import { canWait, describeFloating, judgeAttempt } from './attempt/judge-attempt';
import type { AttemptOutcome } from './attempt/run-attempt';
import { withRunningFile, type RunningFile } from '../backfill/running-file';
import { fileFailure } from './file-failure';
import type { LoadedFile } from './files/load-file';
import type { RunMode } from './files/run-mode';
import type { RunContext } from './run-context';

/** A file whose function has come to a good end. Nothing is recorded yet, and its transaction is open. */
export interface FinishedFile {
  readonly file: LoadedFile;
  readonly mode: RunMode;
  readonly startedAt: Date;
  readonly durationMs: number;
  /** Why it took more than one try, and what it did not wait for. */
  readonly notes: readonly string[];
  readonly outcome: AttemptOutcome;
  /** SQL of the file's own to be committed with its record. */
  readonly onRecord: readonly string[];
}

/**
 * Runs one file to its end or back to where it began: first in a transaction together with its record; with
 * savepoints where it catches errors and goes on; without a transaction where PostgreSQL refuses one. Each
 * step starts from a full rollback.
 *
 * @param begun the transaction of the first try, under way
 * @throws MigrationError that says what the file left behind
 */
export async function tryFile(
  context: RunContext,
  file: LoadedFile,
  begun: Promise<void>,
): Promise<FinishedFile> {
  const { session, direction, emit } = context;
  const { name } = file;
  const notes: string[] = [];
  let mode: RunMode = file.withoutTransaction ? 'none' : 'transaction';
  const again = (reason: string): void => {
    notes.push(reason);
    emit({ type: 'retry', name, reason, mode });
  };
  for (let tries = 1; ; tries += 1) {
    const startedAt = new Date();
    const running = openFile(context, file);
    const outcome = await attemptOnce(context, running, mode, tries === 1 ? begun : undefined);
    const next = judgeAttempt(outcome, {
      status: session.connection.status,
      mode,
      strict: context.project.settings.strict,
    });
    // What has taken effect without a transaction must be recorded, interrupted or not.
    const settled = mode === 'none' && next.kind === 'done';
    if (session.signal?.aborted && !settled)
      throw await endInterrupted(context, file, outcome, mode);
    if (next.kind === 'fail' && tries <= context.retries && canWait(next.error, outcome, mode)) {
      await rollback(context, mode);
      again(describeTimeout(next.error, outcome, tries + 1));
      await pause(Math.min(30_000, 500 * 2 ** tries) * (0.5 + Math.random()), session.signal);
    } else if (next.kind === 'again') {
      await rollback(context, mode);
      mode = next.mode;
      again(next.reason);
    } else if (next.kind === 'fail') {
      await rollback(context, mode);
      throw fileFailure(next.error, { file, direction, mode, outcome });
    } else {
      const durationMs = Date.now() - startedAt.getTime();
      notes.push(...waitedFor(context, file, outcome));
      return { file, mode, startedAt, durationMs, notes, outcome, onRecord: [...running.onRecord] };
    }
  }
}

/** Begins a file's transaction; the statement is on its way when this returns. */
export function beginFile({ session }: RunContext, name: string): Promise<void> {
  const begun = session.connection.begin().catch((error: unknown) => {
    throw databaseError(error, { doing: `${name} was to begin`, state: `${name} was not begun.` });
  });
  // Whoever waits for it gets the error; until then it must not count as one that nobody handles.
  begun.catch(() => undefined);
  return begun;
}

/** A file as its own code sees it while it runs. */
function openFile({ session, direction, emit }: RunContext, file: LoadedFile): OpenFile {
  const { name } = file;
  return {
    ...file,
    direction,
    pretend: false,
    signal: session.signal,
    backfills: 0,
    onRecord: new Set(),
    report: (progress) => {
      emit({ type: 'progress', name, progress });
    },
  };
}

type OpenFile = LoadedFile & RunningFile;

async function attemptOnce(
  context: RunContext,
  file: OpenFile,
  mode: RunMode,
  begun: Promise<void> | undefined,
): Promise<AttemptOutcome> {
  const { session, ledgerPattern } = context;
  await begun;
  if (mode !== 'none' && !begun) await beginFile(context, file.name);
  if (mode === 'none') await leaveTransaction(context, file.name);
  const args = session.migrationArguments;
  const body = (): unknown => withRunningFile(file, () => file.body(args));
  return session.run(body, mode, { keepWhole: false, ledgerPattern });
}

/**
 * A session's advisory lock outlives a rollback. The next try, on another connection, would wait for it for ever, so
 * the run's own connection must hold nothing while a file runs without a transaction.
 */
async function leaveTransaction({ session }: RunContext, name: string): Promise<void> {
  try {
    if (session.connection.status !== 'I') await session.connection.rollback();
    await session.connection.freshen();
  } catch (error) {
    throw databaseError(error, { doing: 'connecting anew', state: `${name} was not begun again.` });
  }
}

async function rollback({ session }: RunContext, mode: RunMode): Promise<void> {
  if (mode === 'none' && session.connection.status === 'I') return;
  await session.connection.rollback();
}

function describeTimeout(error: unknown, { attempt }: AttemptOutcome, tries: number): string {
  const why = postgresError(error)?.message ?? '';
  const blockers = attempt.blockedBy.map(
    (blocking) => `; blocked by ${describeBlocking(blocking)}`,
  );
  return `it timed out (${why}${blockers.join('')}); try ${tries}`;
}

/** Waits; a request to stop ends the wait. */
async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}

/** What to note where the file was done before its statements were. */
function waitedFor(
  { emit }: RunContext,
  { name }: LoadedFile,
  { floating }: AttemptOutcome,
): string[] {
  if (floating === undefined) return [];
  const reason = describeFloating(floating);
  emit({ type: 'warning', message: `${name} was waited for: ${reason}.` });
  return [reason];
}

async function endInterrupted(
  context: RunContext,
  file: LoadedFile,
  outcome: AttemptOutcome,
  mode: RunMode,
): Promise<KeelError> {
  // The server rolls back without being told when the connection goes; it need not answer.
  await awaitLastAnswer(rollback(context, mode));
  const { direction } = context;
  // What stopped of itself knows best what it left.
  const { state, details } = fileFailure(outcome.error, { file, direction, mode, outcome });
  return interrupted({
    message: `Interrupted while ${file.name} was running.`,
    details: mode === 'none' ? details : [],
    state,
    hint: RUN_AGAIN,
  });
}
