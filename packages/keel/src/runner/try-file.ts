import { databaseError } from '../db/connection-error';
import { awaitLastAnswer } from '../db/client';
import { type KeelError, RUN_AGAIN, interrupted } from '../errors';
import { canWait, describeFloating, judgeAttempt } from './attempt/judge-attempt';
import type { AttemptOutcome } from './attempt/run-attempt';
import { withRunningFile, type RunningFile } from '../backfill/running-file';
import { fileFailure } from './file-failure';
import { loadFile, type LoadedFile } from './files/load-file';
import type { RunMode } from './files/run-mode';
import type { RetryBudget } from './retry-budget';
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
 * @param begun the transaction of the first try, under way; undefined where none is
 * @param budget how often it is tried again after a timeout
 * @throws MigrationError that says what the file left behind
 */
export async function tryFile(
  context: RunContext,
  loaded: LoadedFile,
  { begun, budget }: { readonly begun: Promise<void> | undefined; readonly budget: RetryBudget },
): Promise<FinishedFile> {
  const { session, direction, emit } = context;
  const notes: string[] = [];
  let file = loaded;
  let mode: RunMode = file.withoutTransaction ? 'none' : 'transaction';
  for (let first = true; ; first = false) {
    const startedAt = new Date();
    if (!first) file = await loadAgain(file, direction);
    const running = openFile(context, file);
    const outcome = await attemptOnce(context, running, mode, first ? begun : undefined);
    const next = judgeAttempt(outcome, {
      status: session.connection.status,
      mode,
      strict: context.project.settings.strict,
    });
    // What has taken effect without a transaction must be recorded, interrupted or not.
    const settled = mode === 'none' && next.kind === 'done';
    if (session.signal?.aborted && !settled)
      throw await endInterrupted(context, file, outcome, mode);
    if (next.kind === 'done') {
      const durationMs = Date.now() - startedAt.getTime();
      notes.push(...budget.describe(), ...waitedFor(context, file, outcome));
      return { file, mode, startedAt, durationMs, notes, outcome, onRecord: [...running.onRecord] };
    }
    await rollback(context, mode);
    if (next.kind === 'again') {
      mode = next.mode;
      notes.push(next.reason);
      emit({
        type: 'retry',
        name: file.name,
        reason: next.reason,
        mode,
        waits: false,
        blockedBy: [],
      });
    } else {
      const { blockedBy } = outcome.attempt;
      if (!canWait(next.error, outcome, mode) || !budget.allows(next))
        throw fileFailure(next.error, {
          file,
          direction,
          mode,
          outcome,
          tries: budget.describe(),
        });
      await budget.pause({ error: next.error, mode, blockedBy });
    }
  }
}

/**
 * As a new command would: what a file keeps in variables of its own is of the try that was rolled back. A file that
 * was replaced meanwhile goes on as it began.
 */
export async function loadAgain(file: LoadedFile, direction: 'up' | 'down'): Promise<LoadedFile> {
  const again = await loadFile(file, direction, { afresh: true });
  return again.checksum === file.checksum ? again : file;
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
export function openFile({ session, direction, emit }: RunContext, file: LoadedFile): OpenFile {
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

/** What to note where the file was done before its statements were. */
export function waitedFor(
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
