import type pg from 'pg';
import { keepAlive } from '../../db/client';
import { canonicalHost } from '../../db/connection-url';
import type { Project } from '../../project/project';
import type { Attempt } from '../attempt/attempt';
import { observeConnection } from '../attempt/observe-connection';
import { virtualConnection } from '../attempt/virtual-connection';
import { withoutGuard } from '../../project/watch-detours';
import type { AttemptScope } from './attempt-scope';
import type { ConnectionInterceptor, ConnectionManager } from './intercept-connections';
import type { RunConnection } from './run-connection';

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
  private readonly prepared = new WeakSet<pg.Client>();
  /** Connections of the pool of the instance that files are handed, used by the file that is running. */
  private readonly used = new Set<pg.Client>();

  /** @param manager the connection manager of the instance that files are handed */
  constructor(
    private readonly project: Project,
    private readonly manager: ConnectionManager,
    private readonly connection: RunConnection,
    private readonly scope: AttemptScope,
  ) {}

  /** Forgets the connections that the last attempt gave back. */
  reset(): void {
    this.free.clear();
    this.used.clear();
  }

  /** Closes the pool's connections that a file without a transaction changed the session of. */
  async discardUsed(): Promise<void> {
    for (const client of this.used) await this.manager.pool.destroy(client);
    this.used.clear();
  }

  owns(manager: ConnectionManager): boolean {
    if (manager === this.manager) return true;
    return this.scope.covers && sameDatabase(manager, this.project);
  }

  async acquire(
    manager: ConnectionManager,
    fromPool: () => PromiseLike<pg.Client>,
  ): Promise<pg.Client> {
    const owner = { own: manager === this.manager };
    const { current } = this.scope;
    if (current?.options.mode === 'none') {
      if (!owner.own && this.project.standsFor) throw new Error(OUTSIDE_SCRATCH);
      const client = await withoutGuard(fromPool);
      await this.prepare(client);
      if (owner.own) this.used.add(client);
      observeConnection(client, { attempt: current, owner });
      return client;
    }
    const { options } = manager.sequelize;
    // It would learn the version from a connection of its own, which it does not get.
    if (options.databaseVersion === 0) {
      options.databaseVersion = this.manager.sequelize.options.databaseVersion ?? 0;
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

  /**
   * Without a transaction a setting holds for as long as the connection. Behind a pooler it would go to whoever
   * gets the server's connection next, so there it is left out.
   */
  private async prepare(client: pg.Client): Promise<void> {
    if (this.prepared.has(client)) return;
    this.prepared.add(client);
    keepAlive(client);
    const { wanted, pooled } = this.connection.server;
    const settings = Object.entries(wanted);
    if (pooled || settings.length === 0) return;
    await client.query(settings.map(([name, value]) => `SET ${name} = ${value}`).join('; '));
  }

  private create(manager: ConnectionManager, owner: { readonly own: boolean }): pg.Client {
    const { scope } = this;
    const connection = virtualConnection(
      this.connection.client,
      owner,
      () => scope.current ?? (scope.last as Attempt),
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
