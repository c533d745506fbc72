import { KeelError, NOTHING_CHANGED } from '../../errors';
import { stem } from './compare-names';
import { listNames } from './list-names';
import type { MigrationState } from './migration-state';

/** Which pending files to apply; all of them where nothing is said. */
export interface UpRequest {
  /** The last one to apply. */
  readonly to?: string;
  /** The one after which to begin. */
  readonly from?: string;
  /** Only these, in this order. */
  readonly names?: readonly string[];
  /** At most so many. */
  readonly step?: number;
}

/** Which applied files to undo; the last one where nothing is said. */
export interface DownRequest {
  /** Back to this one, itself included; `0` for all. */
  readonly to?: string;
  readonly names?: readonly string[];
  readonly step?: number;
  readonly all?: boolean;
  /** All that the last run applied. */
  readonly batch?: boolean;
}

/** The command that shows these files: hints name it. */
export type StatusCommand = 'db:migrate:status' | 'db:seed:status';

/** The files to apply, in order. @throws KeelError for a name that is not there or is applied already */
export function selectUp(
  states: readonly MigrationState[],
  request: UpRequest,
  statusCommand: StatusCommand = 'db:migrate:status',
): MigrationState[] {
  if (request.names) {
    return findAll(states, request.names, statusCommand).map((state) => {
      if (state.status === 'pending') return state;
      throw new KeelError(`${state.name} is applied already.`, {
        code: 'NOT_PENDING',
        state: NOTHING_CHANGED,
        hint: `See what is pending with: keel ${statusCommand}`,
      });
    });
  }
  const to = request.to === undefined ? undefined : findByName(states, request.to, statusCommand);
  const from =
    request.from === undefined ? undefined : findByName(states, request.from, statusCommand);
  const pending = states.filter(
    (state) =>
      state.status === 'pending' &&
      (to === undefined || states.indexOf(state) <= states.indexOf(to)) &&
      (from === undefined || states.indexOf(state) > states.indexOf(from)),
  );
  return pending.slice(0, request.step);
}

/**
 * The files to undo, last first.
 *
 * @throws KeelError for a name that is not there or not applied, and for an applied one whose file is gone
 */
export function selectDown(
  states: readonly MigrationState[],
  request: DownRequest,
  statusCommand: StatusCommand = 'db:migrate:status',
): MigrationState[] {
  const applied = states.filter(({ status }) => status === 'applied').reverse();
  if (applied.length === 0) {
    // sequelize-cli says that there is nothing to undo, whatever was asked for; a wrong name is an error here.
    for (const name of [...(request.names ?? []), request.to ?? '0'])
      if (name !== '0') findByName(states, name, statusCommand);
    return [];
  }
  const selected = selectApplied(states, applied, request, statusCommand);
  const gone = selected.filter(({ missing }) => missing);
  if (gone.length === 0) return selected;
  throw new KeelError(
    `${listNames(gone.map(({ name }) => name))} ${gone.length === 1 ? 'is' : 'are'} applied, but the file is not in the folder, so nothing says how to undo it.`,
    {
      code: 'FILE_MISSING',
      state: 'Nothing was undone.',
      hint: 'Bring the file back from version control, or undo others with --name.',
    },
  );
}

/**
 * Whether nothing stays applied. To undo the last file, where it is the only one, is not to ask for all.
 *
 * @param selected what is undone
 */
export function undoesAll(
  states: readonly MigrationState[],
  { all, to }: DownRequest,
  selected: readonly MigrationState[],
): boolean {
  if (all || to === '0') return true;
  const applied = states.filter(({ status }) => status === 'applied').length;
  return selected.length === applied && (applied > 1 || (applied === 1 && to !== undefined));
}

function selectApplied(
  states: readonly MigrationState[],
  applied: readonly MigrationState[],
  request: DownRequest,
  statusCommand: StatusCommand,
): MigrationState[] {
  if (request.names)
    return findAll(states, request.names, statusCommand)
      .map((state) => requireApplied(state, statusCommand))
      .reverse();
  if (request.all || request.to === '0') return [...applied];
  if (request.to !== undefined) {
    const to = requireApplied(findByName(states, request.to, statusCommand), statusCommand);
    return applied.slice(0, applied.indexOf(to) + 1);
  }
  if (request.batch) return selectBatch(applied);
  return applied.slice(0, request.step ?? 1);
}

/** All that the last run applied; just the last one where keel's history does not know of a run. */
function selectBatch(applied: readonly MigrationState[]): MigrationState[] {
  const last = Math.max(0, ...applied.map(({ batch }) => batch ?? 0));
  return last === 0 ? applied.slice(0, 1) : applied.filter(({ batch }) => batch === last);
}

function requireApplied(state: MigrationState, statusCommand: StatusCommand): MigrationState {
  if (state.status === 'applied') return state;
  throw new KeelError(`${state.name} is not applied, so there is nothing to undo.`, {
    code: 'NOT_APPLIED',
    state: NOTHING_CHANGED,
    hint: `See what is applied with: keel ${statusCommand}`,
  });
}

/** Those that are named, each once, in the order in which they are named. */
function findAll(
  states: readonly MigrationState[],
  names: readonly string[],
  statusCommand: StatusCommand,
): MigrationState[] {
  return [...new Set(names.map((name) => findByName(states, name, statusCommand)))];
}

/** Finds a migration by its name, with or without extension, or by a beginning that only it has. */
function findByName(
  states: readonly MigrationState[],
  asked: string,
  statusCommand: StatusCommand,
): MigrationState {
  const name = asked.replace(/^.*[\\/]/, '');
  const exact =
    states.find((state) => state.name === name) ??
    states.find((state) => stem(state.name) === stem(name));
  if (exact) return exact;
  const begun = states.filter((state) => state.name.startsWith(name));
  if (begun.length === 1 && begun[0]) return begun[0];
  const similar =
    begun.length > 1 ? begun : states.filter((state) => state.name.includes(stem(name)));
  throw new KeelError(
    begun.length > 1
      ? `"${asked}" is the beginning of ${begun.length} names.`
      : `There is no file "${asked}".`,
    {
      code: 'UNKNOWN_MIGRATION',
      details: similar.slice(0, 10).map((state) => `  ${state.name}`),
      state: NOTHING_CHANGED,
      hint: `Give the name as this command shows it: keel ${statusCommand}`,
    },
  );
}
