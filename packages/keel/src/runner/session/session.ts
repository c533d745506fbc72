import type { HeldLock } from '../../db/advisory-lock';
import { awaitLastAnswer } from '../../db/client';
import { databaseError } from '../../db/connection-error';
import { createSequelize, loadSequelize, type SequelizeModule } from '../../project/load-sequelize';
import { processIdOf } from '../../db/wire';
import type { Project } from '../../project/project';
import { Attempt } from '../attempt/attempt';
import type { AttemptOptions } from '../attempt/findings';
import type { StatementTracer } from '../attempt/statement-tracer';
import { runAttempt, type AttemptOutcome } from '../attempt/run-attempt';
import type { RunMode } from '../files/run-mode';
import { guardDetours } from '../watch/guard-detours';
import { ObserverConnection } from '../watch/observer-connection';
import { watchAttempt, watchCommit, type WatchReport } from '../watch/watch-attempt';
import { watchNetwork } from '../watch/watch-network';
import { AttemptScope } from './attempt-scope';
import { ConnectionBroker } from './connection-broker';
import { interceptConnections, type ConnectionManager } from './intercept-connections';
import { RunConnection } from './run-connection';
import { queryInterfaceOf, sequelizeOverrides } from './sequelize-overrides';

/** Settings of a run that hold for all of its files. */
export interface SessionOptions {
  /** Whether the process belongs to keel, so that every query of the project's Sequelize is the migration's. */
  readonly exclusive: boolean;
  /** PostgreSQL's lock_timeout for each statement, in milliseconds. */
  readonly lockTimeoutMs?: number;
  /** The lock_timeout of files in a transaction, where neither the options nor the server have one. */
  readonly defaultLockTimeoutMs?: number;
  /** PostgreSQL's statement_timeout, in milliseconds. */
  readonly statementTimeoutMs?: number;
  /** How long the server may leave us without a sign of life, in milliseconds; 30,000 where undefined. */
  readonly silenceMs?: number;
  /** Interrupts the run. */
  readonly signal?: AbortSignal;
  /** Called every few seconds while one file runs long. */
  readonly onReport?: (report: WatchReport) => void;
  /** Looks at each statement of the files. */
  readonly tracer?: StatementTracer;
}

type SequelizeInstance = InstanceType<SequelizeModule['Sequelize']>;

interface SessionParts {
  readonly project: Project;
  readonly connection: RunConnection;
  readonly broker: ConnectionBroker;
  readonly scope: AttemptScope;
  readonly observer: ObserverConnection;
  readonly lock: HeldLock | undefined;
  readonly options: SessionOptions;
}

/**
 * The project's Sequelize for the length of a run. While a file runs in a transaction, every connection that
 * the project's copy of Sequelize hands out for this database is the one that the transaction is on.
 */
export class Session {
  private constructor(
    private readonly parts: SessionParts,
    /** The `(queryInterface, Sequelize)` that `up` and `down` are called with. */
    readonly migrationArguments: readonly [unknown, unknown],
    private readonly end: () => Promise<void>,
  ) {}

  /** Opens the run's connection; the caller closes the session. */
  static async open(
    project: Project,
    lock: HeldLock | undefined,
    options: SessionOptions,
  ): Promise<Session> {
    const sequelize = createSequelize(project, sequelizeOverrides(project, lock));
    // A file that closes the instance it was handed would close the run's own connection.
    const closeSequelize = sequelize.close.bind(sequelize);
    sequelize.close = () => Promise.resolve();
    const manager = managerOf(sequelize);
    const connection = await RunConnection.open(project, manager, options).catch(
      async (error: unknown) => {
        await awaitLastAnswer(closeSequelize());
        throw databaseError(error, { doing: 'the run was to begin', state: 'No file was run.' });
      },
    );
    const observer = new ObserverConnection(project);
    const scope = new AttemptScope(options.exclusive);
    const broker = new ConnectionBroker(project, manager, connection, scope);
    const stopIntercepting = interceptConnections(manager, broker);
    const parts = { project, connection, broker, scope, observer, lock, options };
    const stopWatching = watchNetworkOf(parts);
    const queryInterface = queryInterfaceOf(sequelize);
    options.tracer?.watch(queryInterface);
    const args = [queryInterface, loadSequelize(project.paths.root)] as const;
    return new Session(parts, args, async () => {
      stopWatching();
      observer.drop();
      stopIntercepting();
      connection.close();
      await awaitLastAnswer(closeSequelize());
    });
  }

  async close(): Promise<void> {
    await this.end();
  }

  /** The run's connection. */
  get connection(): RunConnection {
    return this.parts.connection;
  }

  /** The attempt that is over, to which a statement that comes late belongs. */
  get lastAttempt(): Attempt | undefined {
    return this.parts.scope.last;
  }

  get signal(): AbortSignal | undefined {
    return this.parts.options.signal;
  }

  /** @throws KeelError `LOCK_LOST` with the state where another run may have the lock by now */
  assertLocked(state: string): void {
    this.parts.lock?.assertHeld(state);
  }

  /** Runs a file's code once and waits until all that it has sent is answered. */
  async run(
    body: () => unknown,
    mode: RunMode,
    settings: Omit<AttemptOptions, 'mode'>,
  ): Promise<AttemptOutcome> {
    const { project, connection, broker, scope, options } = this.parts;
    const attempt = new Attempt(mode === 'none' ? undefined : connection, {
      ...settings,
      mode,
      tracer: options.tracer,
    });
    broker.reset();
    const stopWatching = watchAttempt(attempt, this.watched);
    const { exclusive, signal } = options;
    const cancel = (): Promise<void> => this.cancel(attempt);
    try {
      return await scope.enter(attempt, (inside) => {
        const code = (): Promise<unknown> =>
          guardDetours(attempt, project, () =>
            inside(() =>
              Promise.resolve()
                .then(body)
                .finally(() => options.tracer?.settled()),
            ),
          );
        return runAttempt(code, attempt, { exclusive, signal, cancel });
      });
    } finally {
      stopWatching();
      const { traces } = attempt.findings;
      if (mode !== 'none') connection.leave(traces);
      else if (traces.stated) await broker.discardUsed();
    }
  }

  /** Does what ends a file's transaction; afterwards its attempt knows for whom that waited. */
  async finish<T>(work: () => Promise<T>): Promise<T> {
    const { lastAttempt } = this;
    const stopWatching = lastAttempt && watchCommit(lastAttempt, this.watched);
    try {
      return await work();
    } finally {
      stopWatching?.();
    }
  }

  private get watched(): Parameters<typeof watchAttempt>[1] {
    const { connection, observer, options } = this.parts;
    const { lockTimeoutMs } = connection.server;
    return { session: connection, observer, lockTimeoutMs, onReport: options.onReport };
  }

  private async cancel(attempt: Attempt): Promise<void> {
    const { connection, observer } = this.parts;
    const client = attempt.current?.client ?? connection.open;
    const pid = client && processIdOf(client);
    if (attempt.inFlight === 0 || pid === undefined) return;
    // Behind a pooler the pid is not the server's: look before cancelling.
    const cancel = `SELECT pg_catalog.pg_cancel_backend(pid) FROM pg_catalog.pg_stat_activity
      WHERE pid = ${pid} AND usename = current_user`;
    await observer.ask((other) => other.query(cancel)).catch(() => undefined);
  }
}

function managerOf(sequelize: SequelizeInstance): ConnectionManager {
  return (sequelize as unknown as { connectionManager: ConnectionManager }).connectionManager;
}

function watchNetworkOf({ connection, scope, observer, lock, options }: SessionParts): () => void {
  if (!lock) return () => undefined;
  return watchNetwork({
    lock,
    observer,
    client: () => connection.open,
    current: () => scope.current?.current ?? connection.sending,
    pooled: connection.server.pooled,
    silenceMs: options.silenceMs,
  });
}
