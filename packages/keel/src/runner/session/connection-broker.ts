import type pg from 'pg';
import type { Project } from '../../project/project';
import { withoutGuard } from '../watch/outside-guard';
import type { Attempt } from '../attempt/attempt';
import {
  observeConnection,
  virtualConnection,
  type ConnectionInterceptor,
  type ConnectionManager,
} from '../attempt/capture';

/** What the broker asks its session. */
export interface BrokerSession {
  readonly project: Project;
  /** The connection manager of the instance that files are handed. */
  readonly manager: ConnectionManager;
  /** The run's own connection. */
  readonly client: pg.Client;
  /** The attempt that is running. */
  readonly attempt: Attempt | undefined;
  /** The attempt before, which statements that come late belong to. */
  readonly lastAttempt: Attempt | undefined;
  /** Whether a query that is made here and now is the file's. */
  readonly isOurs: boolean;
  /** Prepares a connection of the pool for use. */
  prepare(client: pg.Client): Promise<void>;
}

/** Its own connection would change the database that the scratch database stands for. */
const OUTSIDE_SCRATCH =
  'a migration without a transaction uses models with a connection of their own, which cannot be led to a scratch database';

/**
 * Gives a file's code its connections: in a transaction they all stand for the run's own; without one they
 * are the pool's, looked at.
 */
export class ConnectionBroker implements ConnectionInterceptor {
  private readonly free = new Map<ConnectionManager, pg.Client[]>();
  private readonly virtual = new WeakMap<pg.Client, ConnectionManager>();
  /** The run's own connection is being opened: it alone comes from the pool as it is. */
  private passing = false;

  constructor(private readonly session: BrokerSession) {}

  /** Forgets the connections that the last attempt gave back. */
  reset(): void {
    this.free.clear();
  }

  /** A connection of the pool itself. */
  async takeFromPool(): Promise<pg.Client> {
    this.passing = true;
    try {
      return await this.session.manager.getConnection({ type: 'RAW', useMaster: true });
    } finally {
      this.passing = false;
    }
  }

  owns(manager: ConnectionManager): boolean {
    const { session } = this;
    if (manager === session.manager) return true;
    return (
      session.isOurs && session.attempt !== undefined && sameDatabase(manager, session.project)
    );
  }

  async acquire(
    manager: ConnectionManager,
    fromPool: () => PromiseLike<pg.Client>,
  ): Promise<pg.Client> {
    if (this.passing) return fromPool();
    const { session } = this;
    const owner = { own: manager === session.manager };
    if (session.attempt?.options.mode === 'none') {
      if (!owner.own && session.project.standsFor) throw new Error(OUTSIDE_SCRATCH);
      const client = await withoutGuard(fromPool);
      await session.prepare(client);
      observeConnection(client, { attempt: session.attempt, owner });
      return client;
    }
    const { options } = manager.sequelize;
    // It would learn the version from a connection of its own, which it does not get.
    if (options.databaseVersion === 0) {
      options.databaseVersion = session.manager.sequelize.options.databaseVersion ?? 0;
    }
    return this.free.get(manager)?.pop() ?? this.create(manager, owner);
  }

  release(connection: pg.Client): boolean {
    const manager = this.virtual.get(connection);
    if (!manager) return false;
    const free = this.free.get(manager) ?? [];
    if (!free.includes(connection)) free.push(connection);
    this.free.set(manager, free);
    return true;
  }

  private create(manager: ConnectionManager, owner: { readonly own: boolean }): pg.Client {
    const { session } = this;
    const connection = virtualConnection(
      session.client,
      owner,
      () => session.attempt ?? (session.lastAttempt as Attempt),
    );
    this.virtual.set(connection, manager);
    return connection;
  }
}

function sameDatabase(manager: ConnectionManager, project: Project): boolean {
  const { host, port, database } = manager.sequelize.config as {
    readonly host?: string;
    readonly port?: string | number;
    readonly database?: string;
  };
  return [project.connection, project.standsFor].some(
    (connection) =>
      connection !== undefined &&
      database === connection.database &&
      Number(port ?? 5432) === connection.port &&
      canonicalHost(host ?? 'localhost') === canonicalHost(connection.host),
  );
}

function canonicalHost(host: string): string {
  return ['127.0.0.1', '::1'].includes(host) ? 'localhost' : host;
}
