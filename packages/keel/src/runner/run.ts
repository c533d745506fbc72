import type { HeldLock } from '../db/advisory-lock';
import { databaseError } from '../db/connection-error';
import { isKeelError } from '../errors';
import type { Project } from '../project/project';
import { withProjectClient } from '../project/with-project-client';
import { guardProduction } from './guard-production';
import { LOCK_TIMEOUT_MS, LOCK_WAIT_MS } from './lock-limits';
import { markEnvironment } from './mark-environment';
import { listNames } from './files/list-names';
import type { FileResult, RunResult } from './results';
import { ledgerPattern } from './run-context';
import { runOneByOne, type Progress } from './run-one-by-one';
import type { Session } from './session/session';
import { withPlan, type Plan, type RunOptions, type RunRequest } from './with-plan';

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
  const done = await withPlan(
    project,
    request,
    options,
    async (plan, lock) =>
      result(request, await runSelected(project, request, plan, lock, options), plan, start),
    guardProduction(project, request, options),
  );
  if ('files' in done) return done;
  await makeLedger(project, done);
  return result(request, [], done, start);
}

function result(
  request: RunRequest,
  files: readonly FileResult[],
  { states, selected, warnings }: Plan,
  start: number,
): RunResult {
  const { kind, direction } = request;
  // A file may record others as done, which then do not run: count what was selected, not `files`.
  const chosen = new Set(selected.map(({ name }) => name));
  const left = states.filter(({ name, status }) =>
    direction === 'up'
      ? status === 'pending' && !chosen.has(name)
      : status === 'pending' || chosen.has(name),
  );
  return {
    kind,
    direction,
    files,
    pending: left.length,
    pendingNames: left.map(({ name }) => name),
    known: states.length,
    warnings,
    durationMs: Date.now() - start,
  };
}

/** As sequelize-cli does, which makes its table with the first command, whatever there is to do. */
async function makeLedger(project: Project, { folder: { ledger } }: Plan): Promise<void> {
  if (ledger.exists) return;
  const make = withProjectClient(project, (client) => client.query(ledger.createSql()));
  // There is nothing to record, so a role that may only read is no reason to fail.
  await make.catch(() => undefined);
}

async function runSelected(
  project: Project,
  request: RunRequest,
  planned: Plan,
  lock: HeldLock,
  options: RunOptions,
): Promise<FileResult[]> {
  const { folder } = planned;
  const { direction } = request;
  const progress: Progress = { current: '', files: [] };
  // These are loaded late here and below: a run with nothing to do needs none of them.
  const { Session } = require('./session/session') as typeof import('./session/session');
  const { FileLoader } = require('./files/file-loader') as typeof import('./files/file-loader');
  const { RecordWriter } =
    require('./ledger/record-writer') as typeof import('./ledger/record-writer');
  const emit = options.onEvent ?? (() => undefined);
  const session = await Session.open(project, lock, {
    ...options,
    // Nobody else is at work on the embedded server, or on a scratch database.
    defaultLockTimeoutMs: project.embedded || project.standsFor ? undefined : LOCK_TIMEOUT_MS,
    onReport: (report) => {
      emit({ type: 'report', name: progress.current, report });
    },
  });
  try {
    const writer = new RecordWriter(folder, {
      batch: planned.lastBatch + 1,
      // Of a scratch database nobody asks later who ran what.
      history: project.standsFor === undefined,
      warn: (message) => {
        emit({ type: 'warning', message });
      },
    });
    await writer.prepare(session.connection.client);
    if (request.kind === 'migration' && direction === 'up' && !project.standsFor)
      await markEnvironment(session.connection.client, project, options);
    const { retries, lockWaitMs = LOCK_WAIT_MS } = options;
    const pattern = ledgerPattern(folder);
    const files = new FileLoader(direction);
    const shared = {
      project,
      folder,
      direction,
      session,
      writer,
      files,
      retries,
      lockWaitMs,
      emit,
    };
    const context = { ...shared, ledgerPattern: pattern };
    if (options.atomic) {
      const { runTogether } = require('./run-together') as typeof import('./run-together');
      await runTogether(context, planned.selected, progress);
    } else await runOneByOne(context, planned.selected, { ...options, lock, progress });
    return progress.files;
  } catch (error) {
    throw await explain(unwrap(error), project, planned, request, progress, session);
  } finally {
    await session.close();
  }
}

/** The error with all that can be found out about the state that things are in now. */
async function explain(
  error: unknown,
  project: Project,
  { folder }: Plan,
  { direction }: RunRequest,
  { current, files }: Progress,
  session: Session,
): Promise<unknown> {
  if (current === '') {
    return databaseError(error, {
      doing: 'making the tables that record what has run',
      state: 'No file was run.',
    });
  }
  const { explainLostCommit } =
    require('./ledger/explain-lost-commit') as typeof import('./ledger/explain-lost-commit');
  const { nameInvalidIndexes } =
    require('./watch/name-invalid-indexes') as typeof import('./watch/name-invalid-indexes');
  const recorded = files.at(-1)?.name === current;
  const asked = recorded
    ? error
    : await explainLostCommit(error, project, folder, {
        name: current,
        direction,
        pid: session.connection.backendPid,
      });
  return withProgress(await nameInvalidIndexes(asked, project), files, direction);
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
  direction: 'up' | 'down',
): unknown {
  if (!isKeelError(error) || files.length === 0) return error;
  const names = listNames(files.map(({ name }) => name));
  const before = `Before it this run ${direction === 'up' ? 'applied' : 'undid'} ${names}; that stays.`;
  error.state = error.state === undefined ? before : `${error.state}\n${before}`;
  return error;
}
