import type { Command } from 'commander';
import type { Invocation } from '../define-command';
import type { RunOptions } from '../../runner/with-plan';
import { parseCount, parseCountOrZero, parseDuration } from './flag-values';

/** Flags of every command that runs migrations or seeders. */
export interface RunFlags {
  readonly lockTimeout?: number;
  readonly statementTimeout?: number;
  readonly retries?: number;
  readonly fake?: boolean;
  readonly dryRun?: boolean;
  readonly allowMissing?: boolean;
  /** Of the commands that undo everything. */
  readonly force?: boolean;
}

/** Declares all of them. */
export function addRunOptions(command: Command): void {
  command
    .option('--dry-run', 'show the SQL that would run, and keep nothing of it')
    .option('--no-dry-run', 'run for real, whatever the config says')
    .option('--fake', 'record the files as run, and run nothing')
    .option('--no-fake', 'run the files, whatever the config says');
  addTimeoutOptions(command);
}

/** Declares those that make sense where several runs follow each other as well. */
export function addTimeoutOptions(command: Command): void {
  command
    .option('--allow-missing', 'go on although files that are applied are gone from the folder')
    .option('--no-allow-missing', 'do not, whatever the config says')
    .option(
      '--lock-timeout <time>',
      'how long to wait for another runner, and for each lock on a table',
      parseDuration,
    )
    .option('--statement-timeout <time>', 'how long a single statement may take', parseDuration)
    .option(
      '--retries <n>',
      'how often a file that timed out is tried again (default: 3)',
      parseCountOrZero,
    );
}

/** Declares `--step`. */
export function addStep(command: Command, description: string): void {
  command.option('--step <n>', description, parseCount);
}

/** The runner's options for a command line. */
export function runOptions(invocation: Invocation<RunFlags>): RunOptions {
  const { flags, output } = invocation;
  const { followRun } =
    require('../terminal/follow-run') as typeof import('../terminal/follow-run');
  return {
    exclusive: true,
    // Read by the runner once it holds the lock: until then Ctrl-C may end the process at once.
    get signal() {
      return invocation.signal;
    },
    onEvent: followRun(output),
    lockTimeoutMs: flags.lockTimeout,
    waitMs: flags.lockTimeout,
    statementTimeoutMs: flags.statementTimeout,
    retries: flags.retries,
    fake: flags.fake ?? false,
    allowMissing: flags.allowMissing ?? false,
  };
}
