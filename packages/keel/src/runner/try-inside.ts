import { withRunningFile } from '../backfill/running-file';
import { interrupted, messageOf, RUN_AGAIN } from '../errors';
import { isLockWait, judgeAttempt } from './attempt/judge-attempt';
import type { AttemptOutcome } from './attempt/run-attempt';
import { fileFailure } from './file-failure';
import type { LoadedFile } from './files/load-file';
import type { MigrationState } from './files/migration-state';
import type { RunMode } from './files/run-mode';
import { notAtomic, RUN_ROLLED_BACK } from './not-atomic';
import { advanceAfterSeeder } from './record-file';
import type { FileRecord } from './ledger/record-writer';
import type { FileResult } from './results';
import type { RunContext } from './run-context';
import { asNew, readSettings } from './session/restore-settings';
import type { RunConnection } from './session/run-connection';
import { loadAgain, openFile, waitedFor, type FinishedFile } from './try-file';

/** What a file that catches errors is taken back to, to be run again with savepoints. */
const SAVEPOINT = 'keel_file';

/**
 * A file has to be taken back to where it began, and there is no savepoint to take it back to. At the end of each
 * PostgreSQL looks through all relations that the session knows, so that a run sets none until it needs one.
 */
export class NeedsSavepoints extends Error {}

interface InsideOptions {
  /** Whether each file begins with a savepoint. */
  readonly savepoints: boolean;
  /** What a file before it did that a rollback does not take back. */
  readonly outside: string | undefined;
  /** How often it was tried in vain, in words. */
  readonly tries: readonly string[];
  readonly onOutcome: (outcome: AttemptOutcome) => void;
}

/** Marks where the first file begins, where savepoints are wanted. Gives the settings that each file is to find. */
export async function beginInside(
  connection: RunConnection,
  { savepoints }: Pick<InsideOptions, 'savepoints'>,
): Promise<string> {
  const settings = await readSettings(connection);
  if (savepoints) await connection.send(`SAVEPOINT ${SAVEPOINT}`);
  return settings;
}

/**
 * Runs one file within a transaction that others share.
 *
 * @throws KeelError `NOT_ATOMIC` where it needs to be without one; MigrationError where it fails; {@link NeedsSavepoints}
 */
export async function tryInside(
  context: RunContext,
  loaded: LoadedFile,
  { savepoints, outside, tries, onOutcome }: InsideOptions,
): Promise<FinishedFile> {
  const { session, direction, ledgerPattern, emit, project } = context;
  const { connection } = session;
  const notes: string[] = [];
  let file = loaded;
  let mode: RunMode = 'transaction';
  for (;;) {
    const startedAt = new Date();
    const running = openFile(context, file);
    const body = (): unknown =>
      withRunningFile(running, () => running.body(session.migrationArguments));
    const settings = { keepWhole: false, shared: true, ledgerPattern, outside };
    const outcome = await session.run(body, mode, settings);
    onOutcome(outcome);
    const { status } = connection;
    const next = judgeAttempt(outcome, { status, mode, strict: project.settings.strict });
    if (session.signal?.aborted) throw stopped(file);
    if (next.kind === 'fail')
      throw fileFailure(next.error, { file, direction, mode, outcome, tries });
    if (next.kind === 'done') {
      if (status === 'I') throw notAtomic({ file, reason: 'it ended the transaction', outcome });
      const durationMs = Date.now() - startedAt.getTime();
      notes.push(...waitedFor(context, file, outcome));
      const { onRecord } = running;
      return { file, mode, startedAt, durationMs, notes, outcome, onRecord: [...onRecord] };
    }
    if (next.mode === 'none')
      throw notAtomic({ file, reason: reasonOf(next.reason, outcome), outcome });
    if (!savepoints) throw new NeedsSavepoints(`${file.name}: ${next.reason}`);
    await connection.send(`ROLLBACK TO SAVEPOINT ${SAVEPOINT}`);
    mode = next.mode;
    notes.push(next.reason);
    const { name } = file;
    emit({ type: 'retry', name, reason: next.reason, mode, waits: false, blockedBy: [] });
    file = await loadAgain(file, direction);
  }
}

/**
 * Records a file in the transaction, and makes things for the next as they were for this one.
 *
 * @throws MigrationError where it could not be recorded; {@link NeedsSavepoints}
 */
export async function recordInside(
  context: RunContext,
  state: MigrationState,
  finished: FinishedFile &
    Pick<InsideOptions, 'savepoints' | 'tries'> & { readonly settings: string },
): Promise<FileResult> {
  const { direction, session, writer } = context;
  const { connection } = session;
  const { file, mode, startedAt, durationMs, notes, outcome, onRecord, settings, tries } = finished;
  const { findings, outside } = outcome.attempt;
  const { touchedLedger } = findings;
  // What a rollback does not take back must not be done again for the sake of the history.
  const whole = !finished.savepoints && outside === undefined;
  try {
    await advanceAfterSeeder(context, finished);
    const { ownRole } = connection;
    const first = asNew(findings, { settings, ownRole });
    const recording = {
      get status() {
        return connection.status;
      },
      send: (sql: string) => connection.send(sql),
      answered: () => connection.answered(),
      commit: async (sql: string) => void (await connection.send(sql)),
    };
    const record: FileRecord = {
      ...{ direction, mode, startedAt, durationMs, notes, touchedLedger },
      open: true,
      another: false,
      whole,
      end: nextFile(finished, outside),
      checksum: file.checksum,
      first,
      with: onRecord,
    };
    // The end of a file checks what it deferred, and waits for rows that others have locked.
    await session.finish(() => writer.record(recording, state, record));
  } catch (error) {
    if (whole && connection.status === 'E' && !isLockWait(error))
      throw new NeedsSavepoints(`${file.name} could not be recorded (${messageOf(error)})`);
    await connection.rollback();
    const recording = await writer.explainFailure(connection);
    throw fileFailure(error, { ...finished, direction, tries, recording });
  }
  return { name: state.name, direction, mode, durationMs, notes };
}

/** Marks where the next file begins: at the latest from the file on that cannot be repeated. */
function nextFile(
  { savepoints }: Pick<InsideOptions, 'savepoints'>,
  outside: string | undefined,
): string {
  if (savepoints) return `RELEASE SAVEPOINT ${SAVEPOINT}; SAVEPOINT ${SAVEPOINT}`;
  return outside === undefined ? '' : `SAVEPOINT ${SAVEPOINT}`;
}

/** What it did comes before what was refused to it for that. */
function reasonOf(reason: string, { attempt }: AttemptOutcome): string {
  if (attempt.detour !== undefined) return `it ${attempt.detour}`;
  const sentence = reason.replace(/; without a transaction$/, '');
  return attempt.findings.refusal ? `PostgreSQL says: ${sentence}` : sentence;
}

function stopped({ name }: LoadedFile): unknown {
  return interrupted({
    message: `Interrupted while ${name} was running.`,
    state: RUN_ROLLED_BACK,
    hint: RUN_AGAIN,
  });
}
