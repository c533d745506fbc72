import { KeelError } from '../errors';
import type { Project } from '../project/project';
import { checksum } from './files/list-files';
import { readFolder, type Folder } from './migration-folder';
import type { HistoryEntry } from './ledger/history';
import { loadMigration, type MigrationFunction } from './files/migration-module';
import type { Recorder } from './ledger/recorder';
import type { FileResult } from './results';
import { begin, rollback, runFile, type FinishedRun } from './run-file';
import { advanceSequences } from './advance-sequences';
import type { Session } from './session/session';
import type { MigrationFile, MigrationState } from './files/migration-state';

/** What all files of a run share. */
export interface RunContext {
  readonly project: Project;
  readonly folder: Folder;
  readonly direction: 'up' | 'down';
  readonly session: Session;
  readonly recorder: Recorder;
  /** How often a file that ran into a timeout is tried again. */
  readonly retries: number;
  readonly onRetry: (name: string, reason: string) => void;
  readonly onWarning: (message: string) => void;
  /** A file of this run wrote to the ledger itself, so what was planned may be done already. */
  ledgerTouched: boolean;
}

/**
 * Runs one file and records it.
 *
 * @returns undefined where an earlier file of this run has recorded it already
 */
export async function runOne(
  context: RunContext,
  state: MigrationState,
): Promise<FileResult | undefined> {
  const { direction, session } = context;
  if (context.ledgerTouched && (await isSettled(context, state))) return undefined;
  const file = state.file as MigrationFile;
  // The file is loaded while the server answers: most of what a short one costs is spent here.
  const begun = begin(session, state.name);
  const { body, withoutTransaction, sum } = await load(context, file);
  const { mode, durationMs, notes, touchedLedger } = await runFile(session, {
    name: state.name,
    path: file.path,
    direction,
    begun,
    body,
    withoutTransaction,
    ledgerPattern: mentions(context.folder.ledger.settings.table),
    retries: context.retries,
    strict: context.project.settings.strict,
    onWarning: context.onWarning,
    onRetry: (reason) => {
      context.onRetry(state.name, reason);
    },
    commit: (on, statements) => context.recorder.commit(on, statements),
    recordSql: async (run) => {
      if (context.folder.kind === 'seeder' && direction === 'up') {
        const behind = await advanceSequences(
          session.client,
          run.sentStatements.map(({ sql }) => sql),
        );
        behind.forEach(context.onWarning);
      }
      return record(context, state, run, sum);
    },
  });
  context.ledgerTouched ||= touchedLedger;
  await applyToLedger(context, state);
  return { name: state.name, direction, mode, durationMs, notes };
}

/** Records a file as applied or undone without running it. */
export async function recordOnly(context: RunContext, state: MigrationState): Promise<FileResult> {
  const { direction, session, recorder } = context;
  const run = {
    mode: 'fake',
    startedAt: new Date(),
    durationMs: 0,
    notes: [],
    touchedLedger: false,
  } as const;
  const sum = state.file && checksum(state.file.path);
  await recorder.commit(session, ['BEGIN', record(context, state, run, sum)]);
  await applyToLedger(context, state);
  return { name: state.name, direction, mode: 'fake', durationMs: 0, notes: [] };
}

interface LoadedFile {
  readonly body: MigrationFunction;
  readonly withoutTransaction: boolean;
  readonly sum: string;
}

/** Loads the file; where that fails, the transaction that was begun for it is ended. */
async function load(context: RunContext, file: MigrationFile): Promise<LoadedFile> {
  try {
    return { ...(await loadBody(context, file)), sum: checksum(file.path) };
  } catch (error) {
    await rollback(context.session, 'transaction');
    throw error;
  }
}

async function loadBody(
  { project, direction }: RunContext,
  file: MigrationFile,
): Promise<Omit<LoadedFile, 'sum'>> {
  const module = await loadMigration(file, project.paths.root);
  const body = module[direction];
  if (body) return { body, withoutTransaction: module.withoutTransaction };
  throw new KeelError(`${file.name} has no function "${direction}".`, {
    code: direction === 'up' ? 'NO_UP' : 'NO_DOWN',
    state: `Nothing of ${file.name} was run.`,
    hint:
      direction === 'up'
        ? `Export "up" from ${file.path}; if it is a helper, put it into a folder of its own.`
        : `Export "down" from ${file.path}, or take it off the record without running anything: --fake.`,
  });
}

type Recorded = Pick<FinishedRun, 'startedAt' | 'durationMs' | 'notes' | 'touchedLedger'> & {
  readonly mode: HistoryEntry['mode'];
};

function record(
  context: RunContext,
  state: MigrationState,
  run: Recorded,
  sum: string | undefined,
): string {
  const { folder, direction, recorder } = context;
  const entry: HistoryEntry = {
    kind: folder.kind,
    name: state.name,
    direction,
    checksum: sum,
    batch: recorder.batch,
    mode: run.mode,
    startedAt: run.startedAt,
    durationMs: run.durationMs,
    note: run.notes.length > 0 ? run.notes.join('; ') : undefined,
  };
  return recorder.sql(entry, ledgerName(state), run.touchedLedger);
}

/** A storage that is no table is written once the database has committed. */
async function applyToLedger(
  { folder, direction }: RunContext,
  state: MigrationState,
): Promise<void> {
  const name = ledgerName(state);
  await folder.ledger.apply(direction === 'up' ? { add: name } : { remove: name });
}

function ledgerName(state: MigrationState): string {
  return state.ledgerName ?? state.name;
}

async function isSettled(
  { folder, session, direction }: RunContext,
  { name }: MigrationState,
): Promise<boolean> {
  const { states } = await readFolder(folder, session.client, { history: false, checksums: false });
  const status = states.find((state) => state.name === name)?.status;
  return status === (direction === 'up' ? 'applied' : 'pending');
}

/** Matches a statement that names the table, or may drop it without naming it. */
function mentions(table: string): RegExp {
  const name = table.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(
    `${name}|\\bdrop\\s+(schema|owned)\\b|\\bexecute\\b[^;]*\\bdrop\\s+table\\b`,
    'i',
  );
}
