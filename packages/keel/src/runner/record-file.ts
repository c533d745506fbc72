import { clearBackfills } from '../backfill/clear-backfills';
import { advanceSequences } from './advance-sequences';
import { fileFailure } from './file-failure';
import { checksum } from './files/checksum';
import type { MigrationState } from './files/migration-state';
import type { FileRecord } from './ledger/record-writer';
import type { FileResult } from './results';
import type { RunContext } from './run-context';
import type { FinishedFile } from './try-file';

interface RecordFileOptions {
  /** The file that follows, which is loaded meanwhile. */
  readonly next: MigrationState | undefined;
  /** How often it was tried in vain, in words. */
  readonly tries: readonly string[];
}

/**
 * Records a file that has run, and commits both where the file has a transaction.
 *
 * @throws MigrationError where it could not be recorded, and so was rolled back
 */
export async function recordFile(
  context: RunContext,
  state: MigrationState,
  finished: FinishedFile,
  { next, tries }: RecordFileOptions,
): Promise<FileResult> {
  const { direction, session, writer, files, emit } = context;
  const { connection } = session;
  const { file, mode, startedAt, durationMs, notes } = finished;
  const { findings } = finished.outcome.attempt;
  // A file can end our transaction out of our sight, by a driver of its own. Then there is none to commit.
  const open = mode !== 'none' && connection.status !== 'I';
  try {
    // What has taken effect must be recorded, however long this connection has had nothing to do meanwhile.
    if (mode === 'none') await connection.revive();
    // Without the lock another run may be at this file already. Inside a transaction we can still give up.
    if (open) session.assertLocked(`${file.name} was rolled back; nothing of it remains.`);
    await advanceAfterSeeder(context, finished);
    const record: FileRecord = {
      direction,
      mode,
      startedAt,
      durationMs,
      notes,
      open,
      another: next !== undefined,
      checksum: file.checksum,
      touchedLedger: findings.touchedLedger,
      // The file may have set a role that may not write the record.
      first: open && findings.traces.role ? connection.ownRole : '',
      with: finished.onRecord,
    };
    const recorded = session.finish(() => writer.record(connection, state, record));
    // A file that wrote to the ledger may have taken the next one's place.
    if (next?.file && !writer.ledgerTouched && !session.signal?.aborted) files.loadAhead(next.file);
    await recorded;
  } catch (error) {
    if (mode !== 'none' || connection.status !== 'I') await connection.rollback();
    const recording = await writer.explainFailure(connection);
    throw fileFailure(error, { ...finished, direction, tries, recording });
  }
  await writer.apply([state], direction);
  emit({ type: 'sent', name: state.name, statements: findings.statements.map(({ sql }) => sql) });
  return { name: state.name, direction, mode, durationMs, notes };
}

/** Records a file as applied or undone without running it. */
export async function recordOnly(context: RunContext, state: MigrationState): Promise<FileResult> {
  const { direction, session, writer } = context;
  await writer.record(session.connection, state, {
    direction,
    mode: 'fake',
    startedAt: new Date(),
    durationMs: 0,
    notes: [],
    checksum: state.file && checksum(state.file.path),
    open: false,
    another: false,
    touchedLedger: false,
    first: '',
    with: await clearBackfills(session.connection.client, { name: state.name, direction }),
  });
  await writer.apply([state], direction);
  return { name: state.name, direction, mode: 'fake', durationMs: 0, notes: [] };
}

/** Lets the sequences go on behind the rows that a seeder wrote. */
export async function advanceAfterSeeder(
  { folder, direction, session, emit }: RunContext,
  { outcome }: Pick<FinishedFile, 'outcome'>,
): Promise<void> {
  if (folder.kind !== 'seeder' || direction !== 'up') return;
  const statements = outcome.attempt.findings.statements.map(({ sql }) => sql);
  const behind = await advanceSequences(session.connection.client, statements);
  for (const message of behind) emit({ type: 'warning', message });
}
