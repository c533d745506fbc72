import { isKeelError, KeelError, messageOf, NOTHING_CHANGED, RUN_AGAIN } from '../errors';
import { maskSecrets } from '../mask-secrets';
import type { Connection } from './connection';
import { explainConnection } from './explain-connection';

/** The fields of an error that PostgreSQL sent, as `pg` has them. */
export interface PostgresError extends Error {
  readonly code: string;
  readonly detail?: string;
  readonly hint?: string;
  readonly position?: string;
  readonly where?: string;
  readonly severity?: string;
  readonly schema?: string;
  readonly table?: string;
  readonly constraint?: string;
  /** The function of PostgreSQL that reported it. */
  readonly routine?: string;
}

/** The error that PostgreSQL sent, out of whatever wraps it (Sequelize, an AggregateError, a cause). */
export function postgresError(thrown: unknown, depth = 0): PostgresError | undefined {
  if (typeof thrown !== 'object' || thrown === null || depth > 5) return undefined;
  const error = thrown as {
    code?: unknown;
    severity?: unknown;
    original?: unknown;
    parent?: unknown;
    cause?: unknown;
  };
  if (typeof error.code === 'string' && /^[0-9A-Z]{5}$/.test(error.code) && 'severity' in error) {
    return thrown as PostgresError;
  }
  return (
    postgresError(error.original, depth + 1) ??
    postgresError(error.parent, depth + 1) ??
    postgresError(error.cause, depth + 1)
  );
}

/** Whether the server is likely to let us in a little later: it is starting, stopping over, or full. */
export function isPassing(error: unknown): boolean {
  return ['57P03', '53300'].includes(postgresError(error)?.code ?? '');
}

/**
 * With these the server ends a connection: on command or as it stops (57P01 to 57P03), with its database (57P04), or as
 * it was idle (57P05, 25P03) or in a transaction (25P04) for too long. 08… is what poolers say.
 */
const LOSSES = [
  ...['57P01', '57P02', '57P03', '57P04', '57P05'],
  ...['25P03', '25P04', '08000', '08003', '08006'],
];

/** Whether the connection itself is gone, as opposed to a statement having failed on it. */
export function isConnectionLoss(thrown: unknown): boolean {
  const code = postgresError(thrown)?.code;
  if (code !== undefined) return LOSSES.includes(code);
  return /Connection terminated|not queryable|ECONNRESET|EPIPE|ETIMEDOUT|Client was closed|connection.*(lost|closed)/i.test(
    messageOf(thrown),
  );
}

/** What is known of a database's refusal besides what it says. */
interface Refusal {
  /** As in "The connection was lost while <doing>". */
  readonly doing: string;
  readonly state: string;
  readonly details?: readonly string[];
  /** What to do, where it is more than to correct what PostgreSQL names. */
  readonly hint?: string;
}

/**
 * What went wrong on a connection outside of any file's code, for people. What is no matter of the database
 * comes back as it is.
 */
export function databaseError(
  thrown: unknown,
  { doing, state, details = [], hint }: Refusal,
): unknown {
  const lost = isConnectionLoss(thrown);
  const postgres = postgresError(thrown);
  if (isKeelError(thrown) || (!lost && !postgres)) return thrown;
  const text = maskSecrets(messageOf(postgres ?? thrown));
  return new KeelError(
    lost
      ? `The connection was lost while ${doing}: ${text}.`
      : `PostgreSQL refused while ${doing}: ${text}.`,
    {
      code: lost ? 'CONNECTION_LOST' : 'DATABASE_REFUSED',
      details: postgres && !lost ? [...details, `Code: ${postgres.code}`] : [],
      state,
      hint: lost
        ? RUN_AGAIN
        : (hint ?? 'Correct what PostgreSQL names, then run the same command again.'),
      cause: thrown,
    },
  );
}

/** What went wrong while connecting, as a sentence for people. */
export function connectionError(
  error: unknown,
  connection: Connection,
  details: readonly string[] = [],
): KeelError {
  if (error instanceof KeelError) return error;
  const { code, message, hint } = explainConnection(error, innermostCode(error), connection);
  return new KeelError(message, { code, details, state: NOTHING_CHANGED, hint, cause: error });
}

/** What the operating system says of a server that cannot be reached: it, or its host, may not be up yet. */
const AWAY = [
  ...['ECONNREFUSED', 'ENOENT', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'],
  ...['ETIMEDOUT', 'EHOSTDOWN'],
];

/** Whether nothing answered at the address. */
export function isAway(error: unknown): boolean {
  return (
    AWAY.includes(innermostCode(error) ?? '') ||
    /timeout expired|due to connection timeout/i.test(messageOf(error))
  );
}

/**
 * Whether the server may be up a little later: it does not answer yet, it is starting or full, or whatever stands
 * before it, such as a container's proxy, hangs up.
 */
export function isComing(error: unknown): boolean {
  if (postgresError(error)) return isPassing(error) || isConnectionLoss(error);
  return isAway(error) || /Connection terminated|ECONNRESET|EPIPE/.test(messageOf(error));
}

/** The code of PostgreSQL, or else of the operating system. */
export function innermostCode(error: unknown): string | undefined {
  if (error instanceof AggregateError && error.errors.length > 0)
    return innermostCode(error.errors[0]);
  return postgresError(error)?.code ?? (error as { code?: string }).code;
}
