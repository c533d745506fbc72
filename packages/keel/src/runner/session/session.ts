import { AsyncLocalStorage } from 'node:async_hooks';
import type pg from 'pg';
import type { HeldLock } from '../../db/advisory-lock';
import { close, farewell, keepAlive, patiently } from '../../db/client';
import { databaseError } from '../../db/connection-error';
import { processIdOf } from '../../db/wire';
import type { Project } from '../../project/project';
import { createSequelize, loadSequelize, type SequelizeModule } from '../../project/load-sequelize';
import { Attempt } from '../attempt/attempt';
import type { AttemptOptions, RunMode } from '../attempt/findings';
import { interceptConnections, type ConnectionManager } from '../attempt/capture';
import { ConnectionBroker, type BrokerSession } from './connection-broker';
import { runAttempt, type AttemptOutcome } from '../attempt/run-attempt';
import { queryInterfaceOf, sequelizeOverrides } from './sequelize-overrides';
import { readServerSettings, type ServerSettings } from './server-settings';
import { Looker } from '../watch/watch-connection';
import { guardOutside } from '../watch/outside-guard';
import { watchSilence, type StatementUnderWay } from '../watch/watch-silence';
import { TransactionStatus } from './transaction-status';
import { watchAttempt, type WatchReport } from '../watch/watch-attempt';

/** Settings of a run that hold for all of its files. */
export interface SessionOptions {
  /** Whether the process belongs to keel, so that every query of the project's Sequelize is the migration's. */
  readonly exclusive: boolean;
  /** PostgreSQL's lock_timeout for each statement, in milliseconds. */
  readonly lockTimeoutMs?: number;
  /** PostgreSQL's statement_timeout, in milliseconds. */
  readonly statementTimeoutMs?: number;
  /** How long the server may leave us without a sign of life, in milliseconds; 30,000 where undefined. */
  readonly silenceMs?: number;
  /** Interrupts the run. */
  readonly signal?: AbortSignal;
  /** Called every few seconds while one file runs long. */
  readonly onReport?: (report: WatchReport) => void;
}

type SequelizeInstance = InstanceType<SequelizeModule['Sequelize']>;

/**
 * The project's Sequelize for the length of a run. While a file runs in a transaction, every connection that
 * the project's copy of Sequelize hands out for this database is the one that the transaction is on.
 */
export class Session implements BrokerSession {
  private readonly context = new AsyncLocalStorage<Session>();
  readonly manager: ConnectionManager;
  attempt: Attempt | undefined;
  lastAttempt: Attempt | undefined;
  private readonly broker = new ConnectionBroker(this);
  private stopIntercepting: () => void = () => undefined;
  private stopListening: () => void = () => undefined;
  /** A statement of the runner's own on its way. */
  private sending: StatementUnderWay | undefined;
  private real: pg.Client | undefined;
  private wire: TransactionStatus | undefined;
  private server: ServerSettings = { wanted: {}, lockTimeoutMs: 0, pooled: false };
  private readonly prepared = new WeakSet<pg.Client>();
  private readonly looker: Looker;
  /** The `(queryInterface, Sequelize)` that `up` and `down` are called with. */
  readonly migrationArguments: readonly [unknown, unknown];

  private constructor(
    readonly project: Project,
    readonly sequelize: SequelizeInstance,
    private readonly lock: HeldLock | undefined,
    private readonly options: SessionOptions,
  ) {
    this.looker = new Looker(project);
    this.migrationArguments = [queryInterfaceOf(sequelize), loadSequelize(project.paths.root)];
    this.manager = (
      sequelize as unknown as { connectionManager: ConnectionManager }
    ).connectionManager;
  }

  /** Opens the run's connection; the caller closes the session. */
  static async open(
    project: Project,
    lock: HeldLock | undefined,
    options: SessionOptions,
  ): Promise<Session> {
    const sequelize = createSequelize(project, sequelizeOverrides(project, lock));
    const session = new Session(project, sequelize, lock, options);
    // A file that closes the instance it was handed would close the run's own connection.
    session.closeSequelize = sequelize.close.bind(sequelize);
    sequelize.close = () => Promise.resolve();
    try {
      await patiently(project.connection, () => session.connect());
      session.server = await readServerSettings(session.client, options);
    } catch (error) {
      await session.close();
      throw databaseError(error, { doing: 'the run was to begin', state: 'No file was run.' });
    }
    session.stopIntercepting = interceptConnections(session.manager, session.broker);
    session.listen();
    return session;
  }

  private closeSequelize: () => Promise<void> = () => Promise.resolve();

  private listen(): void {
    if (!this.lock) return;
    this.stopListening = watchSilence({
      lock: this.lock,
      looker: this.looker,
      client: () => this.real,
      current: () => this.attempt?.current ?? this.sending,
      pooled: this.server.pooled,
      silenceMs: this.options.silenceMs,
    });
  }

  async close(): Promise<void> {
    this.stopListening();
    this.looker.drop();
    this.stopIntercepting();
    if (this.real) this.manager.releaseConnection(this.real);
    this.real = undefined;
    await farewell(this.closeSequelize());
  }

  /** The run's connection. */
  get client(): pg.Client {
    if (!this.real) throw new Error('The session is closed.');
    return this.real;
  }

  /** The server's process on the run's connection; behind a pooler, a number that means nothing to the server. */
  get backendPid(): number | undefined {
    return this.real && processIdOf(this.real);
  }

  /** Sends a statement of the runner's own. */
  async send(sql: string): Promise<void> {
    this.sending = { client: this.client };
    try {
      await this.client.query(sql);
    } finally {
      this.sending = undefined;
    }
  }

  /** The transaction status that the server told after the last statement. */
  get status(): 'I' | 'T' | 'E' {
    return this.wire?.status ?? 'I';
  }

  async answered(): Promise<void> {
    await this.wire?.answered();
  }

  get signal(): AbortSignal | undefined {
    return this.options.signal;
  }

  /** What PostgreSQL is told at the start of each transaction, to be put after BEGIN. */
  get settings(): string {
    return Object.entries(this.server.wanted)
      .map(([name, value]) => `; SET LOCAL ${name} = ${String(value)}`)
      .join('');
  }

  /** @throws KeelError `LOCK_LOST` with the state where another run may have the lock by now */
  assertLocked(state: string): void {
    this.lock?.assertHeld(state);
  }

  /** Gives up the connection for a new one, with none of the settings that a file may have left on it. */
  async reconnect(): Promise<void> {
    const old = this.client;
    this.real = undefined;
    await close(old);
    // Given back, it would be handed out again where the config's own `pool.validate` accepts it.
    await this.manager.pool.destroy(old);
    await this.connect();
  }

  /** Runs a file's code once and waits until all that it has sent is answered. */
  async run(
    body: () => unknown,
    mode: RunMode,
    settings: Omit<AttemptOptions, 'mode' | 'ignoreSearchPath'>,
  ): Promise<AttemptOutcome> {
    const ignoreSearchPath = this.project.connection.options.prependSearchPath === true;
    const attempt = new Attempt(mode === 'none' ? undefined : this, {
      ...settings,
      mode,
      ignoreSearchPath,
    });
    this.broker.reset();
    this.attempt = attempt;
    const stopWatching = watchAttempt(attempt, {
      session: this,
      looker: this.looker,
      lockTimeoutMs: this.server.lockTimeoutMs,
      onReport: this.options.onReport,
    });
    const { exclusive, signal } = this.options;
    const inContext = (): Promise<unknown> =>
      guardOutside(attempt, this.project, () =>
        this.context.run(this, () => Promise.resolve().then(body)),
      );
    try {
      return await runAttempt(inContext, attempt, {
        exclusive,
        signal,
        cancel: () => this.cancel(attempt),
      });
    } finally {
      stopWatching();
      this.attempt = undefined;
      this.lastAttempt = attempt;
    }
  }

  get isOurs(): boolean {
    return this.options.exclusive || this.context.getStore() === this;
  }

  private async cancel(attempt: Attempt): Promise<void> {
    const client = attempt.current?.client ?? this.real;
    const pid = client && processIdOf(client);
    if (attempt.inFlight === 0 || pid === undefined) return;
    // Behind a pooler the pid is not the server's: look before cancelling.
    const cancel = `SELECT pg_catalog.pg_cancel_backend(pid) FROM pg_catalog.pg_stat_activity
      WHERE pid = ${pid} AND usename = current_user`;
    await this.looker.ask((other) => other.query(cancel)).catch(() => undefined);
  }

  /**
   * Without a transaction a setting holds for as long as the connection: behind a pooler it would go to whoever
   * gets the server's connection next, so there it is left out.
   */
  async prepare(client: pg.Client): Promise<void> {
    if (this.prepared.has(client)) return;
    this.prepared.add(client);
    keepAlive(client);
    const settings = Object.entries(this.server.wanted);
    if (this.server.pooled || settings.length === 0) return;
    await client.query(
      settings.map(([name, value]) => `SET ${name} = ${String(value)}`).join('; '),
    );
  }

  private async connect(): Promise<void> {
    const client = await this.broker.takeFromPool();
    keepAlive(client);
    this.real = client;
    this.wire = new TransactionStatus(client);
  }
}
