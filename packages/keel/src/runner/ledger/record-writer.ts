import type pg from 'pg';
import { isConnectionLoss, postgresError } from '../../db/connection-error';
import { KeelError, messageOf, NOTHING_CHANGED } from '../../errors';
import { keelVersion } from '../../keel-version';
import { listNames } from '../files/list-names';
import type { MigrationFolder } from './migration-folder';
import type { MigrationState } from '../files/migration-state';
import type { HistoryEntry } from './history';

/** What marks the history's part of a record. */
const SAVEPOINT = 'keel_history';

/** The connection on which the file that is recorded has run. */
export interface RecordingConnection {
  /** The transaction status that the server told last. */
  readonly status: 'I' | 'T' | 'E';
  send(sql: string): Promise<unknown>;
  /** Sends what ends in a COMMIT, and begins the transaction of another file that follows. */
  commit(sql: string, next: { readonly another: boolean }): Promise<void>;
  /** Resolves when the status is up to date after an error. */
  answered(): Promise<void>;
}

/** What is known of a file when it is recorded. */
export interface FileRecord extends Pick<
  HistoryEntry,
  'direction' | 'mode' | 'startedAt' | 'durationMs' | 'checksum'
> {
  /** Why it took more than one try, and what it did not wait for. */
  readonly notes: readonly string[];
  /** Whether its transaction is open and takes the record in. */
  readonly open: boolean;
  /** Its statements named the ledger's table, so it must be looked at again. */
  readonly touchedLedger: boolean;
  /** SQL to send before the record. */
  readonly first: string;
  /** SQL of the file's own that is committed with its record. */
  readonly with: readonly string[];
  /** What ends it in place of COMMIT, where the transaction goes on; empty for nothing. */
  readonly end?: string;
  /** Whether the history may take the file with it where it cannot be written: then there is no savepoint between. */
  readonly whole?: boolean;
  /** Whether another file follows in a transaction. */
  readonly another: boolean;
}

/** How a run is recorded. */
export interface RecordWriterOptions {
  /** The number of the run, for all that it applies. */
  readonly batch: number;
  /** False to write the ledger alone. */
  readonly history: boolean;
  readonly warn: (message: string) => void;
}

/** Writes what has run into the ledger and keel's history. */
export class RecordWriter {
  /** A file of this run wrote to the ledger itself, so what was planned may be done already. */
  ledgerTouched = false;
  /** Whether the last record failed before its COMMIT, and not for the history. */
  private recordFailed = false;
  /** Whether the history can be written; a run goes on without it. */
  private history: boolean;
  private readonly batch: number;
  private readonly warn: (message: string) => void;

  constructor(
    private readonly folder: MigrationFolder,
    { batch, history, warn }: RecordWriterOptions,
  ) {
    this.batch = batch;
    this.history = history;
    this.warn = warn;
  }

  /**
   * Makes the tables that are not there.
   *
   * @throws KeelError `NO_PRIVILEGE` where the role may not make the ledger
   */
  async prepare(client: pg.Client): Promise<void> {
    const { ledger, history } = this.folder;
    await ledger.prepare();
    if (!ledger.exists) await this.create(client, ledger.createSql());
    if (!this.history) return;
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

  /**
   * Writes a file's record and commits it.
   *
   * @throws where nothing of it was committed
   */
  async record(
    connection: RecordingConnection,
    state: MigrationState,
    record: FileRecord,
  ): Promise<void> {
    this.ledgerTouched ||= record.touchedLedger;
    const sql = this.sql(state, record);
    const { open, first } = record;
    this.recordFailed = false;
    await this.commit(connection, open ? [first, sql] : ['BEGIN', sql], record);
  }

  /**
   * Carries records over to a storage that is no table, which is written once the database has committed.
   *
   * @throws KeelError `FILE_NOT_WRITTEN` that says what has run all the same
   */
  async apply(states: readonly MigrationState[], direction: 'up' | 'down'): Promise<void> {
    const { ledger, kind } = this.folder;
    const names = states.map(({ ledgerName, name }) => ledgerName ?? name);
    try {
      await ledger.apply(direction === 'up' ? { add: names } : { remove: names });
    } catch (error) {
      const [verb, flag] = kind === 'migration' ? ['db:migrate', '--name'] : ['db:seed', '--seed'];
      const command = [direction === 'up' ? verb : `${verb}:undo`, '--fake'];
      throw new KeelError(
        `The ledger ${ledger.settings.path} was not written: ${messageOf(error)}.`,
        {
          code: 'FILE_NOT_WRITTEN',
          state: `${listNames(names)} came to a good end and ${names.length === 1 ? 'is' : 'are'} committed; the ledger does not say so.`,
          hint: `See that it can be written, then record it without running it again: keel ${[...command, ...names.flatMap((name) => [flag, name])].join(' ')}`,
          cause: error,
        },
      );
    }
  }

  private sql(state: MigrationState, record: FileRecord): string {
    const { ledger, history, kind } = this.folder;
    const { touchedLedger, direction, notes } = record;
    const name = state.ledgerName ?? state.name;
    const options = { tolerant: touchedLedger };
    // A file that names the ledger may have dropped it.
    const parts = [...record.with, touchedLedger ? ledger.createSql() : ''];
    parts.push(
      direction === 'up' ? ledger.insertSql(name, options) : ledger.deleteSql(name, options),
    );
    if (this.history) {
      const note = notes.length > 0 ? notes.join('; ') : undefined;
      const entry = { ...record, kind, name: state.name, batch: this.batch, note };
      parts.push(record.whole ? '' : `SAVEPOINT ${SAVEPOINT}`);
      parts.push(touchedLedger ? history.createSql() : '');
      parts.push(history.insertSql(entry, keelVersion()));
    }
    return parts.filter((part) => part !== '').join('; ');
  }

  /**
   * Sends what records a file, up to its COMMIT. Where the history alone cannot be written, the file is committed
   * without: a project may put triggers or policies on the tables of all schemas, which do not suit this one.
   */
  private async commit(
    connection: RecordingConnection,
    statements: readonly string[],
    { another, end = 'COMMIT', whole }: Pick<FileRecord, 'another' | 'end' | 'whole'>,
  ): Promise<void> {
    try {
      const sql = [...statements, end].filter((part) => part !== '').join('; ');
      await connection.commit(sql, { another });
    } catch (error) {
      await connection.answered();
      // A COMMIT that fails leaves no transaction.
      this.recordFailed = connection.status === 'E';
      if (!this.history || !this.recordFailed || whole) throw error;
      try {
        // Before the savepoint it was the ledger that failed; then there is none to go back to.
        await connection.send(`ROLLBACK TO SAVEPOINT ${SAVEPOINT}; ${end}`);
        this.recordFailed = false;
      } catch {
        throw error;
      }
      this.history = false;
      const triggers = await readTriggers(connection, this.folder.history.triggersSql());
      const remedy = triggers.length === 0 ? '' : ` ${TAKE_OFF} it: ${triggers.join(' ')}`;
      this.warn(
        `keel's own history could not be written (${messageOf(error)}); this run is recorded in the ledger alone.${remedy}`,
      );
    }
  }

  /**
   * What is to be said of a record that failed, once its transaction is rolled back: the file itself went through, and
   * what failed is a table that the file does not name. Nothing where the record is not what failed.
   */
  async explainFailure(connection: Pick<RecordingConnection, 'send'>): Promise<string[]> {
    const { ledger } = this.folder;
    if (!this.recordFailed || ledger.settings.storage !== 'sequelize') return [];
    const triggers = await readTriggers(connection, ledger.triggersSql());
    const table = `"${ledger.settings.table}"`;
    return [
      `What failed is to record it in ${table}, when the file itself had run.`,
      triggers.length === 0
        ? `Where the file puts triggers, policies or rules on all tables, leave ${table} out.`
        : `${TAKE_OFF} ${table}: ${triggers.join(' ')}`,
    ];
  }
}

const TAKE_OFF = "Take the project's triggers off";

/** What takes the project's triggers off a table again. */
async function readTriggers(
  connection: Pick<RecordingConnection, 'send'>,
  sql: string,
): Promise<string[]> {
  try {
    const { rows } = (await connection.send(sql)) as { rows: { drop: string }[] };
    return rows.map(({ drop }) => drop);
  } catch {
    return [];
  }
}
