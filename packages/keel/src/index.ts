import type { CheckOptions, CheckResult } from './check/check-schema';
import type { GenerateOptions, GenerateResult } from './generate/generate-options';
import type { ProjectFlags } from './project/project-flags';
import { dryRunOrOffline } from './lint/dry-run-or-offline';
import { reviewOf } from './lint/review-of';
import type { LintOptions, LintResult } from './lint/lint-project';
import { readProject, withConnection } from './project/read-project';
import { withServer } from './project/with-server';
import type { ConnectionTarget, Project } from './project/project';
import type { DryRunResult } from './runner/dry-run';
import type { MigrationKind } from './runner/ledger/history';
import { run } from './runner/run';
import type { RunOptions, RunRequest } from './runner/with-plan';
import type { RunResult } from './runner/results';
import type { DownRequest, UpRequest } from './runner/files/select-files';
import { readStatus, type StatusResult } from './runner/read-status';

export { backfill } from './backfill/backfill';
export type {
  BackfillOptions,
  BackfillProgress,
  BackfillResult,
  BackfillRow,
} from './backfill/backfill-options';
export type { Finding } from './lint/finding';
export type { LintResult } from './lint/lint-project';
export type { SafeRules } from './lint/safe-rules';
export { syncColumns, unsyncColumns } from './release/sync-columns';
export type { SyncOptions } from './release/sync-columns';
export { requireRelease } from './release/require-release';
export type { ReleaseOptions } from './release/require-release';
export { isKeelError, KeelError } from './errors';
export type { KeelErrorCode } from './error-codes';
export { MigrationError } from './runner/attempt/migration-error';
export type { CheckResult } from './check/check-schema';
export type { GenerateResult } from './generate/generate-options';
export type { NewFile } from './generate/plan-files';
export type { Difference } from './diff/describe-operation';
export type { Rename } from './diff/rename-operations';
export type { RenameCandidate } from './diff/rename-candidate';
export type { DryFile, DryRunResult, DryStatement } from './runner/dry-run';
export type { Connection } from './db/connection';
export type { Migration, Seeder } from './runner/files/migration';
export type { LedgerSettings, Project } from './project/project';
export type { FileResult, RunEvent, RunResult } from './runner/results';
export type { TakenLock } from './runner/watch/read-locks';
export type { DownRequest, UpRequest } from './runner/files/select-files';
export type { MigrationState } from './runner/files/migration-state';
export type { StatusResult } from './runner/read-status';

/** Which project to work on; everything that is left out is read as the command line reads it. */
export interface KeelOptions extends ProjectFlags {
  /** Another database or server than the config's, its other settings kept. */
  readonly connection?: ConnectionTarget;
}

/** How to run: timeouts in milliseconds, a signal to interrupt, and who is told of each step. */
export interface KeelRunOptions extends Partial<Omit<RunOptions, 'exclusive' | 'permission'>> {
  /** Undo everything in production too. */
  readonly force?: boolean;
  /** Apply migrations that block others for long, although the config says `lint: 'error'`. */
  readonly allowBlocking?: boolean;
}

/** How to compare: without the cache, and a signal to interrupt. */
export type KeelCheckOptions = Omit<CheckOptions, 'exclusive'>;

/** Which migrations to look at, and with which sizes. */
export type KeelLintOptions = Omit<LintOptions, 'exclusive'>;

/** The new migration's name, what was renamed or is to go, and in what steps. */
export type KeelGenerateOptions = Omit<GenerateOptions, 'exclusive'>;

/** A project's migrations and seeders. Every method rejects with a {@link KeelError}; none ends the process. */
export interface Keel {
  /** The project as it was read. */
  readonly project: Project;
  /** Applies pending migrations: all, or those of the request. */
  migrate(request?: UpRequest, options?: KeelRunOptions): Promise<RunResult>;
  /** Undoes migrations: the last one, or those of the request. */
  undo(request?: DownRequest, options?: KeelRunOptions): Promise<RunResult>;
  /** Where each migration stands. Changes nothing. */
  status(): Promise<StatusResult>;
  /** The SQL that {@link Keel.migrate} would send, and what it would be refused for. Nothing is kept. */
  dryRun(request?: UpRequest, options?: KeelRunOptions): Promise<DryRunResult>;
  /** Whether models, migrations and the database are the same. Changes nothing: it builds them on scratch databases. */
  check(options?: KeelCheckOptions): Promise<CheckResult>;
  /** What the pending migrations, or those of the options, lock, rewrite and break. Changes nothing. */
  lint(options?: KeelLintOptions): Promise<LintResult>;
  /** Writes the migration from what the migrations build to the models, proved up and down; no files where they agree. */
  generate(options: KeelGenerateOptions): Promise<GenerateResult>;
  /** Runs seeders: those that have not run, or those of the request. */
  seed(request?: UpRequest, options?: KeelRunOptions): Promise<RunResult>;
  /** Undoes seeders: the last one, or those of the request. */
  undoSeeds(request?: DownRequest, options?: KeelRunOptions): Promise<RunResult>;
  /** Where each seeder stands. Changes nothing. */
  seedStatus(): Promise<StatusResult>;
}

/**
 * Opens a project for programs: tests and deploy scripts. Reads `.sequelizerc` and the config, and starts the
 * embedded server where the config asks for it; connections are made, and closed, by each method.
 *
 * @example
 * const keel = await createKeel({ env: 'test' });
 * const { files } = await keel.migrate();
 */
export async function createKeel(options: KeelOptions = {}): Promise<Keel> {
  const { connection, ...flags } = options;
  const read = await readProject(flags);
  return keelFor(
    connection ? withConnection(read, connection) : await withServer(read, { database: true }),
  );
}

/** The same for a project that is read already. */
export function keelFor(project: Project): Keel {
  const runWith = (request: RunRequest, options: KeelRunOptions) =>
    run(project, request, runOptions(project, request, options));
  const runner = (kind: MigrationKind) => ({
    up: (request: UpRequest = {}, options: KeelRunOptions = {}) =>
      runWith({ kind, direction: 'up', ...request }, options),
    down: (request: DownRequest = {}, options: KeelRunOptions = {}) =>
      runWith({ kind, direction: 'down', ...request }, options),
  });
  const migrations = runner('migration');
  const seeders = runner('seeder');
  return {
    project,
    migrate: migrations.up,
    undo: migrations.down,
    status: () => readStatus(project, 'migration'),
    dryRun: async (request = {}, options = {}) => {
      const asked = { kind: 'migration', direction: 'up', ...request } as const;
      const done = await dryRunOrOffline(project, asked, runOptions(project, asked, options));
      return done.result;
    },
    check: (options = {}) => {
      const { checkSchema } =
        require('./check/check-schema') as typeof import('./check/check-schema');
      return checkSchema(project, { ...options, exclusive: false });
    },
    lint: (options = {}) => {
      const { lintProject } =
        require('./lint/lint-project') as typeof import('./lint/lint-project');
      return lintProject(project, { ...options, exclusive: false });
    },
    generate: (options) => {
      const { generateFromModels } =
        require('./generate/generate-from-models') as typeof import('./generate/generate-from-models');
      return generateFromModels(project, { ...options, exclusive: false });
    },
    seed: seeders.up,
    undoSeeds: seeders.down,
    seedStatus: () => readStatus(project, 'seeder'),
  };
}

/** The options of a program, completed by the settings of the config. What is shown or faked, the program says itself. */
function runOptions(
  project: Project,
  request: Pick<RunRequest, 'kind' | 'direction'>,
  { force, allowBlocking, ...options }: KeelRunOptions,
): RunOptions {
  const { settings } = project;
  const review = reviewOf(project, request, {
    ...options,
    allowBlocking,
    allowedBy: 'the option allowBlocking: true',
  });
  return {
    ...options,
    exclusive: false,
    permission: {
      force,
      caller: request.kind === 'migration' ? 'undo()' : 'undoSeeds()',
      givenBy: 'the option force: true',
    },
    review: async (plan, client) => {
      await options.review?.(plan, client);
      await review?.(plan, client);
    },
    lockTimeoutMs: options.lockTimeoutMs ?? settings.lockTimeout,
    lockWaitMs: options.lockWaitMs ?? settings.lockWait,
    waitMs: options.waitMs ?? settings.lockWait ?? (settings.lockTimeout || undefined),
    statementTimeoutMs: options.statementTimeoutMs ?? settings.statementTimeout,
    retries: options.retries ?? settings.retries,
    allowMissing: options.allowMissing ?? settings.allowMissing,
  };
}
