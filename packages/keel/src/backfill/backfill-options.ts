import type { WhereOptions } from 'sequelize';

/** A row as Sequelize reads it: dates as `Date`, BIGINT and DECIMAL as text, JSON as objects. */
export type BackfillRow = Readonly<Record<string, unknown>>;

/** What to change, in which rows, and how fast. */
export interface BackfillOptions<Row extends object = BackfillRow> {
  /** The table, as `queryInterface` takes it. */
  readonly table: string | { readonly tableName: string; readonly schema?: string };
  /**
   * The new values by column: anything that `queryInterface.bulkUpdate` takes, such as
   * `{ total: literal('price * amount') }`. Either this or {@link each}.
   */
  readonly set?: { readonly [Column in keyof Row]?: unknown };
  /**
   * Computes the changes of a batch of rows. A change names its row by the columns of the key, and has the new values
   * of some others; rows without a change stay as they are. The rows are locked meanwhile, so it must not take long.
   */
  readonly each?: (
    this: void,
    rows: readonly Row[],
  ) => readonly Partial<Row>[] | Promise<readonly Partial<Row>[]>;
  /** The columns that {@link each} is given besides those of the key; all where undefined. */
  readonly columns?: readonly (keyof Row & string)[];
  /** Which rows; all where undefined. */
  readonly where?: WhereOptions;
  /** The rows of one transaction. Where undefined as many as take about 150 ms, between 100 and 20,000. */
  readonly batch?: number;
  /** How long to rest after each batch, in milliseconds; 10 where undefined. */
  readonly pause?: number;
  /** How long a batch waits for a row that others have locked until it is given up and tried again, in milliseconds; 250. */
  readonly lockTimeout?: number;
  /** How far a replica may be behind before the backfill waits for it, in milliseconds; 10,000. */
  readonly maxLag?: number;
  /** For how long a batch is tried again, or a replica waited for, in milliseconds; ten minutes. */
  readonly patience?: number;
  /** Called after each batch. Without it, and without keel, a line a few seconds is printed on standard error. */
  readonly onProgress?: (this: void, progress: BackfillProgress) => void;
}

/** How far a backfill has come. */
export interface BackfillProgress {
  readonly table: string;
  /** Rows that were looked at, also before an interruption. */
  readonly done: number;
  /** About how many there are. */
  readonly total: number;
  readonly rowsPerSecond: number;
  /** About how long it will take, in milliseconds; undefined before anything is known. */
  readonly leftMs: number | undefined;
  /** What it waits for. */
  readonly waiting?: string;
}

/** What a backfill did. */
export interface BackfillResult {
  readonly table: string;
  /** Rows that were looked at, also before an interruption. */
  readonly rows: number;
  /** Rows that were changed, also before an interruption. */
  readonly changed: number;
  /** The batches of this run. */
  readonly batches: number;
  /** Whether it went on where an earlier run had stopped. */
  readonly resumed: boolean;
}
