import type pg from 'pg';
import { KeelError, NOTHING_CHANGED } from '../../errors';
import { quoteIdentifier, quoteLiteral, quoteTable } from '../../db/quote';
import type { LedgerSettings } from '../../project/project';
import type { Ledger } from './ledger';
import { triggersSql } from './triggers-sql';

/** Names under which Sequelize keeps a row's times; NOT NULL without a default, so they must be filled. */
const TIMESTAMP_COLUMNS = ['createdAt', 'updatedAt', 'created_at', 'updated_at'];

interface LedgerRow {
  readonly schema: string | null;
  readonly hidden: string | null;
  readonly columns: string[] | null;
}

/**
 * A schema of the search_path that has such a table and that the role may not use. PostgreSQL passes over it without a
 * word, and all would seem to be pending.
 *
 * @see https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-SEARCH-PATH
 */
const HIDDEN = `(SELECT h.nspname FROM pg_catalog.pg_class r JOIN pg_catalog.pg_namespace h ON h.oid = r.relnamespace
  WHERE r.relname = $3 AND NOT pg_catalog.has_schema_privilege(h.oid, 'USAGE')
    AND h.nspname::text IN (SELECT CASE part WHEN '$user' THEN current_user::text ELSE part END
      FROM (SELECT pg_catalog.btrim(entry, ' "') AS part
        FROM pg_catalog.unnest(pg_catalog.string_to_array(pg_catalog.current_setting('search_path'), ',')) entry) p)
  LIMIT 1)`;

/** Names in a table: the storage `sequelize`. */
export class TableLedger implements Ledger {
  exists = false;
  private columns: readonly string[];
  /** Where the table was found: a migration may change the search_path. */
  private schema: string | undefined;

  constructor(readonly settings: LedgerSettings) {
    this.columns = settings.timestamps ? ['name', 'createdAt', 'updatedAt'] : ['name'];
    this.schema = settings.schema;
  }

  get identity(): string {
    return `${this.schema ?? ''}.${this.settings.table}`;
  }

  private get table(): string {
    return quoteTable(this.schema, this.settings.table);
  }

  async read(client: pg.Client): Promise<string[]> {
    const { rows } = await client.query<LedgerRow>(
      `SELECT coalesce(n.nspname, $2, current_schema()) AS schema, ${HIDDEN} AS hidden,
              (SELECT array_agg(attname::text ORDER BY attnum) FROM pg_catalog.pg_attribute
                WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped) AS columns
         FROM (SELECT pg_catalog.to_regclass($1) AS oid) t
         LEFT JOIN pg_catalog.pg_class c ON c.oid = t.oid
         LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace`,
      [
        quoteTable(this.settings.schema, this.settings.table),
        this.settings.schema,
        this.settings.table,
      ],
    );
    const hidden = rows[0]?.hidden ?? undefined;
    if (rows[0]?.columns === null && hidden !== undefined) throw notSeen(hidden, this.table);
    this.schema = rows[0]?.schema ?? this.settings.schema;
    const columns = rows[0]?.columns;
    this.exists = Boolean(columns);
    if (!columns) return [];
    if (!columns.includes('name')) throw notALedger(this.table);
    this.columns = columns.filter(
      (column) => column === 'name' || TIMESTAMP_COLUMNS.includes(column),
    );
    const result = await client.query<{ name: string }>(
      `SELECT name FROM ${this.table} ORDER BY name`,
    );
    return result.rows.map((row) => row.name);
  }

  createSql(): string {
    const { schema } = this.settings;
    const times = this.settings.timestamps
      ? ', "createdAt" TIMESTAMP WITH TIME ZONE NOT NULL, "updatedAt" TIMESTAMP WITH TIME ZONE NOT NULL'
      : '';
    const makeSchema =
      schema === undefined ? '' : `CREATE SCHEMA IF NOT EXISTS ${quoteIdentifier(schema)}; `;
    return `${makeSchema}CREATE TABLE IF NOT EXISTS ${this.table} ("name" VARCHAR(255) NOT NULL${times}, PRIMARY KEY ("name"))`;
  }

  triggersSql(): string {
    return triggersSql(this.table);
  }

  insertSql(name: string, { tolerant }: { readonly tolerant: boolean }): string {
    const values = this.columns.map((column) => (column === 'name' ? quoteLiteral(name) : 'now()'));
    const columns = this.columns.map(quoteIdentifier).join(', ');
    const conflict = tolerant ? ' ON CONFLICT DO NOTHING' : '';
    return `INSERT INTO ${this.table} (${columns}) VALUES (${values.join(', ')})${conflict}`;
  }

  deleteSql(name: string, { tolerant }: { readonly tolerant: boolean }): string {
    const statement = `DELETE FROM ${this.table} WHERE "name" = ${quoteLiteral(name)}`;
    if (tolerant) return statement;
    const message = quoteLiteral(
      `${name} is not recorded any more: another run has undone it meanwhile`,
    );
    const body = `BEGIN ${statement}; IF NOT FOUND THEN RAISE EXCEPTION USING MESSAGE = ${message}; END IF; END`;
    return `DO ${quoteLiteral(body)}`;
  }

  prepare(): Promise<void> {
    return Promise.resolve();
  }

  apply(): Promise<void> {
    return Promise.resolve();
  }
}

function notALedger(table: string): KeelError {
  return new KeelError(
    `The table ${table} has no column "name", so it is no record of migrations.`,
    {
      code: 'LEDGER_UNREADABLE',
      state: NOTHING_CHANGED,
      hint: 'Set migrationStorageTableName (or seederStorageTableName) in the config to the right table.',
    },
  );
}

function notSeen(schema: string, table: string): KeelError {
  return new KeelError(
    `The role may not look into the schema ${schema}, where the record ${table} is.`,
    {
      code: 'NO_PRIVILEGE',
      state: NOTHING_CHANGED,
      hint: `Let it: GRANT USAGE ON SCHEMA ${quoteIdentifier(schema)}, and SELECT on the table.`,
    },
  );
}
