import { postgresError } from '../../db/connection-error';

/**
 * Whether lock_timeout ended a statement. NOWAIT has the same SQLSTATE, and messages may be translated; the name of
 * PostgreSQL's function that found out is not.
 */
export function isLockTimeout(error: unknown): boolean {
  const postgres = postgresError(error);
  return postgres?.code === '55P03' && postgres.routine === 'ProcessInterrupts';
}
