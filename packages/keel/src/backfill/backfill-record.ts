import type pg from 'pg';
import { CREATE_KEEL_SCHEMA, findKeelTable } from '../db/keel-schema';
import { quoteLiteral } from '../db/quote';
import type { KeyPosition } from './batch-sql';
import type { RunningFile } from './running-file';

/** Which call of `backfill` it is. Outside of keel the file is not known, and the texts are empty. */
export interface BackfillIdentity {
  readonly relation: string;
  readonly file: string;
  readonly direction: string;
  readonly number: number;
}

/** How far a backfill has come. */
export interface BackfillState {
  /** The last row that is done; undefined before the first. */
  readonly position: KeyPosition | undefined;
  /** The last row that there was at the beginning. */
  readonly last: KeyPosition;
  readonly done: number;
  readonly changed: number;
  readonly total: number;
  readonly finished: boolean;
}

/** A backfill as it stands in keel's table. */
export interface StoredBackfill extends BackfillIdentity, BackfillState {
  /** What it changes, as SQL; null where it may go on with something else. */
  readonly definition: string | null;
  /** The table that it began on; null where it may be another one. */
  readonly tableOid: number | null;
}

interface Row extends Omit<StoredBackfill, 'position'> {
  readonly position: string[] | null;
}

/** keel's table `backfills`: a row for each backfill that is under way. */
export class BackfillRecord {
  private constructor(
    /** The table, as SQL. */
    readonly table: string,
    private readonly inKeelSchema: boolean,
    /** Whether the table is there. */
    public exists: boolean,
  ) {}

  static async find(client: pg.Client): Promise<BackfillRecord> {
    const { table, exists, inKeelSchema } = await findKeelTable(client, 'backfills', undefined);
    return new BackfillRecord(table, inKeelSchema, exists);
  }

  /** The backfills of a table that are recorded. */
  async read(client: pg.Client, relation: string): Promise<StoredBackfill[]> {
    if (!this.exists) return [];
    const { rows } = await client.query<Row>(
      `SELECT ${COLUMNS} FROM ${this.table} AS record WHERE relation = $1`,
      [relation],
    );
    return rows.map(stored);
  }

  /** Records a backfill that begins. Where another process is faster, its record stays. */
  async begin(
    client: pg.Client,
    backfill: Omit<StoredBackfill, 'position' | 'done' | 'changed' | 'finished'>,
  ): Promise<void> {
    if (this.exists) await this.addTableOid(client);
    else await this.create(client);
    const { relation, file, direction, number, definition, tableOid, last, total } = backfill;
    await client.query(
      `INSERT INTO ${this.table} (relation, file, direction, number, definition, table_oid, last, total)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING`,
      [relation, file, direction, number, definition, tableOid, last, Math.round(total)],
    );
  }

  /** A record of an earlier version lacks the column. */
  private async addTableOid(client: pg.Client): Promise<void> {
    const { rowCount } = await client.query(
      `SELECT FROM pg_catalog.pg_attribute WHERE attrelid = $1::regclass AND attname = 'table_oid'`,
      [this.table],
    );
    if (rowCount === 0)
      await client.query(`ALTER TABLE ${this.table} ADD COLUMN IF NOT EXISTS table_oid bigint`);
  }

  /** Forgets a backfill of which no batch is done; false where one is. */
  async dropUnbegun(client: pg.Client, identity: BackfillIdentity): Promise<boolean> {
    const { rowCount } = await client.query(
      `DELETE FROM ${this.rowSql(identity)} AND "position" IS NULL AND finished IS NULL`,
    );
    return rowCount === 1;
  }

  private async create(client: pg.Client): Promise<void> {
    if (this.inKeelSchema) await client.query(CREATE_KEEL_SCHEMA);
    await client.query(`CREATE TABLE IF NOT EXISTS ${this.table} (
      relation text NOT NULL, file text NOT NULL, direction text NOT NULL, number integer NOT NULL,
      definition text, table_oid bigint, "position" text[], last text[] NOT NULL, done bigint NOT NULL DEFAULT 0,
      changed bigint NOT NULL DEFAULT 0, total bigint NOT NULL, started timestamptz NOT NULL DEFAULT now(),
      finished timestamptz, PRIMARY KEY (relation, file, direction, number))`);
    this.exists = true;
  }

  /** SQL that reads a backfill and keeps every other process from going on with it until the transaction ends. */
  lockSql(identity: BackfillIdentity): string {
    return `SELECT ${COLUMNS} FROM ${this.rowSql(identity)} FOR UPDATE`;
  }

  /** SQL that records a batch. */
  advanceSql(
    identity: BackfillIdentity,
    {
      to,
      rows,
      changed,
    }: { readonly to: KeyPosition; readonly rows: number; readonly changed: number },
  ): string {
    const place = `ARRAY[${to.map(quoteLiteral).join(', ')}]::text[]`;
    const { table, condition } = this.parts(identity);
    return `UPDATE ${table} SET "position" = ${place}, done = done + ${rows}, changed = changed + ${changed} WHERE ${condition}`;
  }

  /** SQL that records the end. Outside of keel nobody is left who would take the record away later. */
  finishSql(identity: BackfillIdentity): string {
    const { table, condition } = this.parts(identity);
    return identity.file === ''
      ? `DELETE FROM ${table} WHERE ${condition}`
      : `UPDATE ${table} SET finished = now() WHERE ${condition}`;
  }

  /** SQL that says which row of the record is a backfill's. */
  rowSql(identity: BackfillIdentity): string {
    const { table, condition } = this.parts(identity);
    return `${table} AS record WHERE ${condition}`;
  }

  /** SQL that takes all that a file has recorded away, once the file itself is recorded. */
  clearSql({ name, direction }: Pick<RunningFile, 'name' | 'direction'>): string {
    return `DELETE FROM ${this.table} WHERE file = ${quoteLiteral(name)} AND direction = ${quoteLiteral(direction)}`;
  }

  private parts({ relation, file, direction, number }: BackfillIdentity): {
    readonly table: string;
    readonly condition: string;
  } {
    const condition = `relation = ${quoteLiteral(relation)} AND file = ${quoteLiteral(file)}
      AND direction = ${quoteLiteral(direction)} AND number = ${number}`;
    return { table: this.table, condition };
  }
}

// Read through JSON, the column may as well be missing: see addTableOid().
const COLUMNS = `relation, file, direction, number, definition,
  (pg_catalog.to_jsonb(record) ->> 'table_oid')::float8 AS "tableOid", "position", last, done::float8 AS done,
  changed::float8 AS changed, total::float8 AS total, finished IS NOT NULL AS finished`;

/** A row of the record, as {@link BackfillRecord.lockSql} reads it. */
export function stored(row: Row): StoredBackfill {
  return { ...row, position: row.position ?? undefined };
}
