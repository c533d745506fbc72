import { shortStatement } from '../db/sql-text';
import { asNew, readSettings } from './session/restore-settings';
import { notAtomic } from './not-atomic';
import { withRunningFile, type RunningFile } from '../backfill/running-file';
import type { Project } from '../project/project';
import { LockWatch, type SeenLock } from './watch/lock-watch';
import { readLocks, readRelationNames, type TakenLock } from './watch/read-locks';
import { loadMigration } from './files/load-migration';
import { MigrationError } from './attempt/migration-error';
import { withPlan, type Plan, type RunOptions, type RunRequest } from './with-plan';
import { Session } from './session/session';
import type { HeldLock } from '../db/advisory-lock';
import type { MigrationState } from './files/migration-state';

/** The SQL of one file. */
export interface DryFile {
  readonly name: string;
  readonly statements: readonly DryStatement[];
  /** Its own, the strongest first; one that a file before it holds already stands there. */
  readonly locks: readonly FileLock[];
}

/** A lock of a file on what was there before the run. */
export interface FileLock extends TakenLock {
  /** For how long the file holds it, in milliseconds; null where that is not known. */
  readonly ms: number | null;
}

/** A statement as it was sent. */
export interface DryStatement {
  readonly sql: string;
  readonly values?: readonly unknown[];
  /** Whether it was left out, because it cannot run in a transaction that is rolled back. */
  readonly leftOut: boolean;
}

/** What a run would send. */
export interface DryRunResult {
  readonly direction: 'up' | 'down';
  readonly files: readonly DryFile[];
  /** The locks that were held until all was rolled back, the strongest first. */
  readonly locks: readonly TakenLock[];
  readonly warnings: readonly string[];
  /**
   * Why a run would be refused under `keel.lint: 'error'`, a line for each file that blocks others for long. The files were
   * run on a scratch database then.
   */
  readonly blocking?: readonly string[];
}

/** Whoever waits for a lock makes others wait behind it, and a dry run is not worth that. */
const LOCK_TIMEOUT_MS = 2000;

const NOTICE =
  'The files are run for real and rolled back. Until then their locks are held, and other sessions wait for them.';

/**
 * Runs the files for real in one transaction, each on top of the one before, notes their SQL, and rolls all of
 * it back.
 *
 * @throws MigrationError where a file would fail
 */
export async function dryRun(
  project: Project,
  request: RunRequest,
  options: RunOptions,
): Promise<DryRunResult> {
  const { direction } = request;
  const done = await withPlan(project, request, options, async (plan, lock) => ({
    direction,
    ...(await collect(project, request, plan, lock, options)),
    warnings: plan.warnings,
  }));
  return 'files' in done ? done : { direction, files: [], locks: [], warnings: done.warnings };
}

async function collect(
  project: Project,
  { direction }: RunRequest,
  plan: Plan,
  lock: HeldLock,
  options: RunOptions,
): Promise<Pick<DryRunResult, 'files' | 'locks'>> {
  const { signal, exclusive, lockTimeoutMs = LOCK_TIMEOUT_MS, statementTimeoutMs } = options;
  options.onEvent?.({ type: 'notice', message: NOTICE });
  const limits = { lockTimeoutMs, statementTimeoutMs };
  const tracer = new LockWatch();
  const session = await Session.open(project, lock, { exclusive, signal, tracer, ...limits });
  const files: (Omit<DryFile, 'locks'> & { readonly seen: readonly SeenLock[] })[] = [];
  try {
    const { connection } = session;
    await connection.begin();
    const asFound = { settings: await readSettings(connection), ownRole: connection.ownRole };
    for (const state of plan.selected) {
      const statements = await statementsOf(project, session, state, direction);
      if (options.atomic) await requireAtomic(state, statements);
      files.push({ name: state.name, statements, seen: tracer.finishFile() });
      const { findings } = session.lastAttempt ?? {};
      const between = findings ? asNew(findings, asFound) : '';
      if (between !== '') await connection.send(between);
    }
    const oids = files.flatMap(({ seen }) => seen.map(({ oid }) => oid));
    const names = await readRelationNames(project, oids);
    return {
      files: files.map(({ name, statements, seen }) => ({
        name,
        statements,
        locks: seen.flatMap(({ oid, mode, ms }) => {
          const relation = names.get(oid);
          return relation === undefined ? [] : [{ relation, mode, ms }];
        }),
      })),
      locks: await readLocks(project, session.connection.client),
    };
  } finally {
    await session.connection.rollback();
    await session.close();
  }
}

async function statementsOf(
  project: Project,
  session: Session,
  state: MigrationState,
  direction: 'up' | 'down',
): Promise<DryStatement[]> {
  const file = state.file as NonNullable<MigrationState['file']>;
  const module = await loadMigration(file);
  const args = session.migrationArguments;
  const body = (): unknown => module[direction]?.(args);
  const pretended = pretendedFile(state.name, direction);
  const run = (): unknown => withRunningFile(pretended, body);
  const { attempt, failed, error, lost } = await session.run(run, 'pretend', {
    keepWhole: true,
    ledgerPattern: /(?!)/,
  });
  const { statements, firstError } = attempt.findings;
  if (failed || attempt.timedOut) {
    throw new MigrationError(attempt.timedOut ?? error, {
      name: state.name,
      path: file.path,
      direction,
      mode: 'pretend',
      lost,
      statements,
      failedSql: firstError?.sql,
    });
  }
  return statements.map(({ sql, values, leftOut }) => ({
    sql,
    values,
    leftOut: leftOut ?? false,
  }));
}

/** What a run in one transaction would refuse. */
async function requireAtomic(
  { file }: MigrationState,
  statements: readonly DryStatement[],
): Promise<void> {
  const asked = file as NonNullable<MigrationState['file']>;
  const { withoutTransaction } = await loadMigration(asked);
  const refused = statements.find(({ leftOut }) => leftOut);
  if (withoutTransaction) throw notAtomic({ file: asked, reason: 'it asks for no transaction' });
  if (!refused) return;
  const reason = `this cannot run in a transaction: ${shortStatement(refused.sql)}`;
  throw notAtomic({ file: asked, reason });
}

function pretendedFile(name: string, direction: 'up' | 'down'): RunningFile {
  const report = (): undefined => undefined;
  const rest = {
    pretend: true,
    signal: undefined,
    backfills: 0,
    onRecord: new Set<string>(),
    report,
  };
  return { name, direction, ...rest };
}
