import type pg from 'pg';
import type { LedgerSettings } from '../../project/project';

/**
 * The record of what has run, as sequelize-cli keeps it. Changes to a table are made by SQL that the caller
 * sends in the migration's own transaction; the other storages are changed by `apply` after it.
 */
export interface Ledger {
  readonly settings: LedgerSettings;
  /** What tells it from the other ledgers of the database, once it has been read. */
  readonly identity: string;
  /** Whether its table was there at the last reading; always true of other storages. */
  readonly exists: boolean;
  /** The names recorded, in the ledger's own order; read afresh at each call. */
  read(client: pg.Client): Promise<string[]>;
  /** SQL that makes the table unless it is there; empty for other storages. */
  createSql(): string;
  /** Fails where the row is there already, unless `tolerant`: the migration may have written it itself. */
  insertSql(name: string, options: { readonly tolerant: boolean }): string;
  /** Fails where the row is not there, unless `tolerant`. */
  deleteSql(name: string, options: { readonly tolerant: boolean }): string;
  /** SQL for the statements that drop what triggers the project has put on the table; none where there is no table. */
  triggersSql(): string;
  /** Sees to it that a storage that is no table can be written, before anything runs. */
  prepare(): Promise<void>;
  /** Carries a change over to a storage that is no table. */
  apply(change: LedgerChange): Promise<void>;
}

/** What has been applied, or undone. */
export interface LedgerChange {
  readonly add?: readonly string[];
  readonly remove?: readonly string[];
}
