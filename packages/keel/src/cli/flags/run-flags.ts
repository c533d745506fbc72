import type { Command } from 'commander';
import type { Invocation } from '../define-command';
import { reviewOf } from '../../lint/review-of';
import type { Project } from '../../project/project';
import type { RunOptions, RunRequest } from '../../runner/with-plan';
import { permissionOf } from './permission-of';
import { parseCount, parseCountOrZero, parseDuration } from './flag-values';

/** Flags of every command that runs migrations or seeders. */
export interface RunFlags {
  readonly lockTimeout?: number;
  readonly lockWait?: number;
  readonly statementTimeout?: number;
  readonly retries?: number;
  readonly fake?: boolean;
  readonly atomic?: boolean;
  readonly dryRun?: boolean;
  readonly allowMissing?: boolean;
  /** Of `db:migrate`: files that block others for long may run although the config forbids it. */
  readonly allowBlocking?: boolean;
  /** Of `db:migrate`: a dry run on a scratch database. */
  readonly offline?: boolean;
  /** Of `db:migrate`: the file for a script of SQL, in place of a run. */
  readonly sql?: string;
  /** Of the commands that undo everything. */
  readonly force?: boolean;
}

/** Declares all of them. */
export function addRunOptions(command: Command): void {
  command
    .option('--dry-run', 'show the SQL that would run, and keep nothing of it')
    .option('--no-dry-run', 'run for real, whatever the config says')
    .option('--fake', 'record the files as run, and run nothing')
    .option('--no-fake', 'run the files, whatever the config says')
    .option('--atomic', 'run all files in one transaction: all of them take effect, or none');
  addTimeoutOptions(command);
}

/** Declares those that make sense where several runs follow each other as well. */
export function addTimeoutOptions(command: Command): void {
  command
    .option('--allow-missing', 'go on although files that are applied are gone from the folder')
    .option('--no-allow-missing', 'do not, whatever the config says')
    .option(
      '--lock-timeout <time>',
      'how long to wait for each lock before the file is tried again, 0 for ever (default: 3s)',
      parseDuration,
    )
    .option(
      '--lock-wait <time>',
      'for how long a file is tried again while others hold its locks, and how long to wait for another runner (default: 10m)',
      parseDuration,
    )
    .option('--statement-timeout <time>', 'how long a single statement may take', parseDuration)
    .option(
      '--retries <n>',
      'how often a file that timed out is tried again (default: 3; for locks, as --lock-wait says)',
      parseCountOrZero,
    );
}

/** Declares `--step`. */
export function addStep(command: Command, description: string): void {
  command.option('--step <n>', description, parseCount);
}

/** How long to wait for another runner; without a word on it, as long as for each lock. */
function runnerWait({
  lockWait,
  lockTimeout,
}: Pick<RunFlags, 'lockWait' | 'lockTimeout'>): number | undefined {
  // 0 takes the limit off the locks, which is no reason not to wait for the runner.
  return lockWait ?? (lockTimeout === 0 ? undefined : lockTimeout);
}

/**
 * The runner's options for a command line.
 *
 * @param planned looks at what is about to run, before all else does
 */
export function runOptions(
  invocation: Invocation<RunFlags>,
  project: Project,
  request: Pick<RunRequest, 'kind' | 'direction'>,
  planned?: RunOptions['review'],
): RunOptions {
  const { flags, output } = invocation;
  const { followRun } =
    require('../terminal/follow-run') as typeof import('../terminal/follow-run');
  const onEvent = followRun(output);
  const { fake = false, allowBlocking } = flags;
  const review = reviewOf(project, request, {
    fake,
    allowBlocking,
    allowedBy: 'keel db:migrate --allow-blocking',
    onEvent,
    get signal() {
      return invocation.signal;
    },
  });
  return {
    exclusive: true,
    // Read by the runner once it holds the lock: until then Ctrl-C may end the process at once.
    get signal() {
      return invocation.signal;
    },
    review: async (plan, client) => {
      await planned?.(plan, client);
      await review?.(plan, client);
    },
    permission: permissionOf(invocation),
    onEvent,
    lockTimeoutMs: flags.lockTimeout,
    lockWaitMs: flags.lockWait,
    waitMs: runnerWait(flags),
    statementTimeoutMs: flags.statementTimeout,
    retries: flags.retries,
    fake,
    atomic: flags.atomic ?? false,
    allowMissing: flags.allowMissing ?? false,
  };
}
