import type { Umzug as UmzugType } from 'umzug';
import { databaseError } from '../db/connection-error';
import type { HeldLock } from '../db/advisory-lock';
import { interrupted, isKeelError, KeelError, RUN_AGAIN } from '../errors';
import type { Project } from '../project/project';
import { withInvalidIndexes } from './watch/invalid-indexes';
import { withTruth } from './watch/lost-commit';
import { withPlan, type Plan, type RunOptions, type RunRequest } from './planning';
import { Recorder } from './ledger/recorder';
import type { FileResult, RunResult } from './results';
import { recordOnly, runOne, type RunContext } from './run-one';
import { Session } from './session/session';
import type { MigrationState } from './files/migration-state';

const RETRIES = 3;

/**
 * Applies or undoes migrations or seeders, one runner at a time, each file in one transaction with its
 * record. What is applied stays applied when a later file fails.
 *
 * @throws KeelError; MigrationError where a file failed
 */
export async function run(
  project: Project,
  request: RunRequest,
  options: RunOptions,
): Promise<RunResult> {
  const start = Date.now();
  const done = await withPlan(project, request, options, async (plan, lock) =>
    result(request, await runSelected(project, request, plan, lock, options), plan, start),
  );
  return 'files' in done ? done : result(request, [], done, start);
}

function result(
  request: RunRequest,
  files: readonly FileResult[],
  { states, selected, warnings }: Plan,
  start: number,
): RunResult {
  const { kind, direction } = request;
  const pending = states.filter(({ status }) => status === 'pending').length;
  return {
    kind,
    direction,
    files,
    // Files that an earlier one has recorded count as done, so not `files` but what was selected.
    pending: direction === 'up' ? pending - selected.length : pending + selected.length,
    warnings,
    durationMs: Date.now() - start,
  };
}

async function runSelected(
  project: Project,
  request: RunRequest,
  planned: Plan,
  lock: HeldLock,
  options: RunOptions,
): Promise<FileResult[]> {
  const { folder } = planned;
  const progress = { current: '', files: [] as FileResult[], request };
  const session = await Session.open(project, lock, {
    ...options,
    onReport: (report) => options.onEvent?.({ type: 'report', name: progress.current, report }),
  });
  const warn = (message: string): void => options.onEvent?.({ type: 'warning', message });
  try {
    const recorder = new Recorder(folder, planned.lastBatch + 1, warn);
    await recorder.prepare(session.client);
    const context: RunContext = {
      project,
      folder,
      direction: request.direction,
      session,
      recorder,
      retries: options.retries ?? RETRIES,
      onRetry: (name, reason) => options.onEvent?.({ type: 'retry', name, reason }),
      onWarning: warn,
      ledgerTouched: false,
    };
    await drive(context, planned, lock, options, progress);
    return progress.files;
  } catch (error) {
    if (progress.current === '') {
      throw databaseError(unwrap(error), {
        doing: 'making the tables that record what has run',
        state: 'No file was run.',
      });
    }
    const pid = session.backendPid;
    const truth = await withTruth(unwrap(error), project, folder, { ...progress, pid });
    throw withProgress(await withInvalidIndexes(truth, project), progress.files, request);
  } finally {
    await session.close();
  }
}

/** Runs the files in their order; `progress` tells how far it came when it throws. */
async function drive(
  context: RunContext,
  { selected }: Plan,
  lock: HeldLock,
  { signal, fake, onEvent }: RunOptions,
  progress: { current: string; readonly files: FileResult[] },
): Promise<void> {
  const { direction, session } = context;
  const byName = new Map(selected.map((state) => [state.name, state]));
  const umzug = assemble(selected, direction, async (name) => {
    progress.current = name;
    lock.assertHeld(`${name} was not begun.`);
    requireNotInterrupted(signal, name);
    onEvent?.({ type: 'start', name, direction, index: progress.files.length });
    const state = byName.get(name) as MigrationState;
    const file = fake ? await recordOnly(context, state) : await runOne(context, state);
    if (!file) return;
    progress.files.push(file);
    onEvent?.({ type: 'done', file });
    requireNothingLate(session, name);
  });
  const migrations = selected.map(({ name }) => name);
  await (direction === 'up' ? umzug.up({ migrations }) : umzug.down({ migrations }));
  requireNothingLate(session, progress.current);
}

/** Umzug drives the files one after the other; what has run is told by the ledger, which the run itself writes. */
function assemble(
  selected: readonly MigrationState[],
  direction: 'up' | 'down',
  runByName: (name: string) => Promise<void>,
): UmzugType {
  // Loaded late: it is slow to load, and a run with nothing to do needs none of it.
  const { Umzug } = require('umzug') as typeof import('umzug');
  return new Umzug({
    migrations: selected.map(({ name }) => {
      const step = (): Promise<void> => runByName(name);
      return { name, up: step, down: step };
    }),
    storage: {
      executed: () => Promise.resolve(direction === 'up' ? [] : selected.map(({ name }) => name)),
      // Umzug would write the record after the migration, outside of its transaction.
      logMigration: () => Promise.resolve(),
      unlogMigration: () => Promise.resolve(),
    },
    logger: undefined,
  });
}

/** Umzug wraps what a migration throws. */
function unwrap(error: unknown): unknown {
  const { cause } = error as { cause?: unknown };
  return isKeelError(error) || cause === undefined ? error : cause;
}

/** What ran before the failure stays, and people must know. */
function withProgress(
  error: unknown,
  files: readonly FileResult[],
  { direction }: RunRequest,
): unknown {
  if (!isKeelError(error) || files.length === 0) return error;
  const names = files.map(({ name }) => name).join(', ');
  const before = `Before it this run ${direction === 'up' ? 'applied' : 'undid'} ${names}; that stays.`;
  error.state = error.state === undefined ? before : `${error.state}\n${before}`;
  return error;
}

function requireNotInterrupted(signal: AbortSignal | undefined, name: string): void {
  if (!signal?.aborted) return;
  throw interrupted({
    message: `Interrupted before ${name}.`,
    state: `${name} was not begun.`,
    hint: RUN_AGAIN,
  });
}

function requireNothingLate(session: Session, name: string): void {
  const late = session.lastAttempt?.late;
  if (late === undefined) return;
  throw new KeelError(`${name} sent a statement after it had finished: ${late}`, {
    code: 'MIGRATION_NOT_AWAITED',
    state: `${name} is committed and recorded, without that statement.`,
    hint: 'Return or await every promise in the file, undo it, and apply it again.',
  });
}
