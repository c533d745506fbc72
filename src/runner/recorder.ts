import type pg from 'pg';
import { isConnectionLoss, postgresError } from '../db/connection-error';
import { KeelError, messageOf } from '../errors';
import { keelVersion } from '../version';
import type { Folder } from './folder';
import type { HistoryEntry } from './history';

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
    if (history.exists) return;
    try {
      await client.query(history.createSql());
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
        state: 'Nothing was changed.',
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
      this.history && touchedLedger ? history.createSql() : '',
      this.history ? history.insertSql(entry, keelVersion()) : '',
    ];
    return parts.filter((part) => part !== '').join('; ');
  }
}
