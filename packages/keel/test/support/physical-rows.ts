import type { Client } from 'pg';
import { quoteIdentifier, quoteTable } from '../../src/db/quote';
import { keyOf } from '../../src/schema/object-names';

/** A table by what stays when it and its columns are renamed: its number and theirs. */
export interface PhysicalTable {
  readonly key: string;
  readonly relfilenode: string;
  readonly columns: ReadonlyMap<number, { readonly name: string; readonly type: string }>;
  /** The texts of each row by the columns' numbers, by its id. */
  readonly rows: ReadonlyMap<string, ReadonlyMap<number, string | null>>;
}

const catalog = `SELECT c.oid::text, n.nspname AS schema, c.relname AS name, c.relfilenode::text,
    json_agg(json_build_object('num', a.attnum, 'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod)) ORDER BY a.attnum) AS columns
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_toast'
  GROUP BY c.oid, n.nspname`;

interface CatalogRow {
  readonly oid: string;
  readonly schema: string;
  readonly name: string;
  readonly relfilenode: string;
  readonly columns: readonly {
    readonly num: number;
    readonly name: string;
    readonly type: string;
  }[];
}

/** All tables, with all that is in them, by their numbers. */
export async function readPhysicalTables(
  client: Client,
): Promise<ReadonlyMap<string, PhysicalTable>> {
  const { rows } = await client.query<CatalogRow>(catalog);
  const tables = new Map<string, PhysicalTable>();
  for (const { oid, schema, name, relfilenode, columns } of rows) {
    const list = columns.map((column) => `${quoteIdentifier(column.name)}::text`).join(', ');
    const text = `SELECT ${list} FROM ${quoteTable(schema, name)}`;
    const found = await client.query<(string | null)[]>({ text, rowMode: 'array' });
    const id = columns.findIndex((column) => column.name === 'id');
    tables.set(oid, {
      key: keyOf({ schema, name }),
      relfilenode,
      columns: new Map(columns.map((column) => [column.num, column])),
      rows: new Map(
        found.rows.map((row) => [
          row[id] ?? '',
          new Map(columns.map(({ num }, at) => [num, row[at] ?? null])),
        ]),
      ),
    });
  }
  return tables;
}
