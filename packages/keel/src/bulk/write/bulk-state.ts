import type pg from 'pg';
import { postgresError } from '../../db/connection-error';
import { CREATE_KEEL_SCHEMA } from '../../db/keel-schema';
import { quoteLiteral, quoteTable } from '../../db/quote';
import type { RowRange } from '../plan/row-ranges';
import type { Segment, TablePlan } from '../plan/bulk-plan';

/** What is recorded of a table that bulk data was made for. */
export interface StoredTable {
  readonly plan: TablePlan;
  readonly position: number;
  readonly seed: number;
  readonly generatorVersion: number;
  readonly segments: readonly Segment[];
  /** For rows that are taken as they are: a hash of their keys. */
  readonly fingerprint: string | null;
  readonly finished: boolean;
  /** What has been committed, by pass: 1 the rows, 2 the late foreign keys. */
  readonly done: Readonly<Record<1 | 2, readonly RowRange[]>>;
}

/** Where the record is kept. */
export interface BulkStatePlace {
  readonly schema: string | undefined;
  /** In keel's schema, which project of the database rows belong to; undefined beside the ledger. */
  readonly scope: string | undefined;
  readonly exists: boolean;
}

/** The record of bulk data: keel's own tables `bulk` and `bulk_chunks`. */
export class BulkState {
  /** The tables, as SQL. */
  readonly tables: string;
  readonly chunks: string;
  private exists: boolean;
  private readonly scope: string | undefined;

  constructor(place: BulkStatePlace) {
    const prefix = place.scope === undefined ? 'keel_' : '';
    this.tables = quoteTable(place.schema, `${prefix}bulk`);
    this.chunks = quoteTable(place.schema, `${prefix}bulk_chunks`);
    this.scope = place.scope;
    this.exists = place.exists;
  }

  /** SQL: is this row of this project? */
  private get mine(): string {
    return this.scope === undefined ? 'true' : `scope = ${quoteLiteral(this.scope)}`;
  }

  /** SQL that says which rows of the record are of some tables. */
  rowsOf(tables: readonly string[]): string {
    return `${this.tables} WHERE ${this.mine} AND name IN (${tables.map(quoteLiteral).join(', ')})`;
  }

  async create(client: pg.Client): Promise<void> {
    const [scope, key] = this.scope === undefined ? ['', ''] : ['scope text NOT NULL, ', 'scope, '];
    if (this.scope !== undefined) await client.query(CREATE_KEEL_SCHEMA);
    await client.query(`
      CREATE TABLE IF NOT EXISTS ${this.tables} (
        ${scope}name text NOT NULL,
        "position" integer NOT NULL,
        seed bigint NOT NULL,
        generator_version integer NOT NULL,
        plan jsonb NOT NULL,
        segments jsonb NOT NULL,
        fingerprint text,
        started timestamptz NOT NULL DEFAULT now(),
        finished timestamptz,
        PRIMARY KEY (${key}name)
      )`);
    await client.query(`
      CREATE TABLE IF NOT EXISTS ${this.chunks} (
        ${scope}name text NOT NULL,
        pass smallint NOT NULL,
        first_row bigint NOT NULL,
        end_row bigint NOT NULL,
        PRIMARY KEY (${key}name, pass, first_row),
        FOREIGN KEY (${key}name) REFERENCES ${this.tables} ON DELETE CASCADE
      )`);
    this.exists = true;
  }

  /** Copies the record that stands beside a ledger. */
  async copyFrom(client: pg.Client, tables: string, chunks: string): Promise<void> {
    const copies = [
      [
        this.tables,
        tables,
        `name, "position", seed, generator_version, plan, segments, fingerprint, started, finished`,
      ],
      [this.chunks, chunks, 'name, pass, first_row, end_row'],
    ] as const;
    for (const [to, from, columns] of copies) {
      await client.query(
        `INSERT INTO ${to} (scope, ${columns}) SELECT ${quoteLiteral(this.scope ?? '')}, ${columns} FROM ${from}`,
      );
    }
  }

  /** Drops the tables, unless the record of another project is in them. */
  async drop(client: pg.Client): Promise<void> {
    if (!this.exists) return;
    const { rowCount } = await client.query(`SELECT FROM ${this.tables} LIMIT 1`);
    if (rowCount !== 0) return;
    try {
      await client.query(`DROP TABLE IF EXISTS ${this.chunks}, ${this.tables}`);
    } catch (error) {
      // 42501: they belong to another role. Empty tables do no harm.
      if (postgresError(error)?.code !== '42501') throw error;
    }
  }

  /** Everything recorded, by table, in the order in which the tables were filled. */
  async read(client: pg.Client): Promise<Map<string, StoredTable>> {
    if (!this.exists) return new Map();
    const tables = await client.query<TableRow>(
      `SELECT name, "position", seed::float8 AS seed, generator_version, plan, segments, fingerprint,
              finished IS NOT NULL AS finished
         FROM ${this.tables} WHERE ${this.mine} ORDER BY "position", name`,
    );
    const chunks = await client.query<ChunkRow>(
      `SELECT name, pass, first_row::float8 AS from, end_row::float8 AS to FROM ${this.chunks}
        WHERE ${this.mine} ORDER BY name, pass, first_row`,
    );
    const done = (name: string, pass: number): RowRange[] =>
      chunks.rows
        .filter((row) => row.name === name && row.pass === pass)
        .map(({ from, to }) => ({ from, to }));
    return new Map(
      tables.rows.map(({ name, generator_version, ...row }) => [
        name,
        {
          ...row,
          generatorVersion: generator_version,
          done: { 1: done(name, 1), 2: done(name, 2) },
        },
      ]),
    );
  }

  /** Records a table's plan, new or grown. */
  async write(client: pg.Client, table: Omit<StoredTable, 'done' | 'finished'>): Promise<void> {
    const [column, key] = this.inserted;
    await client.query(
      `INSERT INTO ${this.tables} AS t (${column}name, "position", seed, generator_version, plan, segments, fingerprint)
       VALUES (${key}$1, $2, $3, $4, $5, $6, $7)
       ON CONFLICT (${column}name) DO UPDATE SET plan = excluded.plan, segments = excluded.segments,
         "position" = excluded."position", fingerprint = excluded.fingerprint, finished = NULL`,
      [
        table.plan.id,
        table.position,
        table.seed,
        table.generatorVersion,
        JSON.stringify(table.plan),
        JSON.stringify(table.segments),
        table.fingerprint,
      ],
    );
  }

  /** Records that rows were written; to be called in the transaction that writes them. */
  async addChunk(
    client: pg.Client,
    name: string,
    pass: 1 | 2,
    { from, to }: RowRange,
  ): Promise<void> {
    const [column, key] = this.inserted;
    await client.query(
      `INSERT INTO ${this.chunks} (${column}name, pass, first_row, end_row) VALUES (${key}$1, $2, $3, $4)`,
      [name, pass, from, to],
    );
  }

  /** The column of the scope and its value, as INSERT lists them. */
  private get inserted(): readonly [string, string] {
    return this.scope === undefined ? ['', ''] : ['scope, ', `${quoteLiteral(this.scope)}, `];
  }

  /** Takes rows out of the record; to be called in the transaction that deletes them. */
  async removeChunk(client: pg.Client, name: string, pass: 1 | 2, range: RowRange): Promise<void> {
    await client.query(
      `DELETE FROM ${this.chunks} WHERE ${this.mine} AND name = $1 AND pass = $2 AND first_row = $3`,
      [name, pass, range.from],
    );
  }

  async finish(client: pg.Client, names: readonly string[]): Promise<void> {
    if (names.length === 0) return;
    await client.query(
      `UPDATE ${this.tables} SET finished = now() WHERE ${this.mine} AND name = ANY($1)`,
      [names],
    );
  }

  async remove(client: pg.Client, name: string): Promise<void> {
    await client.query(`DELETE FROM ${this.rowsOf([name])}`);
  }
}

interface TableRow {
  readonly name: string;
  readonly position: number;
  readonly seed: number;
  readonly generator_version: number;
  readonly plan: TablePlan;
  readonly segments: readonly Segment[];
  readonly fingerprint: string | null;
  readonly finished: boolean;
}

interface ChunkRow {
  readonly name: string;
  readonly pass: 1 | 2;
  readonly from: number;
  readonly to: number;
}
