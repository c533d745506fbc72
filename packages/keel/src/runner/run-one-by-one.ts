import type { Umzug as UmzugType } from 'umzug';
import type { HeldLock } from '../db/advisory-lock';
import { interrupted, KeelError, RUN_AGAIN } from '../errors';
import type { MigrationState } from './files/migration-state';
import type { FileResult } from './results';
import type { RunContext } from './run-context';
import type { Session } from './session/session';

/** How far a run has come. */
export interface Progress {
  /** The file at hand; empty before the first. */
  current: string;
  readonly files: FileResult[];
}

interface OneByOneOptions {
  readonly lock: HeldLock;
  readonly signal?: AbortSignal;
  /** Record the files and run nothing. */
  readonly fake?: boolean;
  readonly progress: Progress;
}

/** Runs the files in their order; `progress` tells how far it came when it throws. */
export async function runOneByOne(
  context: RunContext,
  selected: readonly MigrationState[],
  { lock, signal, fake, progress }: OneByOneOptions,
): Promise<void> {
  const { direction, session, emit } = context;
  const { runFile } = require('./run-file') as typeof import('./run-file');
  const { recordOnly } = require('./record-file') as typeof import('./record-file');
  await runByUmzug(selected, direction, async (state, next) => {
    const { name } = state;
    progress.current = name;
    lock.assertHeld(`${name} was not begun.`);
    requireNotInterrupted(signal, name);
    emit({ type: 'start', name, direction, index: progress.files.length });
    const file = fake ? await recordOnly(context, state) : await runFile(context, state, next);
    if (!file) return;
    progress.files.push(file);
    emit({ type: 'done', file });
    requireNothingLate(session, name);
  });
  requireNothingLate(session, progress.current);
}

/** Umzug runs the files one after the other. It keeps no record: the run writes the ledger itself. */
async function runByUmzug(
  selected: readonly MigrationState[],
  direction: 'up' | 'down',
  run: (state: MigrationState, next: MigrationState | undefined) => Promise<void>,
): Promise<void> {
  const { loadUmzug } = require('./load-umzug') as typeof import('./load-umzug');
  const { Umzug } = loadUmzug();
  const names = selected.map(({ name }) => name);
  const umzug: UmzugType = new Umzug({
    migrations: selected.map((state, index) => {
      const step = (): Promise<void> => run(state, selected[index + 1]);
      return { name: state.name, up: step, down: step };
    }),
    storage: {
      executed: () => Promise.resolve(direction === 'up' ? [] : names),
      // Umzug would write the record after the migration, outside of its transaction.
      logMigration: () => Promise.resolve(),
      unlogMigration: () => Promise.resolve(),
    },
    logger: undefined,
  });
  await (direction === 'up' ? umzug.up({ migrations: names }) : umzug.down({ migrations: names }));
}

/** @throws KeelError `INTERRUPTED` */
export function requireNotInterrupted(signal: AbortSignal | undefined, name: string): void {
  if (!signal?.aborted) return;
  throw interrupted({
    message: `Interrupted before ${name}.`,
    state: `${name} was not begun.`,
    hint: RUN_AGAIN,
  });
}

/**
 * @param state what became of the file, where that is not to be committed and recorded
 * @throws KeelError `MIGRATION_NOT_AWAITED`
 */
export function requireNothingLate(session: Session, name: string, state?: string): void {
  const late = session.lastAttempt?.late;
  if (late === undefined) return;
  throw new KeelError(`${name} sent a statement after it had finished: ${late}`, {
    code: 'MIGRATION_NOT_AWAITED',
    state: state ?? `${name} is committed and recorded, without that statement.`,
    hint: `Return or await every promise in the file, ${state === undefined ? 'undo it, and apply it again' : 'then run the same command again'}.`,
  });
}
