/** How big a table is. */
export interface TableSize {
  readonly rows: number;
  /** Of its rows, without its indexes. */
  readonly bytes: number;
}

/** What is known of the database that the files are meant for. */
export interface TableSizes {
  /** By name with schema, `public.users`. */
  readonly tables: Readonly<Record<string, TableSize>>;
  /**
   * Whether a table may be taken to be as small as it is here. In a database for development it says nothing; there only
   * what is big is believed.
   */
  readonly trusted: boolean;
  /** Indexes that a failed CREATE INDEX CONCURRENTLY has left, with schema. */
  readonly invalidIndexes: readonly string[];
}

/** Where nothing is known: then every table may be big. */
export const unknownSizes: TableSizes = { tables: {}, trusted: false, invalidIndexes: [] };
