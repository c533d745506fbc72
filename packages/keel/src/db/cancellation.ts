import { postgresError } from './connection-error';

/** What a statement that somebody has cancelled is told with. */
export const CANCELLED = 'Somebody has cancelled the statement, such as with pg_cancel_backend().';

/**
 * Why the server ended a statement before its end: it took longer than `statement_timeout`, or somebody has cancelled
 * it, such as with `pg_cancel_backend()`. Undefined for any other error, a COPY that its client broke off among them:
 * that has the same SQLSTATE, 57014.
 */
export function cancellation(error: unknown): 'timeout' | 'request' | undefined {
  const { code, routine, message } = postgresError(error) ?? {};
  if (code !== '57014' || routine !== 'ProcessInterrupts') return undefined;
  // A server that speaks another language does not let us tell them apart.
  return /user request/i.test(message ?? '') ? 'request' : 'timeout';
}
