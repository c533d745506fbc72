import type pg from 'pg';
import type { TransactionControl } from '../../db/sql-text';

/** Sends SQL on the connection that a statement runs on, past everything that looks at the file's own statements. */
export type RawQuery = Pick<pg.Client, 'query'>;

/** A statement that a file has asked for and that has not been sent. */
export interface AskedStatement {
  readonly sql: string;
  readonly values: readonly unknown[] | undefined;
}

/** Where a statement runs. */
export interface StatementPlace {
  readonly raw: RawQuery;
  /** Whether it runs in the file's transaction; without one it is committed by itself. */
  readonly inTransaction: boolean;
}

/** Sends a statement when its turn has come, and looks at what it did. */
export type TracedSend = (place: StatementPlace, send: () => Promise<unknown>) => Promise<unknown>;

/** Whoever wants to see what each statement of a file does: `db:lint` and the dry run. */
export interface StatementTracer {
  /** Shown the `queryInterface` that the files are handed, before the first runs. */
  watch(queryInterface: unknown): void;
  /** Called at the moment when the file's code asks for a statement, so that the stack still tells where. */
  asked(statement: AskedStatement): TracedSend;
  /** Called for a BEGIN, COMMIT or ROLLBACK of the file that the run carries out as a savepoint of its own transaction. */
  controlled?(kind: TransactionControl): void;
  /** Called when the file's function is done; what the run sends from then on is its own. */
  settled(): void;
}
