import { isConnectionLoss, postgresError, type PostgresError } from '../db/connection-error';
import { KeelError, messageOf } from '../errors';
import { CHUNKS_STAY } from './interrupt';
import type { TableProgram } from './program';

/** Runs a write and turns what PostgreSQL refuses into an error that says what to do. */
export async function explainFailure(
  program: TableProgram,
  write: () => Promise<void>,
): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (error instanceof KeelError || isLoss(error)) throw error;
    throw writeFailed(program, error);
  }
}

/** Runs all of a bulk command and turns the loss of a connection, wherever it is noticed, into an error. */
export async function explainLoss<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw isLoss(error) ? connectionLost(error) : error;
  }
}

function isLoss(error: unknown): boolean {
  return !(error instanceof KeelError) && isConnectionLoss(error);
}

function connectionLost(error: unknown): KeelError {
  return new KeelError(`The connection to the server was lost: ${messageOf(error)}.`, {
    code: 'CONNECTION_LOST',
    state: CHUNKS_STAY,
    hint: AGAIN,
    cause: error,
  });
}

const AGAIN = 'Run the same command again: it goes on where this one stopped.';

function writeFailed({ plan }: TableProgram, error: unknown): KeelError {
  const refused = postgresError(error);
  const what = `Filling ${plan.id} (${plan.model}) failed: ${messageOf(error)}`;
  const details = refused ? linesOf(refused) : [];
  return new KeelError(what, {
    code: 'SEED_WRITE_FAILED',
    state: CHUNKS_STAY,
    hint: hintFor(refused),
    details,
    cause: error,
  });
}

function linesOf({ code, detail, where }: PostgresError): string[] {
  return [
    `SQLSTATE ${code}`,
    ...(detail ? [detail] : []),
    ...(where ? [where.split('\n')[0]!] : []),
  ];
}

function hintFor(refused: PostgresError | undefined): string {
  switch (refused?.code ?? '') {
    case '23505':
      return 'A row that was there before has the same value. Give the column another generator in a plan file, or use another --seed; first undo: keel db:seed:bulk:undo.';
    case '23514':
      return `Give the columns of ${refused?.constraint ?? 'this CHECK constraint'} generators that satisfy it, in a plan file; first undo: keel db:seed:bulk:undo.`;
    case '53100':
      return `There is no space left on the server. Make some. ${AGAIN}`;
    case '42501':
      return 'GRANT the missing privilege to this role, and run the same command again.';
    default:
      return AGAIN;
  }
}
