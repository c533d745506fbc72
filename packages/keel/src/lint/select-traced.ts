import { KeelError, NOTHING_CHANGED } from '../errors';
import { stem } from '../runner/files/compare-names';
import type { MigrationFile, MigrationState } from '../runner/files/migration-state';

/** Which migrations to look at; the pending ones where nothing is said. */
export interface LintSelection {
  readonly names?: readonly string[];
  /** Every one, each by itself. */
  readonly all?: boolean;
}

/** What to run, and whom to report on. */
export interface TracePlan {
  /** Run first, unseen. */
  readonly before: readonly MigrationFile[];
  readonly files: readonly MigrationFile[];
  /** Names that go through in one run, so that the tables of one are new to the others; the rest is not reported on. */
  readonly runs: readonly (readonly string[])[];
}

/**
 * Pending files run after the applied ones, whatever their names. Named ones run where their names put them: that is how
 * they run in a new database, and no other order is known of files that are applied already.
 */
export function planTrace(states: readonly MigrationState[], selection: LintSelection): TracePlan {
  const present = states.flatMap((state) => (state.file ? [{ ...state, file: state.file }] : []));
  const files = present.map(({ file }) => file);
  if (selection.all) return { before: [], files, runs: files.map(({ name }) => [name]) };
  if (selection.names) {
    const names = selection.names.map((name) => findFile(files, name).name);
    const places = names.map((name) => files.findIndex((file) => file.name === name));
    const first = Math.min(...places, files.length);
    const last = Math.max(...places, -1);
    const ordered = files.filter(({ name }) => names.includes(name)).map(({ name }) => name);
    return {
      before: files.slice(0, first),
      files: files.slice(first, last + 1),
      runs: names.length === 0 ? [] : [ordered],
    };
  }
  const withStatus = (wanted: string): MigrationFile[] =>
    present.filter(({ status }) => status === wanted).map(({ file }) => file);
  const pending = withStatus('pending');
  return {
    before: withStatus('applied'),
    files: pending,
    runs: pending.length === 0 ? [] : [pending.map(({ name }) => name)],
  };
}

function findFile(files: readonly MigrationFile[], asked: string): MigrationFile {
  const name = asked.replace(/^.*[\\/]/, '');
  const exact = files.filter((file) => file.name === name || stem(file.name) === stem(name));
  const begun = files.filter((file) => file.name.startsWith(name));
  const [found] = exact.length > 0 ? exact : begun.length === 1 ? begun : [];
  if (found) return found;
  throw new KeelError(`There is no migration "${asked}".`, {
    code: 'UNKNOWN_MIGRATION',
    details: begun.slice(0, 10).map((file) => `  ${file.name}`),
    state: NOTHING_CHANGED,
    hint: 'Give the name as this command shows it: keel db:migrate:status',
  });
}
