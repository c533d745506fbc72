import type { LoadedFile } from './files/load-file';
import type { MigrationFile, MigrationState } from './files/migration-state';
import { readFolder } from './ledger/migration-folder';
import { canWait } from './attempt/judge-attempt';
import { recordFile } from './record-file';
import type { FileResult } from './results';
import { RetryBudget } from './retry-budget';
import type { RunContext } from './run-context';
import { beginFile, tryFile } from './try-file';

/**
 * Runs one file and records it.
 *
 * @param next the file that follows in this run
 * @returns undefined where an earlier file of this run has recorded it already
 * @throws MigrationError that says what the file left behind
 */
export async function runFile(
  context: RunContext,
  state: MigrationState,
  next: MigrationState | undefined,
): Promise<FileResult | undefined> {
  // The file is loaded while the server answers: for a short file that is most of its time.
  const begun = beginFile(context, state.name);
  const file = await prepareFile(context, state, begun);
  if (!file) return undefined;
  const budget = new RetryBudget(context, state.name);
  for (let first = true; ; first = false) {
    const finished = await tryFile(context, file, { begun: first ? begun : undefined, budget });
    try {
      return await recordFile(context, state, finished, { next, tries: budget.describe() });
    } catch (error) {
      // The COMMIT checks what is deferred, and waits for the rows that others have locked.
      const { mode, outcome } = finished;
      if (mode === 'none' || !canWait(error, outcome, mode) || !budget.allows({ error }))
        throw error;
      await budget.pause({ error, mode, blockedBy: outcome.attempt.blockedBy });
    }
  }
}

/** Loads the file; the transaction that was begun for it is ended where it is not going to run. */
async function prepareFile(
  context: RunContext,
  state: MigrationState,
  begun: Promise<void>,
): Promise<LoadedFile | undefined> {
  const { session, writer, files } = context;
  try {
    if (!writer.ledgerTouched || !(await isSettled(context, state, begun)))
      return await files.load(state.file as MigrationFile);
  } catch (error) {
    await session.connection.rollback();
    throw error;
  }
  await session.connection.rollback();
  return undefined;
}

/** Whether the ledger says already what running the file would make it say. */
export async function isSettled(
  { folder, session, direction }: RunContext,
  { name }: MigrationState,
  begun?: Promise<void>,
): Promise<boolean> {
  await begun;
  const options = { history: false, checksums: false };
  const { states } = await readFolder(folder, session.connection.client, options);
  const status = states.find((state) => state.name === name)?.status;
  return status === (direction === 'up' ? 'applied' : 'pending');
}
