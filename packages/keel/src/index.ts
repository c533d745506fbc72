import type { CheckResult } from './check/check-schema';
import type { GenerateResult } from './generate/generate-options';
import { dryRunOrOffline } from './lint/dry-run-or-offline';
import { reviewOf } from './lint/review-of';
import type { LintResult } from './lint/lint-project';
import { readProject, withConnection } from './project/read-project';
import { withServer } from './project/with-server';
import {
  CHECK_OPTIONS,
  CONNECTION,
  DOWN_REQUEST,
  DRY_RUN_OPTIONS,
  GENERATE_OPTIONS,
  KEEL_OPTIONS,
  LINT_OPTIONS,
  RUN_OPTIONS,
  UP_REQUEST,
} from './program/call-rules';
import type {
  KeelCheckOptions,
  KeelGenerateOptions,
  KeelLintOptions,
  KeelOptions,
  KeelRunOptions,
} from './program/keel-options';
import { requireOptions } from './program/require-options';
import type { Project } from './project/project';
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
export type {
  KeelCheckOptions,
  KeelGenerateOptions,
  KeelLintOptions,
  KeelOptions,
  KeelRunOptions,
} from './program/keel-options';
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
  requireOptions('createKeel()', options, KEEL_OPTIONS);
  const { connection, ...flags } = options;
  if (connection) requireOptions('"connection"', connection, CONNECTION);
  const read = await readProject(flags);
  return keelFor(
    connection ? withConnection(read, connection) : await withServer(read, { database: true }),
  );
}

/** The same for a project that is read already. */
export function keelFor(project: Project): Keel {
  const runWith = (call: string, request: RunRequest, options: KeelRunOptions) => {
    requireOptions(call, options, RUN_OPTIONS);
    return run(project, request, runOptions(project, request, options));
  };
  const up =
    (call: string, kind: MigrationKind): Keel['migrate'] =>
    async (request = {}, options = {}) => {
      requireOptions(call, request, UP_REQUEST);
      return runWith(call, { kind, direction: 'up', ...request }, options);
    };
  const down =
    (call: string, kind: MigrationKind): Keel['undo'] =>
    async (request = {}, options = {}) => {
      requireOptions(call, request, DOWN_REQUEST);
      return runWith(call, { kind, direction: 'down', ...request }, options);
    };
  return {
    project,
    migrate: up('migrate()', 'migration'),
    undo: down('undo()', 'migration'),
    status: () => readStatus(project, 'migration'),
    dryRun: async (request = {}, options = {}) => {
      requireOptions('dryRun()', request, UP_REQUEST);
      requireOptions('dryRun()', options, DRY_RUN_OPTIONS);
      const asked = { kind: 'migration', direction: 'up', ...request } as const;
      const done = await dryRunOrOffline(project, asked, runOptions(project, asked, options));
      return done.result;
    },
    check: async (options = {}) => {
      requireOptions('check()', options, CHECK_OPTIONS);
      const { checkSchema } =
        require('./check/check-schema') as typeof import('./check/check-schema');
      return checkSchema(project, { ...options, exclusive: false });
    },
    lint: async (options = {}) => {
      requireOptions('lint()', options, LINT_OPTIONS);
      const { lintProject } =
        require('./lint/lint-project') as typeof import('./lint/lint-project');
      return lintProject(project, { ...options, exclusive: false });
    },
    generate: async (options) => {
      requireOptions('generate()', options, GENERATE_OPTIONS);
      const { generateFromModels } =
        require('./generate/generate-from-models') as typeof import('./generate/generate-from-models');
      return generateFromModels(project, { ...options, exclusive: false });
    },
    seed: up('seed()', 'seeder'),
    undoSeeds: down('undoSeeds()', 'seeder'),
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
