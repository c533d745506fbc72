import { KeelError, NOTHING_CHANGED } from '../../errors';
import { listNames } from './list-names';
import { sharedNames, sharedTimestamps, type MigrationState } from './migration-state';

/** So many changed files are named, a line each. */
const MANY = 5;

/** What to do about files that are doubtful. */
export interface ReviewOptions {
  /** Refuse the run rather than report. */
  readonly strict: boolean;
  /** Go on although applied files are gone. */
  readonly allowMissing: boolean;
}

/**
 * What is doubtful about the files of a run: names that share a timestamp, applied files that are gone or have
 * changed, pending ones older than applied ones.
 *
 * @returns sentences to show
 * @throws KeelError before anything has run: for two files with one name, and for what a strict project refuses
 */
export function reviewFiles(states: readonly MigrationState[], options: ReviewOptions): string[] {
  requireOwnNames(states);
  return [
    ...reviewTimestamps(states, options),
    ...reviewMissing(states, options),
    ...reviewChanged(states, options),
    ...reviewOrder(states),
  ];
}

/** Running one of two would drop the other without a word; where both are recorded, sequelize-cli has run both. */
function requireOwnNames(states: readonly MigrationState[]): void {
  const pending = pendingNames(states);
  const present = states.filter(({ missing }) => !missing);
  const groups = sharedNames(present).filter((group) => group.some((name) => pending.has(name)));
  if (groups.length === 0) return;
  throw new KeelError(
    'Two files have one name, so it is not clear which of them is the migration.',
    {
      code: 'SAME_NAME',
      details: groups.map((group) => `  ${group.join(' and ')}`),
      state: NOTHING_CHANGED,
      hint: 'Remove one of them from the folder, or give it a name of its own.',
    },
  );
}

function reviewTimestamps(states: readonly MigrationState[], { strict }: ReviewOptions): string[] {
  const shared = sharedTimestamps(states);
  if (strict && shared.length > 0) throw sameTimestamp(shared.map((group) => group.join(' and ')));
  const pending = pendingNames(states);
  // Where all of them have run, nothing can be done about their order any more.
  const open = shared.filter((group) => group.some((name) => pending.has(name)));
  if (open.length === 0) return [];
  const names = listNames(open.map((group) => group.slice(0, 2).join(' and ')));
  return [`Files with the same timestamp run in the order of their whole names: ${names}.`];
}

function reviewMissing(
  states: readonly MigrationState[],
  { strict, allowMissing }: ReviewOptions,
): string[] {
  const missing = states.filter((state) => state.missing).map(({ name }) => name);
  if (missing.length === 0 || allowMissing) return [];
  if (strict) throw filesMissing(missing);
  return [`Applied, but not in the folder any more: ${listNames(missing)}.`];
}

function reviewChanged(states: readonly MigrationState[], { strict }: ReviewOptions): string[] {
  const changed = states.filter((state) => state.changed).map(({ name }) => name);
  if (strict && changed.length > 0) throw filesChanged(changed);
  const shown = changed.length > MANY ? changed.slice(0, MANY - 1) : changed;
  const lines = shown.map(
    (name) => `${name} has changed since it was applied. What it says now has not been run.`,
  );
  const rest = changed.length - shown.length;
  return rest > 0 ? [...lines, `The same goes for ${rest} more files.`] : lines;
}

function reviewOrder(states: readonly MigrationState[]): string[] {
  const late = states.filter(({ outOfOrder }) => outOfOrder).map(({ name }) => name);
  if (late.length === 0) return [];
  return [`Older than what is applied, and run all the same: ${listNames(late)}.`];
}

function pendingNames(states: readonly MigrationState[]): ReadonlySet<string> {
  return new Set(states.filter(({ status }) => status === 'pending').map(({ name }) => name));
}

function filesChanged(names: readonly string[]): KeelError {
  const [first = ''] = names;
  return new KeelError(
    `Changed since ${names.length === 1 ? 'it was' : 'they were'} applied to this database: ${listNames(names)}.`,
    {
      code: 'FILE_CHANGED',
      state: NOTHING_CHANGED,
      hint: `Bring the old text back and put the change into a new file. Where the change means nothing to the database, record the file anew: keel db:migrate:undo --fake --name ${first}, then keel db:migrate --fake --name ${first}`,
    },
  );
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
