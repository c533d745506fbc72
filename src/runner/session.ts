import { AsyncLocalStorage } from 'node:async_hooks';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { HeldLock } from '../db/advisory-lock';
import { close, farewell, keepAlive, patiently, serverVersion } from '../db/client';
import { databaseError } from '../db/connection-error';
import type { Project } from '../project/types';
import { createSequelize, loadSequelize, type SequelizeModule } from '../project/sequelize';
import { Attempt, type AttemptOptions, type RunMode } from './attempt';
import {
  interceptConnections,
  observeConnection,
  virtualConnection,
  type ConnectionInterceptor,
  type ConnectionManager,
} from './capture';
import { readServerSettings, type ServerSettings } from './server-settings';
import { watchSilence, type StatementUnderWay } from './silence';
import { watchAttempt, type WatchReport } from './watchdog';

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

/** How one attempt at a file ended. */
export interface AttemptOutcome {
  readonly attempt: Attempt;
  /** What the file's function rejected with; undefined where it succeeded. */
  readonly error: unknown;
  readonly failed: boolean;
  /** Statements were on their way when the function was done. */
  readonly floating: string | undefined;
  /** The file's code never came to an end after it was told to stop. */
  readonly hung: boolean;
}

type SequelizeInstance = InstanceType<SequelizeModule['Sequelize']>;

/**
 * The project's Sequelize for the length of a run. While a file runs in a transaction, every connection that
 * the project's copy of Sequelize hands out for this database is the one that the transaction is on.
 */
export class Session implements ConnectionInterceptor {
  private readonly context = new AsyncLocalStorage<Session>();
  private readonly manager: ConnectionManager;
  private readonly free = new Map<ConnectionManager, pg.Client[]>();
  private readonly virtual = new WeakMap<pg.Client, ConnectionManager>();
  private stopIntercepting: () => void = () => undefined;
  private stopListening: () => void = () => undefined;
  /** A statement of the runner's own on its way. */
  private sending: StatementUnderWay | undefined;
  /** The run's own connection is being opened: it alone comes from the pool as it is. */
  private connecting = false;
  private attempt: Attempt | undefined;
  private last: Attempt | undefined;
  private real: pg.Client | undefined;
  private transactionStatus: 'I' | 'T' | 'E' = 'I';
  private server: ServerSettings = { wanted: {}, lockTimeoutMs: 0, pooled: false };
  private readonly told = new WeakSet<pg.Client>();

  private constructor(
    readonly project: Project,
    readonly sequelize: SequelizeInstance,
    private readonly lock: HeldLock | undefined,
    private readonly options: SessionOptions,
  ) {
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
    const { close } = sequelize;
    session.closeSequelize = () => close.call(sequelize);
    sequelize.close = () => Promise.resolve();
    try {
      await patiently(project.connection, () => session.connect());
      session.server = await readServerSettings(session.client, options);
    } catch (error) {
      await session.close();
      throw databaseError(error, { doing: 'the run was to begin', state: 'No file was run.' });
    }
    session.stopIntercepting = interceptConnections(session.manager, session);
    session.listen();
    return session;
  }

  private closeSequelize: () => Promise<void> = () => Promise.resolve();

  private listen(): void {
    if (!this.lock) return;
    this.stopListening = watchSilence({
      lock: this.lock,
      connection: this.project.connection,
      client: () => this.real,
      current: () => this.attempt?.current ?? this.sending,
      pooled: this.server.pooled,
      silenceMs: this.options.silenceMs,
    });
  }

  async close(): Promise<void> {
    this.stopListening();
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
    return (this.real as { processID?: number } | undefined)?.processID;
  }

  /** Sends a statement of the runner's own. */
  async send(sql: string): Promise<void> {
    const { client } = this;
    this.sending = { client };
    try {
      await client.query(sql);
    } finally {
      this.sending = undefined;
    }
  }

  /** The transaction status that the server told after the last statement. */
  get status(): 'I' | 'T' | 'E' {
    return this.transactionStatus;
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

  /** The `(queryInterface, Sequelize)` that `up` and `down` are called with. */
  get migrationArguments(): readonly [unknown, unknown] {
    const module = loadSequelize(this.project.paths.root) as SequelizeModule & {
      default?: unknown;
    };
    return [this.sequelize.getQueryInterface(), module];
  }

  /** A statement that came after its file had finished, on any attempt so far. */
  get late(): string | undefined {
    return this.last?.late;
  }

  /** Gives up the connection for a new one, with none of the settings that a file may have left on it. */
  async reconnect(): Promise<void> {
    const old = this.client;
    this.real = undefined;
    (old as { _invalid?: boolean })._invalid = true;
    await close(old);
    this.manager.releaseConnection(old);
    await this.connect();
  }

  /** Runs a file's code once and waits until all that it has sent is answered. */
  async run(
    body: () => unknown,
    mode: RunMode,
    settings: Omit<AttemptOptions, 'mode' | 'ignoreSearchPath'>,
  ): Promise<AttemptOutcome> {
    const ignoreSearchPath = this.project.connection.options.prependSearchPath === true;
    const watched = { client: this.client, status: this.transactionStatus };
    Object.defineProperty(watched, 'status', { get: () => this.transactionStatus });
    const attempt = new Attempt(mode === 'none' ? undefined : watched, {
      ...settings,
      mode,
      ignoreSearchPath,
    });
    this.free.clear();
    this.attempt = attempt;
    const rejections: unknown[] = [];
    const onRejection = (reason: unknown): void => void rejections.push(reason);
    if (this.options.exclusive) process.on('unhandledRejection', onRejection);
    const stopWatching = watchAttempt(attempt, {
      session: this,
      lock: this.lock,
      lockTimeoutMs: this.server.lockTimeoutMs,
      onReport: this.options.onReport,
    });
    try {
      const result = await this.settle(body, attempt);
      const floating = await this.drain(attempt, result.failed);
      const rejected = rejections.length > 0 && !result.failed;
      return {
        attempt,
        ...result,
        ...(rejected ? { failed: true, error: rejections[0] } : {}),
        floating,
      };
    } finally {
      stopWatching();
      process.removeListener('unhandledRejection', onRejection);
      attempt.closed = true;
      this.attempt = undefined;
      this.last = attempt;
    }
  }

  private async settle(
    body: () => unknown,
    attempt: Attempt,
  ): Promise<{ failed: boolean; error: unknown; hung: boolean }> {
    const done = this.context
      .run(this, async () => {
        await body();
      })
      .then(
        () => ({ failed: false, error: undefined, hung: false }),
        (error: unknown) => ({ failed: true, error, hung: false }),
      );
    const { promise: stopped, dispose } = whenStopped(attempt, this.options.signal, () =>
      this.cancel(attempt),
    );
    try {
      return await Promise.race([done, stopped]);
    } finally {
      dispose();
    }
  }

  /** Waits for what is still on its way; what the file's own instance sent and did not await is named. */
  private async drain(attempt: Attempt, failed: boolean): Promise<string | undefined> {
    // A promise that was not awaited sends its statement a turn or two later.
    await setImmediate();
    if (attempt.inFlight === 0) await setImmediate();
    const floating =
      !failed && attempt.ownInFlight > 0
        ? (attempt.findings.statements.at(-1)?.sql ?? '')
        : undefined;
    const deadline = attempt.abandoned ? Date.now() + 3000 : Infinity;
    while (attempt.inFlight > 0 && Date.now() < deadline) await sleep(2);
    return floating;
  }

  private async cancel(attempt: Attempt): Promise<void> {
    attempt.abandon('The run was interrupted.');
    const client = attempt.current?.client ?? this.real;
    const pid = (client as { processID?: number } | undefined)?.processID;
    if (attempt.inFlight === 0 || pid === undefined) return;
    // Behind a pooler the pid is not the server's: look before cancelling.
    await this.lock?.client
      .query(
        `SELECT pg_catalog.pg_cancel_backend(pid) FROM pg_catalog.pg_stat_activity
          WHERE pid = ${pid} AND usename = current_user`,
      )
      .catch(() => undefined);
  }

  owns(manager: ConnectionManager): boolean {
    if (manager === this.manager) return true;
    const ours = this.options.exclusive || this.context.getStore() === this;
    return ours && this.attempt !== undefined && sameDatabase(manager, this.project);
  }

  async acquire(
    manager: ConnectionManager,
    fromPool: () => PromiseLike<pg.Client>,
  ): Promise<pg.Client> {
    if (this.connecting) return fromPool();
    const owner = { own: manager === this.manager };
    if (this.attempt?.options.mode === 'none') {
      if (!owner.own && this.project.standsFor) throw new Error(OUTSIDE_SCRATCH);
      const client = await fromPool();
      if (!this.told.has(client)) await this.tell(client);
      observeConnection(client, { attempt: this.attempt, owner });
      return client;
    }
    const { options } = this.sequelize as unknown as ConnectionManager['sequelize'];
    if (manager.sequelize.options.databaseVersion === 0) {
      manager.sequelize.options.databaseVersion = options.databaseVersion ?? 0;
    }
    const reused = this.free.get(manager)?.pop();
    if (reused) return reused;
    const connection = virtualConnection(
      this.client,
      owner,
      () => this.attempt ?? (this.last as Attempt),
    );
    this.virtual.set(connection, manager);
    return connection;
  }

  /**
   * Without a transaction a setting holds for as long as the connection: behind a pooler it would go to whoever
   * gets the server's connection next, so there it is left out.
   */
  private async tell(client: pg.Client): Promise<void> {
    this.told.add(client);
    keepAlive(client);
    const settings = Object.entries(this.server.wanted);
    if (this.server.pooled || settings.length === 0) return;
    await client.query(
      settings.map(([name, value]) => `SET ${name} = ${String(value)}`).join('; '),
    );
  }

  release(connection: pg.Client): boolean {
    const manager = this.virtual.get(connection);
    if (!manager) return false;
    const free = this.free.get(manager) ?? [];
    if (!free.includes(connection)) free.push(connection);
    this.free.set(manager, free);
    return true;
  }

  private async takeFromPool(): Promise<pg.Client> {
    this.connecting = true;
    try {
      return await this.manager.getConnection({ type: 'RAW', useMaster: true });
    } finally {
      this.connecting = false;
    }
  }

  private async connect(): Promise<void> {
    const client = await this.takeFromPool();
    keepAlive(client);
    this.real = client;
    this.transactionStatus = 'I';
    const { connection } = client as unknown as { connection: NodeJS.EventEmitter };
    connection.on('readyForQuery', (message: { status: 'I' | 'T' | 'E' }) => {
      if (this.real === client) this.transactionStatus = message.status;
    });
  }
}

const MAX_POOL = 5;

/** Its own connection would change the database that the scratch database stands for. */
const OUTSIDE_SCRATCH =
  'a migration without a transaction uses models with a connection of their own, which cannot be led to a scratch database';

/** What keel changes of the project's options: a connection more for itself, and a known server version. */
function sequelizeOverrides(project: Project, lock: HeldLock | undefined): Record<string, unknown> {
  const pool = (project.sequelizeOptions.pool ?? {}) as { max?: number };
  const { dialectOptions } = project.sequelizeOptions as { dialectOptions?: object };
  const version = lock && /^\d+(\.\d+)?/.exec(serverVersion(lock.client) ?? '')?.[0];
  return {
    pool: { ...pool, max: (pool.max ?? MAX_POOL) + 1 },
    dialectOptions: { application_name: 'keel', keepAlive: true, ...dialectOptions },
    // Sequelize opens a connection more only to ask for it.
    ...(version
      ? { databaseVersion: version.includes('.') ? `${version}.0` : `${version}.0.0` }
      : {}),
  };
}

function sameDatabase(manager: ConnectionManager, project: Project): boolean {
  const { host, port, database } = manager.sequelize.config;
  return [project.connection, project.standsFor].some(
    (connection) =>
      connection !== undefined &&
      database === connection.database &&
      Number(port ?? 5432) === connection.port &&
      canonicalHost(String(host ?? 'localhost')) === canonicalHost(connection.host),
  );
}

function canonicalHost(host: string): string {
  return ['127.0.0.1', '::1'].includes(host) ? 'localhost' : host;
}

/** Resolves some seconds after the attempt was abandoned or the run interrupted, should its code not end. */
function whenStopped(
  attempt: Attempt,
  signal: AbortSignal | undefined,
  onAbort: () => Promise<void>,
): { promise: Promise<{ failed: true; error: Error; hung: true }>; dispose: () => void } {
  let dispose: () => void = () => undefined;
  const promise = new Promise<{ failed: true; error: Error; hung: true }>((resolve) => {
    let grace: NodeJS.Timeout | undefined;
    const stop = (): void => {
      grace ??= setTimeout(() => {
        resolve({
          failed: true,
          error: new Error(attempt.abandoned ?? 'The run was interrupted.'),
          hung: true,
        });
      }, 3000);
    };
    const abort = (): void => {
      void onAbort();
      stop();
    };
    attempt.onAbandon = stop;
    signal?.addEventListener('abort', abort, { once: true });
    if (signal?.aborted) abort();
    dispose = () => {
      clearTimeout(grace);
      signal?.removeEventListener('abort', abort);
    };
  });
  return { promise, dispose };
}
