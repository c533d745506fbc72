import type pg from 'pg';
import { close, keepAlive, patiently } from '../../db/client';
import { isConnectionLoss } from '../../db/connection-error';
import { quoteIdentifier } from '../../db/quote';
import { isCut, processIdOf } from '../../db/wire';
import type { Project } from '../../project/project';
import type { WatchedConnection } from '../attempt/watched-connection';
import type { SessionTraces } from '../attempt/session-traces';
import { takeFromPool, type ConnectionManager } from './intercept-connections';
import {
  SERVER_SETTINGS,
  serverSettings,
  type Limits,
  type ServerSettings,
  type ServerSettingsRow,
} from './server-settings';
import { sessionStateSql, type SessionState } from './session-state';
import { TransactionStatus } from './transaction-status';

/**
 * The connection of a run, taken from the project's own pool: every file's transaction and every record goes over
 * it. A file finds it as if it were new, whatever the one before left on it.
 */
export class RunConnection implements WatchedConnection {
  private real: pg.Client | undefined;
  private wire: TransactionStatus | undefined;
  private readonly ignoreSearchPath: boolean;
  /** The state of the session when it was new. */
  private fresh = '';
  private role = 'none';
  /** The next file's transaction has begun with the message that ended the last one's. */
  private begun = false;
  /** What the files since the session was last looked at may have left on it. */
  private traces: SessionTraces[] = [];
  /** A statement of the runner's own on its way. */
  sending: { readonly client: pg.Client } | undefined;
  server: ServerSettings = {
    wanted: {},
    ownLockTimeoutMs: undefined,
    lockTimeoutMs: 0,
    pooled: false,
  };

  private constructor(
    project: Project,
    private readonly manager: ConnectionManager,
    private readonly given: Limits,
  ) {
    this.ignoreSearchPath = project.connection.options.prependSearchPath === true;
  }

  /** Takes a connection from the pool; the caller closes it. */
  static async open(
    project: Project,
    manager: ConnectionManager,
    limits: Limits,
  ): Promise<RunConnection> {
    const connection = new RunConnection(project, manager, limits);
    try {
      await patiently(project.connection, () => connection.connect());
      return connection;
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  close(): void {
    if (this.real) this.manager.releaseConnection(this.real);
    this.real = undefined;
  }

  get client(): pg.Client {
    if (!this.real) throw new Error('The session is closed.');
    return this.real;
  }

  get open(): pg.Client | undefined {
    return this.real;
  }

  /** The server's process; behind a pooler, a number that means nothing to the server. */
  get backendPid(): number | undefined {
    return this.real && processIdOf(this.real);
  }

  get status(): 'I' | 'T' | 'E' {
    return this.wire?.status ?? 'I';
  }

  get lockLimit(): WatchedConnection['lockLimit'] {
    const { wanted, ownLockTimeoutMs } = this.server;
    if (ownLockTimeoutMs !== undefined) return 'default';
    return wanted.lock_timeout === undefined || wanted.lock_timeout === 0 ? 'none' : 'given';
  }

  async answered(): Promise<void> {
    await this.wire?.answered();
  }

  /** Sends a statement of the runner's own. */
  async send(sql: string): Promise<unknown> {
    const { client } = this;
    this.sending = { client };
    try {
      return await client.query(sql);
    } finally {
      this.sending = undefined;
    }
  }

  /** Begins a transaction on a session as good as new; the statement is on its way when this returns. */
  async begin(): Promise<void> {
    if (this.begun) {
      this.begun = false;
      return;
    }
    await this.revive();
    const begin = this.beginSql();
    if (this.traces.length === 0) await this.send(begin);
    else if (!(await this.isFresh(begin))) {
      await this.reconnect();
      await this.send(begin);
    }
  }

  /**
   * Sends what ends a file's transaction.
   *
   * @param another whether another file follows: its transaction begins in the same message, a round trip less
   */
  async commit(sql: string, { another }: { readonly another: boolean }): Promise<void> {
    // What the file may have left on the session could make the next statement fail, though this one was committed.
    const together = another && this.traces.length === 0;
    await this.send(together ? `${sql}; ${this.beginSql()}` : sql);
    this.begun = together;
  }

  private beginSql(): string {
    const { wanted, ownLockTimeoutMs: own } = this.server;
    const settings = Object.entries(own === undefined ? wanted : { ...wanted, lock_timeout: own });
    return ['BEGIN', ...settings.map(([name, value]) => `SET LOCAL ${name} = ${value}`)].join('; ');
  }

  /** SQL that gives a transaction the run's own role again. */
  get ownRole(): string {
    return `SET LOCAL ROLE ${this.role === 'none' ? 'NONE' : quoteIdentifier(this.role)}`;
  }

  /** Takes back what has not taken effect. On a connection that is lost the server has done so already. */
  async rollback(): Promise<void> {
    this.begun = false;
    await this.send('ROLLBACK').catch(() => undefined);
  }

  /** Remembers that a file has run, so that the session is looked at before the next. */
  leave(traces: SessionTraces): void {
    if (traces.possible) this.traces.push(traces);
  }

  /** Makes the session as good as new where a file left something on it. */
  async freshen(): Promise<void> {
    if (this.traces.length > 0 && !(await this.isFresh())) await this.reconnect();
  }

  /**
   * Asks in the same message that begins the transaction, so that it takes no round trip.
   *
   * @param then sent after the question
   */
  private async isFresh(then?: string): Promise<boolean> {
    const { traces, ignoreSearchPath } = this;
    if (traces.some(({ unnamed }) => unnamed)) return false;
    const names = traces.flatMap(({ customSettings }) => [...customSettings]);
    const question = sessionStateSql(names, { ignoreSearchPath });
    try {
      const answer = await this.send(then === undefined ? question : `${question}; ${then}`);
      const [first] = [answer].flat() as pg.QueryResult<SessionState>[];
      const { state, custom } = first?.rows[0] ?? {};
      if (state !== this.fresh || custom !== '') return false;
      this.traces = [];
      return true;
    } catch (error) {
      // A limit that the file left behind may stop the question itself.
      if (isConnectionLoss(error)) throw error;
      return false;
    }
  }

  /**
   * Takes another connection where this one is gone while it was idle: by idle_session_timeout, a pooler or a firewall.
   * Nothing was in progress on it.
   */
  async revive(): Promise<void> {
    if (isCut(this.client)) await this.reconnect();
  }

  /** Gives the connection up for a new one. Only that undoes everything, and lets the project's hooks set it up. */
  private async reconnect(): Promise<void> {
    const old = this.client;
    this.real = undefined;
    await close(old);
    await this.manager.pool.destroy(old);
    await this.connect();
  }

  private async connect(): Promise<void> {
    const client = await takeFromPool(this.manager);
    keepAlive(client);
    this.real = client;
    this.wire = new TransactionStatus(client);
    this.traces = [];
    const { ignoreSearchPath } = this;
    const question = `${SERVER_SETTINGS}; ${sessionStateSql([], { ignoreSearchPath })}`;
    const answer: unknown = await client.query(question);
    const [settings, session] = answer as [
      pg.QueryResult<ServerSettingsRow>,
      pg.QueryResult<SessionState>,
    ];
    this.server = serverSettings(settings.rows[0] as ServerSettingsRow, this.given, client);
    this.fresh = session.rows[0]?.state ?? '';
    this.role = session.rows[0]?.role ?? 'none';
  }
}
