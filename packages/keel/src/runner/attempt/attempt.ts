import type pg from 'pg';
import { postgresError, type PostgresError } from '../../db/connection-error';
import { isCut } from '../../db/wire';
import { messageOf } from '../../errors';
import type { BlockingSession } from './blocking-session';
import { controlledParts } from './controlled-parts';
import {
  endsTheTransaction,
  Findings,
  needsNoTransaction,
  type AttemptOptions,
  type SentStatement,
} from './findings';
import { isLockTimeout } from './is-lock-timeout';
import { emptyResult, SavepointStack, type ConnectionOwner } from './savepoint-stack';
import type { StatementCall } from './statement-call';
import type { RawQuery } from './statement-tracer';
import type { WatchedConnection } from './watched-connection';
import { preparesTransaction, type TransactionControl } from '../../db/sql-text';

/**
 * One run of a file's `up` or `down` on one connection: puts its statements in a queue, carries its own
 * transactions as savepoints, and keeps what the runner needs to judge the run by.
 */
export class Attempt {
  readonly findings: Findings;
  /** Set once the run is over: whatever arrives afterwards was not awaited. */
  closed = false;
  /** Why no further statement is taken, while the file's code is still running. */
  abandoned: string | undefined;
  /** Set when a second connection of this process was found waiting for this run's transaction. */
  selfBlocked = false;
  /** What the code was about to do past the connections that it is given, after its first statement. */
  detour: string | undefined;
  /** Called once when the run is abandoned. */
  onAbandon: (graceMs?: number) => void = () => undefined;
  /** What the code has done that a rollback does not take back, such as starting a program. */
  outside: string | undefined;
  /** The error by which keel's own limit ended a statement, which the file knows nothing of. */
  timedOut: PostgresError | undefined;
  /** What arrived after the end. */
  late: string | undefined;
  /** The statement being executed. */
  current: { readonly sql: string; readonly client: pg.Client } | undefined;
  /** Sessions that the statement being executed, or the one that failed last, was seen waiting for. */
  blockedBy: readonly BlockingSession[] = [];
  private readonly pending = new Set<PendingStatement>();
  /** Whether the statements wait for locks as long as they would without keel. */
  private patient = false;
  private tail: Promise<unknown> = Promise.resolve();
  private readonly savepoints: SavepointStack;

  constructor(
    private readonly connection: WatchedConnection | undefined,
    readonly options: AttemptOptions,
  ) {
    this.findings = new Findings(options);
    this.outside = options.outside;
    this.savepoints = new SavepointStack(
      (sql) => this.raw(sql),
      () => this.connection?.status === 'E',
      this.findings,
    );
  }

  /** How many statements are sent or queued. */
  get inFlight(): number {
    return this.pending.size;
  }

  /** Whether an error that tells of a lost connection tells of one to this database. */
  get lost(): boolean {
    return this.findings.lostConnection || (this.connection !== undefined && isCut(this.client));
  }

  /** The last of them that came through the instance that the file was handed. */
  get ownInFlight(): string | undefined {
    return [...this.pending].findLast(({ owner }) => owner.own)?.sql;
  }

  /** Transactions that the file has opened and not ended. */
  get openTransactions(): number {
    return this.savepoints.open;
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
    const pending = { owner, sql: call.text };
    this.pending.add(pending);
    const traced = this.trace(call);
    const run = this.tail.then(() => this.take(owner, traced));
    const over = (): void => {
      this.pending.delete(pending);
    };
    this.tail = run.then(over, over);
    return run;
  }

  private trace(call: StatementCall): StatementCall {
    const { tracer } = this.options;
    if (!tracer) return call;
    const traced = tracer.asked({ sql: call.text, values: call.values });
    const send = (raw: RawQuery): Promise<unknown> =>
      traced({ raw, inTransaction: true }, () => call.send(raw));
    return { ...call, send };
  }

  /**
   * Takes no further statement: the file's code is to come to its end with an error.
   *
   * @param graceMs for how long it may go on
   */
  abandon(reason: string, graceMs?: number): void {
    if (this.abandoned !== undefined) return;
    this.abandoned = reason;
    this.onAbandon(graceMs);
  }

  /**
   * Notes a statement that goes past the queue.
   *
   * @returns to be called when it is over
   */
  starts(
    statement: SentStatement,
    owner: ConnectionOwner,
    client: pg.Client,
  ): (error?: unknown) => void {
    const pending = { owner, sql: statement.sql };
    this.pending.add(pending);
    this.current = { sql: statement.sql, client };
    return (error) => {
      this.pending.delete(pending);
      this.current = undefined;
      statement.answered = true;
      if (error === undefined) this.blockedBy = [];
      else this.findings.noteError(statement, error);
    };
  }

  private async take(owner: ConnectionOwner, call: StatementCall): Promise<unknown> {
    if (this.abandoned) throw new Error(this.abandoned);
    const parts = controlledParts(call.text);
    if (!parts) return this.run(owner, call);
    const [only] = parts;
    if (parts.length === 1 && only?.control) return this.control(owner, only.control, call);
    const results: unknown[] = [];
    for (const { text, control } of parts) {
      const part: StatementCall = { text, send: (client) => client.query(text) };
      const run = control ? this.control(owner, control, part) : this.run(owner, this.trace(part));
      results.push(await run);
    }
    return results;
  }

  private async control(
    owner: ConnectionOwner,
    kind: TransactionControl,
    call: StatementCall,
  ): Promise<unknown> {
    // A rollback takes the setting back that makes it patient.
    if (kind === 'rollback') this.patient = false;
    if (kind === 'savepoint') return this.send(call);
    this.options.tracer?.controlled?.(kind);
    return this.savepoints.control(owner, kind);
  }

  private async run(owner: ConnectionOwner, call: StatementCall): Promise<unknown> {
    this.savepoints.touch(owner);
    if (this.outside !== undefined) await this.waitAsLongAsItTakes();
    if (this.options.mode === 'transaction') return this.send(call);
    await this.raw('SAVEPOINT keel_statement');
    try {
      const result = await this.send(call);
      await this.raw('RELEASE SAVEPOINT keel_statement');
      return result;
    } catch (error) {
      await this.raw('ROLLBACK TO SAVEPOINT keel_statement; RELEASE SAVEPOINT keel_statement');
      if (this.options.mode !== 'pretend' || !needsNoTransaction(error)) throw error;
      const statement = this.findings.statements.at(-1);
      if (statement) statement.leftOut = true;
      return emptyResult('');
    }
  }

  private async send(call: StatementCall): Promise<unknown> {
    const statement = this.findings.note(call.text, call.values);
    this.current = { sql: call.text, client: this.client };
    try {
      if (preparesTransaction(call.text)) throw endsTheTransaction();
      const result = await call.send(this.client);
      statement.answered = true;
      this.blockedBy = [];
      return result;
    } catch (error) {
      this.findings.noteError(statement, error);
      await this.connection?.answered();
      this.noteTimeout(error);
      throw error;
    } finally {
      this.current = undefined;
    }
  }

  /** A file that cannot be repeated has no use for a limit that it would be repeated after. */
  private async waitAsLongAsItTakes(): Promise<void> {
    const { connection } = this;
    if (this.patient || connection?.status !== 'T' || connection.lockLimit !== 'default') return;
    this.patient = true;
    if (!this.findings.traces.lockTimeout) await this.raw('SET LOCAL lock_timeout = 0');
  }

  /**
   * Nobody has told the file that its statements may time out. What it does about errors, such as taking a column to be
   * there already, must not make a success of this one.
   */
  private noteTimeout(error: unknown): void {
    const limited = this.connection && this.connection.lockLimit !== 'none';
    if (!limited || this.findings.traces.lockTimeout || !isLockTimeout(error)) return;
    this.timedOut = postgresError(error);
    const reason = `An earlier statement has waited too long for a lock: ${messageOf(error)}`;
    this.abandon(reason, OWN_RETRIES_MS);
  }

  private async raw(sql: string): Promise<void> {
    await this.client.query(sql).catch((error: unknown) => this.findings.throwRaw(error));
  }

  private get client(): pg.Client {
    if (!this.connection)
      throw new Error('A run without a transaction has no connection of its own.');
    return this.connection.client;
  }
}

/** For how long a file's own retries may go on after a timeout, all of them in vain, in milliseconds. */
const OWN_RETRIES_MS = 60_000;

/** A statement that is sent or queued. */
interface PendingStatement {
  readonly owner: ConnectionOwner;
  readonly sql: string;
}
