import { databaseError } from '../db/connection-error';
import { isKeelError } from '../errors';
import { canWait, isLockWait } from './attempt/judge-attempt';
import { lockDetails, lockHint } from './attempt/migration-error';
import type { AttemptOutcome } from './attempt/run-attempt';
import { listNames } from './files/list-names';
import { loadFile, type LoadedFile } from './files/load-file';
import type { MigrationFile, MigrationState } from './files/migration-state';
import { notAtomic, RUN_ROLLED_BACK } from './not-atomic';
import type { FileResult } from './results';
import { RetryBudget } from './retry-budget';
import type { RunContext } from './run-context';
import { isSettled } from './run-file';
import { requireNothingLate, requireNotInterrupted, type Progress } from './run-one-by-one';
import { beginFile } from './try-file';
import { beginInside, NeedsSavepoints, recordInside, tryInside } from './try-inside';

interface ReadyFile {
  readonly state: MigrationState;
  readonly file: LoadedFile;
}

/** One try at all files. */
interface Trial {
  /** Those that have run, and are recorded within the transaction. */
  readonly done: {
    readonly state: MigrationState;
    readonly result: FileResult;
    readonly sent: string[];
  }[];
  /** How the last try at a file ended. */
  last?: AttemptOutcome;
  /** Whether the next file begins with a savepoint. */
  savepoints: boolean;
}

interface TrialOptions {
  readonly trial: Trial;
  readonly progress: Progress;
  /** How often all was tried in vain, in words. */
  readonly tries: readonly string[];
}

/**
 * Runs all files in one transaction with their records: all of them take effect, or none. `progress` has none of
 * them until that is so.
 *
 * @throws KeelError `NOT_ATOMIC` where a file cannot be run so
 */
export async function runTogether(
  context: RunContext,
  selected: readonly MigrationState[],
  progress: Progress,
): Promise<void> {
  const name = 'Everything';
  const budget = new RetryBudget(context, name);
  let savepoints = false;
  for (let afresh = false; ; afresh = true) {
    const files = await loadAll(context, selected, afresh);
    const trial: Trial = { done: [], savepoints };
    try {
      await tryAll(context, files, { trial, progress, tries: budget.describe() });
    } catch (error) {
      await context.session.connection.rollback();
      if (error instanceof NeedsSavepoints) {
        savepoints = true;
        const { message: reason } = error;
        context.emit({
          type: 'retry',
          name,
          reason,
          mode: 'savepoints',
          waits: false,
          blockedBy: [],
        });
        continue;
      }
      const { last, done } = trial;
      if (!last || !canWait(error, last, 'transaction') || !budget.allows({ error }))
        throw withTheOthers(error, done);
      const { blockedBy } = last.attempt;
      await budget.pause({ error, mode: 'transaction', blockedBy });
      continue;
    }
    return finish(context, trial, { progress, tries: budget.describe() });
  }
}

/** Before anything begins: a file that asks for no transaction is refused. */
async function loadAll(
  { direction }: RunContext,
  selected: readonly MigrationState[],
  afresh: boolean,
): Promise<ReadyFile[]> {
  const files: ReadyFile[] = [];
  for (const state of selected) {
    const file = await loadFile(state.file as MigrationFile, direction, { afresh });
    if (file.withoutTransaction) throw notAtomic({ file, reason: 'it asks for no transaction' });
    files.push({ state, file });
  }
  return files;
}

async function tryAll(
  context: RunContext,
  files: readonly ReadyFile[],
  { trial, progress, tries }: TrialOptions,
): Promise<void> {
  const { session, writer, direction, emit } = context;
  progress.current = files[0]?.state.name ?? '';
  await beginFile(context, progress.current);
  const settings = await beginInside(session.connection, trial);
  for (const [index, { state, file }] of files.entries()) {
    const { name } = state;
    progress.current = name;
    requireNotInterrupted(session.signal, name);
    if (writer.ledgerTouched && (await isSettled(context, state))) continue;
    emit({ type: 'start', name, direction, index });
    const outside = trial.last?.attempt.outside;
    const onOutcome = (outcome: AttemptOutcome): void => void (trial.last = outcome);
    const { savepoints } = trial;
    const options = { savepoints, outside, tries, onOutcome };
    const finished = await tryInside(context, file, options);
    requireNothingLate(session, name, RUN_ROLLED_BACK);
    const result = await recordInside(context, state, {
      ...finished,
      savepoints,
      settings,
      tries,
    });
    trial.savepoints ||= trial.last?.attempt.outside !== undefined;
    const sent = finished.outcome.attempt.findings.statements.map(({ sql }) => sql);
    trial.done.push({ state, result, sent });
  }
  requireNothingLate(session, progress.current, RUN_ROLLED_BACK);
  session.assertLocked(RUN_ROLLED_BACK);
  await commit(context, tries);
}

async function commit({ session }: RunContext, tries: readonly string[]): Promise<void> {
  try {
    await session.finish(() => session.connection.send('COMMIT'));
  } catch (error) {
    const blockedBy = session.lastAttempt?.blockedBy ?? [];
    const details = lockDetails({ tries, blockedBy });
    const hint = isLockWait(error) ? lockHint(blockedBy) : undefined;
    const doing = 'the run was to be committed';
    throw databaseError(error, { doing, state: RUN_ROLLED_BACK, details, hint });
  }
}

/** Tells of what is committed. */
async function finish(
  { writer, direction, emit }: RunContext,
  { done }: Trial,
  { progress, tries }: { readonly progress: Progress; readonly tries: readonly string[] },
): Promise<void> {
  const states = done.map(({ state }) => state);
  await writer.apply(states, direction);
  for (const { state, result, sent } of done) {
    emit({ type: 'sent', name: state.name, statements: sent });
    const file = { ...result, notes: [...result.notes, ...tries] };
    progress.files.push(file);
    emit({ type: 'done', file });
  }
}

function withTheOthers(error: unknown, done: Trial['done']): unknown {
  if (!isKeelError(error) || done.length === 0 || error.state === RUN_ROLLED_BACK) return error;
  const names = listNames(done.map(({ state }) => state.name));
  error.state = `${error.state ?? ''}\nSo was what ran before it: ${names}.`.trim();
  return error;
}
