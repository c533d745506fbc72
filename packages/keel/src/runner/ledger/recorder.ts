import type pg from 'pg';
import { isConnectionLoss, postgresError } from '../../db/connection-error';
import { KeelError, messageOf, NOTHING_CHANGED } from '../../errors';
import { keelVersion } from '../../keel-version';
import type { Folder } from '../migration-folder';
import type { HistoryEntry } from './history';

/** What marks the history's part of a record. */
const SAVEPOINT = 'keel_history';

/** The connection on which the file that is recorded has run. */
export interface RecordingSession {
  /** The transaction status that the server told last. */
  readonly status: 'I' | 'T' | 'E';
  send(sql: string): Promise<void>;
  /** Resolves when the status is up to date after an error. */
  answered(): Promise<void>;
}

/** Writes what has run into the ledger and keel's history. */
export class Recorder {
  private history = true;

  /** @param batch the number of this run, for all that it applies */
  constructor(
    private readonly folder: Folder,
    readonly batch: number,
    private readonly warn: (message: string) => void,
  ) {}

  /**
   * Makes the tables that are not there.
   *
   * @throws KeelError `NO_PRIVILEGE` where the role may not make the ledger
   */
  async prepare(client: pg.Client): Promise<void> {
    const { ledger, history } = this.folder;
    if (!ledger.exists) await this.create(client, ledger.createSql());
    try {
      await history.prepare(client);
    } catch (error) {
      if (isConnectionLoss(error)) throw error;
      this.history = false;
      this.warn(
        `keel's own history could not be made (${messageOf(error)}); this run is recorded in the ledger alone.`,
      );
    }
  }

  private async create(client: pg.Client, sql: string): Promise<void> {
    try {
      await client.query(sql);
    } catch (error) {
      const { table, schema } = this.folder.ledger.settings;
      const readOnly = postgresError(error)?.code === '25006';
      if (!readOnly && postgresError(error)?.code !== '42501') throw error;
      throw new KeelError(`The table "${table}" could not be made: ${messageOf(error)}.`, {
        code: readOnly ? 'READ_ONLY' : 'NO_PRIVILEGE',
        state: NOTHING_CHANGED,
        hint: readOnly
          ? 'Run it on the primary server, or let the role or the database write (default_transaction_read_only).'
          : `Let a role that may create tables run the migrations, or: GRANT CREATE ON SCHEMA ${schema ?? 'public'} TO ...;`,
        cause: error,
      });
    }
  }

  /** The SQL that records one file, for the file's own transaction. */
  sql(entry: HistoryEntry, ledgerName: string, touchedLedger: boolean): string {
    const { ledger, history } = this.folder;
    const options = { tolerant: touchedLedger };
    const parts = [
      // A file that names the ledger may have dropped it.
      touchedLedger ? ledger.createSql() : '',
      entry.direction === 'up'
        ? ledger.insertSql(ledgerName, options)
        : ledger.deleteSql(ledgerName, options),
      ...(this.history
        ? [
            `SAVEPOINT ${SAVEPOINT}`,
            touchedLedger ? history.createSql() : '',
            history.insertSql(entry, keelVersion()),
          ]
        : []),
    ];
    return parts.filter((part) => part !== '').join('; ');
  }

  /**
   * Sends what records a file, up to its COMMIT. Where the history alone cannot be written, the file is committed
   * without: a project may put triggers or policies on all tables, which do not suit this one.
   */
  async commit(session: RecordingSession, statements: readonly string[]): Promise<void> {
    try {
      await session.send([...statements, 'COMMIT'].filter((part) => part !== '').join('; '));
    } catch (error) {
      await session.answered();
      if (!this.history || session.status !== 'E') throw error;
      try {
        // Before the savepoint it was the ledger that failed; then there is none to go back to.
        await session.send(`ROLLBACK TO SAVEPOINT ${SAVEPOINT}; COMMIT`);
      } catch {
        throw error;
      }
      this.history = false;
      this.warn(
        `keel's own history could not be written (${messageOf(error)}); this run is recorded in the ledger alone.`,
      );
    }
  }
}
