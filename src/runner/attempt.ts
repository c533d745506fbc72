import type pg from 'pg';
import type { BlockingSession } from './blocking-session';
import { postgresError, type PostgresError } from '../db/connection-error';
import {
  changesSession,
  mayMixTransactionControl,
  splitStatements,
  transactionControl,
  type TransactionControl,
} from './sql-text';

/**
 * How a file runs:
 * - `transaction`: everything in one transaction with the ledger row
 * - `savepoints`: the same, with a savepoint round each statement, for a file that catches an error and goes on
 * - `none`: each statement on its own, for what PostgreSQL refuses in a transaction
 * - `pretend`: as `savepoints`, and what is refused in a transaction counts as done; for a dry run
 */
export type RunMode = 'transaction' | 'savepoints' | 'none' | 'pretend';

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

/** What is known of one run of a file's `up` or `down`. */
export interface AttemptFindings {
  /** An error that only a run without a transaction can avoid. */
  refusal?: PostgresError;
  /** A statement came after a failed one: the file catches errors and goes on. */
  wentOnAfterError: boolean;
  /** Transactions of the file overlap so that one connection cannot stand for them. */
  overlap: boolean;
  firstError?: { readonly error: Error; readonly sql: string };
  /** Statements in the order they were sent; texts are cut off in long runs. */
  readonly statements: SentStatement[];
  statementCount: number;
  touchedLedger: boolean;
  changedSession: boolean;
}

/**
 * SQLSTATEs of what works outside a transaction only: statements that refuse one, a new enum value used at
 * once, DDL on a table with pending trigger events, a procedure that commits, too many locks for one transaction.
 */
const NEEDS_NO_TRANSACTION = new Set(['25001', '55P04', '55006', '2D000', '53200']);

/** Whose statement it is: one of the connections that the file's code was given. */
export interface ConnectionOwner {
  /** Whether it is of the instance that the file was handed, not of an application's own. */
  readonly own: boolean;
}

interface Savepoint {
  readonly name: string;
  readonly owner: ConnectionOwner;
  /** Whether others sent statements since it was set. */
  shared: boolean;
  done: boolean;
}

interface Settled {
  readonly command: string;
  readonly rowCount: null;
  readonly rows: readonly never[];
  readonly fields: readonly never[];
  readonly oid: null;
}

/** How much of what a file sends is kept for messages. */
export interface AttemptOptions {
  readonly mode: RunMode;
  /** Keep every statement whole, for a dry run. */
  readonly keepWhole: boolean;
  /** Matches a statement that names the ledger's table. */
  readonly ledgerPattern: RegExp;
  /** Whether every statement sets the search_path anyway, as `prependSearchPath` makes Sequelize do. */
  readonly ignoreSearchPath: boolean;
}

const KEPT_STATEMENTS = 500;
const KEPT_CHARACTERS = 2000;

/**
 * One run of a file's `up` or `down` on one connection: puts its statements in a queue, carries its own
 * transactions as savepoints, and keeps what the runner needs to judge the run by.
 */
export class Attempt {
  readonly findings: AttemptFindings = {
    wentOnAfterError: false,
    overlap: false,
    statements: [],
    statementCount: 0,
    touchedLedger: false,
    changedSession: false,
  };
  /** Set once the run is over: whatever arrives afterwards was not awaited. */
  closed = false;
  /** Why no further statement is taken, while the file's code is still running. */
  abandoned: string | undefined;
  /** Set when a second connection of this process was found waiting for this run's transaction. */
  selfBlocked = false;
  /** Called once when the run is abandoned. */
  onAbandon: () => void = () => undefined;
  /** What arrived after the end. */
  late: string | undefined;
  /** The statement being executed. */
  current: { readonly sql: string; readonly client: pg.Client } | undefined;
  /** Sessions that the statement being executed, or the one that failed last, was seen waiting for. */
  blockedBy: readonly BlockingSession[] = [];
  private pending = 0;
  private pendingOwn = 0;
  private tail: Promise<unknown> = Promise.resolve();
  private readonly savepoints: Savepoint[] = [];
  private savepointNumber = 0;

  constructor(
    private readonly connection: WatchedConnection | undefined,
    readonly options: AttemptOptions,
  ) {}

  /** How many statements are sent or queued. */
  get inFlight(): number {
    return this.pending;
  }

  /** Those of them that came through the instance that the file was handed. */
  get ownInFlight(): number {
    return this.pendingOwn;
  }

  /** Transactions that the file has opened and not ended. */
  get openTransactions(): number {
    return this.savepoints.filter((savepoint) => !savepoint.done).length;
  }

  /** Runs a statement for one of the file's connections, in turn. */
  execute(owner: ConnectionOwner, call: StatementCall): Promise<unknown> {
    if (this.closed) {
      this.late ??= call.text;
      return Promise.reject(
        new Error('This statement came after its migration had finished; it was not sent.'),
      );
    }
    if (this.abandoned) return Promise.reject(new Error(this.abandoned));
    this.count(owner, 1);
    const run = this.tail.then(() => this.take(owner, call));
    const over = (): void => {
      this.count(owner, -1);
    };
    this.tail = run.then(over, over);
    return run;
  }

  /** Takes no further statement: the file's code is to come to its end with an error. */
  abandon(reason: string): void {
    if (this.abandoned !== undefined) return;
    this.abandoned = reason;
    this.onAbandon();
  }

  /** Notes a statement that goes past the queue: a copy stream, or any statement without a transaction. */
  note(sql: string, values?: readonly unknown[]): SentStatement {
    const { findings, options } = this;
    const kept = options.keepWhole ? sql : sql.slice(0, KEPT_CHARACTERS);
    const statement: SentStatement = values === undefined ? { sql: kept } : { sql: kept, values };
    findings.statementCount += 1;
    if (options.keepWhole || findings.statements.length < KEPT_STATEMENTS)
      findings.statements.push(statement);
    if (options.ledgerPattern.test(sql)) findings.touchedLedger = true;
    if (!options.ignoreSearchPath && changesSession(sql)) findings.changedSession = true;
    return statement;
  }

  private noteError(statement: SentStatement, thrown: unknown): void {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    const { findings } = this;
    const code = postgresError(error)?.code ?? '';
    statement.error = error;
    if (NEEDS_NO_TRANSACTION.has(code)) findings.refusal ??= postgresError(error);
    if (code === '25P02') findings.wentOnAfterError = true;
    else findings.firstError ??= { error, sql: statement.sql };
  }

  /** A statement that goes past the queue begins. */
  starts(statement: SentStatement, owner: ConnectionOwner, client: pg.Client): void {
    this.count(owner, 1);
    this.current = { sql: statement.sql, client };
  }

  /** A statement that went past the queue is over. */
  ends(statement: SentStatement, owner: ConnectionOwner, error?: unknown): void {
    this.count(owner, -1);
    this.current = undefined;
    statement.answered = true;
    if (error === undefined) this.blockedBy = [];
    else this.noteError(statement, error);
  }

  private count(owner: ConnectionOwner, change: 1 | -1): void {
    this.pending += change;
    if (owner.own) this.pendingOwn += change;
  }

  private async take(owner: ConnectionOwner, call: StatementCall): Promise<unknown> {
    if (this.abandoned) throw new Error(this.abandoned);
    const control = transactionControl(call.text);
    if (control && !isCompound(call.text)) return this.control(owner, control, call);
    if (!control && !mayMixTransactionControl(call.text)) return this.run(owner, call);
    const parts = splitStatements(call.text);
    const controls = parts.map(transactionControl);
    if (controls.every((kind) => kind === undefined)) return this.run(owner, call);
    const results: unknown[] = [];
    for (const [index, text] of parts.entries()) {
      const kind = controls[index];
      const part: StatementCall = { text, send: (client) => client.query(text) };
      results.push(await (kind ? this.control(owner, kind, part) : this.run(owner, part)));
    }
    return results.length === 1 ? results[0] : results;
  }

  private async control(
    owner: ConnectionOwner,
    kind: TransactionControl,
    call: StatementCall,
  ): Promise<unknown> {
    switch (kind) {
      case 'begin':
        return this.begin(owner);
      case 'commit':
        return this.commit(owner);
      case 'rollback':
        return this.rollback(owner);
      case 'characteristics':
        // An isolation level cannot be set for part of a transaction.
        return settled('SET');
      case 'savepoint':
        return this.send(call);
    }
  }

  private async begin(owner: ConnectionOwner): Promise<Settled> {
    if (!this.savepoints.some((savepoint) => savepoint.owner === owner && !savepoint.done)) {
      this.savepointNumber += 1;
      const name = `keel_transaction_${String(this.savepointNumber)}`;
      await this.raw(`SAVEPOINT ${name}`);
      this.savepoints.push({ name, owner, shared: false, done: false });
    }
    return settled('BEGIN');
  }

  private async commit(owner: ConnectionOwner): Promise<Settled> {
    const savepoint = this.open(owner);
    if (!savepoint) return settled('COMMIT');
    // PostgreSQL answers the COMMIT of a failed transaction with a silent ROLLBACK.
    if (this.connection?.status === 'E') return this.rollback(owner);
    savepoint.done = true;
    for (let top = this.savepoints.at(-1); top?.done; top = this.savepoints.at(-1)) {
      await this.raw(`RELEASE SAVEPOINT ${top.name}`);
      this.savepoints.pop();
    }
    return settled('COMMIT');
  }

  private async rollback(owner: ConnectionOwner): Promise<Settled> {
    const savepoint = this.open(owner);
    if (!savepoint) return settled('ROLLBACK');
    if (savepoint.shared || this.savepoints.at(-1) !== savepoint) this.findings.overlap = true;
    await this.raw(`ROLLBACK TO SAVEPOINT ${savepoint.name}; RELEASE SAVEPOINT ${savepoint.name}`);
    this.savepoints.splice(this.savepoints.indexOf(savepoint));
    return settled('ROLLBACK');
  }

  private open(owner: ConnectionOwner): Savepoint | undefined {
    return this.savepoints.findLast((savepoint) => savepoint.owner === owner && !savepoint.done);
  }

  private async run(owner: ConnectionOwner, call: StatementCall): Promise<unknown> {
    for (
      let i = this.savepoints.length - 1;
      i >= 0 && this.savepoints[i]?.owner !== owner;
      i -= 1
    ) {
      (this.savepoints[i] as Savepoint).shared = true;
    }
    if (this.options.mode === 'transaction') return this.send(call);
    await this.raw('SAVEPOINT keel_statement');
    try {
      const result = await this.send(call);
      await this.raw('RELEASE SAVEPOINT keel_statement');
      return result;
    } catch (error) {
      await this.raw('ROLLBACK TO SAVEPOINT keel_statement; RELEASE SAVEPOINT keel_statement');
      if (
        this.options.mode === 'pretend' &&
        NEEDS_NO_TRANSACTION.has(postgresError(error)?.code ?? '')
      ) {
        const statement = this.findings.statements.at(-1);
        if (statement) statement.leftOut = true;
        return settled('');
      }
      throw error;
    }
  }

  private async send(call: StatementCall): Promise<unknown> {
    const statement = this.note(call.text, call.values);
    this.current = { sql: call.text, client: this.client };
    try {
      const result = await call.send(this.client);
      statement.answered = true;
      this.blockedBy = [];
      return result;
    } catch (error) {
      this.noteError(statement, error);
      throw error;
    } finally {
      this.current = undefined;
    }
  }

  private async raw(sql: string): Promise<void> {
    await this.client.query(sql);
  }

  private get client(): pg.Client {
    if (!this.connection)
      throw new Error('A run without a transaction has no connection of its own.');
    return this.connection.client;
  }
}

/** A statement, and how to send it so that its form (values, row mode, prepared name) stays as it was. */
export interface StatementCall {
  readonly text: string;
  readonly values?: readonly unknown[];
  readonly send: (client: pg.Client) => Promise<unknown>;
}

/** A connection together with the transaction status that the server last told. */
export interface WatchedConnection {
  readonly client: pg.Client;
  /** I: idle, T: in a transaction, E: in a failed transaction. */
  readonly status: 'I' | 'T' | 'E';
}

function isCompound(text: string): boolean {
  return /;\s*\S/.test(text);
}

function settled(command: string): Settled {
  return { command, rowCount: null, rows: [], fields: [], oid: null };
}
