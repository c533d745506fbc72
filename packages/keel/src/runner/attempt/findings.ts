import { isConnectionLoss, postgresError, type PostgresError } from '../../db/connection-error';
import type { RunMode } from '../files/run-mode';
import { SessionTraces } from './session-traces';
import type { StatementTracer } from './statement-tracer';

/** A statement that a file sent. */
export interface SentStatement {
  readonly sql: string;
  readonly values?: readonly unknown[];
  error?: PostgresError | Error;
  /** Whether the server has answered. */
  answered?: boolean;
  /** Whether a dry run left it out because it cannot run in a transaction. */
  leftOut?: boolean;
}

/**
 * SQLSTATEs of what works only outside of a transaction, or only across two.
 *
 * @see https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const NEEDS_NO_TRANSACTION = new Set([
  '25001', // active_sql_transaction: CREATE INDEX CONCURRENTLY, VACUUM, CREATE DATABASE
  '55P04', // unsafe_new_enum_value_usage: an enum value used in the transaction that added it
  '55006', // object_in_use: ALTER TABLE after rows whose deferred triggers are still pending
  '2D000', // invalid_transaction_termination: a procedure that commits
  '53200', // out_of_memory: more locks than max_locks_per_transaction has room for
]);

/** How a file is run, and how much of what it sends is kept for messages. */
export interface AttemptOptions {
  readonly mode: RunMode;
  /** Keep every statement whole, for a dry run. */
  readonly keepWhole: boolean;
  /** Matches a statement that names the ledger's table. */
  readonly ledgerPattern: RegExp;
  /** It shares its transaction with other files, so that it may not go past it at all. */
  readonly shared?: boolean;
  /** What a file before it in the transaction did that a rollback does not take back. */
  readonly outside?: string;
  /** Looks at each statement. */
  readonly tracer?: StatementTracer;
}

const KEPT_STATEMENTS = 500;
const KEPT_CHARACTERS = 2000;

/** What is known of one run of a file's `up` or `down`, gathered as its statements go by. */
export class Findings {
  /** An error that only a run without a transaction can avoid. */
  refusal: PostgresError | undefined;
  /** A statement came after a failed one: the file catches errors and goes on. */
  wentOnAfterError = false;
  /** Transactions of the file overlap so that one connection cannot stand for them. */
  overlap = false;
  firstError: { readonly error: Error; readonly sql: string } | undefined;
  /** Statements in the order they were sent; texts are cut off, and only the first of very many are kept. */
  readonly statements: SentStatement[] = [];
  /** How many statements were sent. */
  count = 0;
  /** A statement named the ledger's table. */
  touchedLedger = false;
  /** A statement's connection was lost, as opposed to one that the file has to another server. */
  lostConnection = false;
  /** What the statements may have left on the session. */
  readonly traces = new SessionTraces();

  constructor(private readonly options: AttemptOptions) {}

  /** Notes a statement that is about to be sent. */
  note(sql: string, values?: readonly unknown[]): SentStatement {
    const { keepWhole, ledgerPattern } = this.options;
    this.count += 1;
    const kept = keepWhole ? sql : sql.slice(0, KEPT_CHARACTERS);
    const statement: SentStatement = { sql: kept, values };
    if (keepWhole || this.statements.length < KEPT_STATEMENTS) this.statements.push(statement);
    if (ledgerPattern.test(sql)) this.touchedLedger = true;
    this.traces.note(sql, values);
    return statement;
  }

  /** Notes that a savepoint, which stands for the file's own transaction, was refused after an error; throws that. */
  throwRaw(error: unknown): never {
    if (postgresError(error)?.code === '25P02') this.wentOnAfterError = true;
    throw error;
  }

  /** Notes that a statement failed, and what follows from how. */
  noteError(statement: SentStatement, thrown: unknown): void {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    statement.error = error;
    if (isConnectionLoss(error)) this.lostConnection = true;
    if (needsNoTransaction(error)) this.refusal ??= postgresError(error);
    if (postgresError(error)?.code === '25P02') this.wentOnAfterError = true;
    else this.firstError ??= { error, sql: statement.sql };
  }
}

/**
 * PREPARE TRANSACTION does not fail: it takes the transaction away from keel, which would then record what is nowhere
 * to be seen. So it is refused as PostgreSQL refuses what needs a transaction of its own.
 */
export function endsTheTransaction(): Error {
  const message = 'PREPARE TRANSACTION would end the transaction that the file runs in';
  return Object.assign(new Error(message), { code: '25001', severity: 'ERROR' });
}

/** Whether what failed would work outside of a transaction. */
export function needsNoTransaction(error: unknown): boolean {
  return NEEDS_NO_TRANSACTION.has(postgresError(error)?.code ?? '');
}
