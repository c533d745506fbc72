import { isConnectionLoss, postgresError } from '../db/connection-error';
import { isKeelError, type KeelError } from '../errors';
import { MigrationError } from './attempt/migration-error';
import type { AttemptOutcome } from './attempt/run-attempt';
import type { MigrationFile } from './files/migration-state';
import type { RunMode } from './files/run-mode';

/** A try at a file, for those who have to say what it left behind. */
export interface FileTry {
  readonly file: MigrationFile;
  readonly direction: 'up' | 'down';
  readonly mode: RunMode;
  readonly outcome: AttemptOutcome;
  /** How often it was tried in vain, in words. */
  readonly tries?: readonly string[];
  /** What is to be said where the record failed, and not the file. */
  readonly recording?: readonly string[];
}

/** The error of a file that failed. An error that says already what is so stays as it is. */
export function fileFailure(error: unknown, attempt: FileTry): KeelError {
  return isKeelError(error) ? error : migrationError(error, attempt);
}

/** What a try left behind, in the form of an error. */
export function migrationError(
  error: unknown,
  { file, direction, mode, outcome, tries, recording }: FileTry,
): MigrationError {
  const { findings, blockedBy, timedOut } = outcome.attempt;
  // What the file throws may tell of a connection of its own to some other server.
  const lost = outcome.failed && error === outcome.error ? outcome.lost : isConnectionLoss(error);
  const refused = timedOut ?? (outcome.failed && postgresError(outcome.error) && !lost);
  return new MigrationError(error, {
    name: file.name,
    path: file.path,
    direction,
    mode,
    statements: findings.statements,
    lost,
    failedSql: refused ? findings.firstError?.sql : undefined,
    blockedBy,
    tries,
    recording,
    outside: outcome.attempt.outside,
  });
}
