import type { Umzug as UmzugType } from 'umzug';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { withClient } from '../db/client';
import { databaseError } from '../db/connection-error';
import type { HeldLock } from '../db/advisory-lock';
import { KeelError, messageOf } from '../errors';
import type { Project } from '../project/types';
import { readFolder, type Folder } from './folder';
import { withPlan, type Plan, type RunOptions, type RunRequest } from './planning';
import { Recorder } from './recorder';
import type { FileResult, RunResult } from './results';
import { recordOnly, runOne, type RunContext } from './run-one';
import { Session } from './session';
import type { MigrationState } from './state';

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
  let current = '';
  const session = await Session.open(project, lock, {
    ...options,
    onReport: (report) => options.onEvent?.({ type: 'report', name: current, report }),
  });
  const files: FileResult[] = [];
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
      ledgerTouched: false,
    };
    const byName = new Map(planned.selected.map((state) => [state.name, state]));
    const umzug = assemble(planned.selected, request.direction, async (name) => {
      current = name;
      lock.assertHeld(`${name} was not begun.`);
      requireNotInterrupted(options.signal, name);
      options.onEvent?.({ type: 'start', name, direction: request.direction, index: files.length });
      const state = byName.get(name) as MigrationState;
      const file = options.fake ? await recordOnly(context, state) : await runOne(context, state);
      if (!file) return;
      files.push(file);
      options.onEvent?.({ type: 'done', file });
      requireNothingLate(session, name);
    });
    const names = planned.selected.map(({ name }) => name);
    await (request.direction === 'up'
      ? umzug.up({ migrations: names })
      : umzug.down({ migrations: names }));
    requireNothingLate(session, current);
    return files;
  } catch (error) {
    if (current === '') {
      throw databaseError(unwrap(error), {
        doing: 'making the tables that record what has run',
        state: 'No file was run.',
      });
    }
    throw await withTruth(unwrap(error), project, folder, {
      current,
      files,
      request,
      pid: session.backendPid,
    });
  } finally {
    await session.close();
  }
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
  return error instanceof KeelError || cause === undefined ? error : cause;
}

function requireNotInterrupted(signal: AbortSignal | undefined, name: string): void {
  if (!signal?.aborted) return;
  throw new KeelError(`Interrupted before ${name}.`, {
    code: 'INTERRUPTED',
    state: `${name} was not begun.`,
    hint: 'Run the same command again; it goes on where this one stopped.',
    exitCode: 130,
  });
}

function requireNothingLate(session: Session, name: string): void {
  if (session.late === undefined) return;
  throw new KeelError(`${name} sent a statement after it had finished: ${session.late}`, {
    code: 'MIGRATION_NOT_AWAITED',
    state: `${name} is committed and recorded, without that statement.`,
    hint: 'Return or await every promise in the file, undo it, and apply it again.',
  });
}

interface Progress {
  readonly current: string;
  readonly files: readonly FileResult[];
  readonly request: RunRequest;
  /** The server's process of the connection that broke. */
  readonly pid: number | undefined;
}

/** When the connection breaks, whether the last COMMIT arrived is known to the server alone: ask it. */
async function withTruth(
  thrown: unknown,
  project: Project,
  folder: Folder,
  { current, files, request, pid }: Progress,
): Promise<unknown> {
  if (!(thrown instanceof KeelError) || thrown.code !== 'CONNECTION_LOST') return thrown;
  if (files.at(-1)?.name === current) return thrown;
  const recorded = await isRecorded(project, folder, current, pid);
  const happened = recorded === (request.direction === 'up');
  const state =
    recorded === undefined
      ? `Whether ${current} was committed is not known: the server cannot be asked now.`
      : happened
        ? `${current} was committed all the same, and is recorded.`
        : (thrown.state ?? '');
  return new KeelError(
    `The connection was lost while ${current} was running: ${messageOf(thrown.cause)}`,
    {
      code: 'CONNECTION_LOST',
      details: thrown.details,
      state,
      hint: 'Run the same command again; it goes on where this one stopped.',
      cause: thrown.cause,
    },
  );
}

/** For how long the end of a session that we lost is waited for, in milliseconds. */
const END_MS = 5000;

/** Waits until the server has noticed that a session's client is gone: until then it may still commit. */
async function waitForEnd(client: pg.Client, pid: number): Promise<boolean> {
  for (const deadline = Date.now() + END_MS; Date.now() < deadline; await sleep(50)) {
    const { rows } = await client.query<{ there: boolean }>(
      'SELECT EXISTS (SELECT FROM pg_catalog.pg_stat_get_activity($1)) AS there',
      [pid],
    );
    if (!rows[0]?.there) return true;
  }
  return false;
}

async function isRecorded(
  project: Project,
  folder: Folder,
  name: string,
  pid: number | undefined,
): Promise<boolean | undefined> {
  try {
    return await withClient(
      project.connection,
      async (client) => {
        if (pid !== undefined && !(await waitForEnd(client, pid))) return undefined;
        const { states } = await readFolder(folder, client, { history: false, checksums: false });
        return states.some((state) => state.name === name && state.status === 'applied');
      },
      { timeoutMs: END_MS },
    );
  } catch {
    return undefined;
  }
}
