import { KeelError, NOTHING_CHANGED } from '../../errors';
import { listNames } from './list-names';
import { sharedTimestamps, type MigrationState } from './migration-state';

/** What to do about files that are doubtful. */
export interface ReviewOptions {
  /** Refuse the run rather than report. */
  readonly strict: boolean;
  /** Go on although applied files are gone. */
  readonly allowMissing: boolean;
}

/**
 * What is doubtful about the files of a run: names that share a timestamp, applied files that are gone,
 * pending ones older than applied ones.
 *
 * @returns sentences to show
 * @throws KeelError in a strict project, before anything has run
 */
export function reviewFiles(states: readonly MigrationState[], options: ReviewOptions): string[] {
  const warnings: string[] = [];
  const shared = sharedTimestamps(states);
  if (options.strict && shared.length > 0) {
    throw sameTimestamp(shared.map((group) => group.join(' and ')));
  }
  const pending = new Set(
    states.filter(({ status }) => status === 'pending').map(({ name }) => name),
  );
  // Where all of them have run, nothing can be done about their order any more.
  const open = shared.filter((group) => group.some((name) => pending.has(name)));
  if (open.length > 0) {
    const names = listNames(open.map((group) => group.slice(0, 2).join(' and ')));
    warnings.push(`Files with the same timestamp run in the order of their whole names: ${names}.`);
  }
  const missing = states.filter((state) => state.missing).map(({ name }) => name);
  if (missing.length > 0 && !options.allowMissing) {
    if (options.strict) throw filesMissing(missing);
    warnings.push(`Applied, but not in the folder any more: ${listNames(missing)}.`);
  }
  const late = states.filter(({ outOfOrder }) => outOfOrder).map(({ name }) => name);
  if (late.length > 0)
    warnings.push(`Older than what is applied, and run all the same: ${listNames(late)}.`);
  return warnings;
}

function sameTimestamp(groups: readonly string[]): KeelError {
  return new KeelError(
    'Files with the same timestamp: which of them runs first would be by chance.',
    {
      code: 'SAME_TIMESTAMP',
      details: groups.map((group) => `  ${group}`),
      state: NOTHING_CHANGED,
      hint: 'Give the newer file a later timestamp, or take "strict" out of .sequelizerc.',
    },
  );
}

function filesMissing(names: readonly string[]): KeelError {
  return new KeelError(
    `Applied to this database, but not in the folder any more: ${listNames(names)}.`,
    {
      code: 'FILE_MISSING',
      state: NOTHING_CHANGED,
      hint: 'Bring the file back from version control, or go on without it with --allow-missing.',
    },
  );
}
