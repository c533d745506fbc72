import { InvalidArgumentError, type Command } from 'commander';
import { KeelError, NOTHING_WRITTEN } from '../../errors';
import { parseCount, parseCountOrZero, parseDuration } from './flag-values';

/** `--rows` as it was given: a model with its rows, or rows alone. */
export interface RowsFlag {
  readonly model: string | undefined;
  readonly rows: number;
}

/** Flags of the commands that make bulk data. */
export interface BulkFlags {
  readonly rows?: readonly RowsFlag[];
  /** A file, or false with `--no-plan`. */
  readonly plan?: string | boolean;
  readonly seed?: number;
  readonly connections?: number;
  readonly chunk?: number;
  readonly dryRun?: boolean;
  readonly rebuildConstraints?: boolean;
  readonly lockTimeout?: number;
  readonly force?: boolean;
}

/** Declares them. */
export function addBulkOptions(command: Command): void {
  addRowsOption(command, 'how many rows are made of a model, or of the plan; may be repeated');
  command
    .option('--plan <file>', 'the plan file (default: the one in the folder bulk of the seeders)')
    .option('--no-plan', 'use no plan file')
    .option('--seed <n>', 'another seed makes other rows (default: 1)', parseCountOrZero)
    .option('--connections <n>', 'how many connections write at once (default: 2)', parseCount)
    .option('--chunk <n>', 'rows of one transaction at most (default: 100000)', parseCount)
    .option('--dry-run', 'show the plan, and write nothing')
    .option('--no-dry-run', 'write it, whatever the config says')
    .option(
      '--rebuild-constraints',
      'drop foreign keys and add them back also where a table has rows',
    )
    .option('--no-rebuild-constraints', 'never do that, also where a table is empty')
    .option('--lock-timeout <time>', 'how long to wait for another bulk run', parseDuration)
    .option('--force', 'allow it in production');
}

/** Declares `--rows`. */
export function addRowsOption(command: Command, description: string): void {
  command.option('--rows <n|model=n>', description, collectRows);
}

function collectRows(text: string, previous: readonly RowsFlag[] | undefined): RowsFlag[] {
  const match = /^(?:([^=]+)=)?([\d_]+)$/.exec(text);
  const rows = Number(match?.[2]?.replaceAll('_', ''));
  if (!match || !Number.isSafeInteger(rows)) {
    throw new InvalidArgumentError('It must be a model and a whole number, such as User=1000.');
  }
  return [...(previous ?? []), { model: match[1], rows }];
}

/** The rows asked for by model, and those given without one. */
export function readRows(flags: readonly RowsFlag[] = []): {
  readonly rows: Map<string, number>;
  readonly scale: number | undefined;
} {
  const rows = new Map<string, number>();
  let scale: number | undefined;
  for (const flag of flags) {
    if (flag.model === undefined) scale = flag.rows;
    else rows.set(flag.model, flag.rows);
  }
  if (scale !== undefined && rows.size > 0) {
    throw new KeelError('--rows is given both with a model and without one.', {
      code: 'USAGE',
      state: NOTHING_WRITTEN,
      hint: 'Name a model in each (--rows Model=N), or give one number for the whole plan file.',
    });
  }
  return { rows, scale };
}
