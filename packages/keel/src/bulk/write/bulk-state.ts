import type pg from 'pg';
import { quoteIdentifier } from '../../db/quote';
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

/** keel's own tables for bulk data, in one schema. */
export class BulkState {
  readonly tables: string;
  readonly chunks: string;

  constructor(readonly schema: string) {
    this.tables = `${quoteIdentifier(schema)}.keel_bulk`;
    this.chunks = `${quoteIdentifier(schema)}.keel_bulk_chunks`;
  }

  async exists(client: pg.Client): Promise<boolean> {
    const { rows } = await client.query<{ found: boolean }>(
      'SELECT to_regclass($1) IS NOT NULL AS found',
      [this.chunks],
    );
    return rows[0]?.found ?? false;
  }

  async create(client: pg.Client): Promise<void> {
    await client.query(`
      CREATE TABLE IF NOT EXISTS ${this.tables} (
        name text PRIMARY KEY,
        "position" integer NOT NULL,
        seed bigint NOT NULL,
        generator_version integer NOT NULL,
        plan jsonb NOT NULL,
        segments jsonb NOT NULL,
        fingerprint text,
        started timestamptz NOT NULL DEFAULT now(),
        finished timestamptz
      )`);
    await client.query(`
      CREATE TABLE IF NOT EXISTS ${this.chunks} (
        name text NOT NULL REFERENCES ${this.tables} ON DELETE CASCADE,
        pass smallint NOT NULL,
        first_row bigint NOT NULL,
        end_row bigint NOT NULL,
        PRIMARY KEY (name, pass, first_row)
      )`);
  }

  async drop(client: pg.Client): Promise<void> {
    await client.query(`DROP TABLE IF EXISTS ${this.chunks}, ${this.tables}`);
  }

  /** Everything recorded, by table, in the order in which the tables were filled. */
  async read(client: pg.Client): Promise<Map<string, StoredTable>> {
    if (!(await this.exists(client))) return new Map();
    const tables = await client.query<TableRow>(
      `SELECT name, "position", seed::float8 AS seed, generator_version, plan, segments, fingerprint,
              finished IS NOT NULL AS finished
         FROM ${this.tables} ORDER BY "position", name`,
    );
    const chunks = await client.query<ChunkRow>(
      `SELECT name, pass, first_row::float8 AS from, end_row::float8 AS to FROM ${this.chunks} ORDER BY name, pass, first_row`,
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
    await client.query(
      `INSERT INTO ${this.tables} AS t (name, "position", seed, generator_version, plan, segments, fingerprint)
       VALUES ($1, $2, $3, $4, $5, $6, $7)
       ON CONFLICT (name) DO UPDATE SET plan = excluded.plan, segments = excluded.segments,
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
    await client.query(
      `INSERT INTO ${this.chunks} (name, pass, first_row, end_row) VALUES ($1, $2, $3, $4)`,
      [name, pass, from, to],
    );
  }

  /** Takes rows out of the record; to be called in the transaction that deletes them. */
  async removeChunk(client: pg.Client, name: string, pass: 1 | 2, range: RowRange): Promise<void> {
    await client.query(
      `DELETE FROM ${this.chunks} WHERE name = $1 AND pass = $2 AND first_row = $3`,
      [name, pass, range.from],
    );
  }

  async finish(client: pg.Client, name: string): Promise<void> {
    await client.query(`UPDATE ${this.tables} SET finished = now() WHERE name = $1`, [name]);
  }

  async remove(client: pg.Client, name: string): Promise<void> {
    await client.query(`DELETE FROM ${this.tables} WHERE name = $1`, [name]);
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
