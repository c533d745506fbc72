import type { ClientBase } from 'pg';
import { isKeelTable } from '../db/keel-schema';
import {
  addTo,
  compareText,
  given,
  isOwn,
  isUserNamespace,
  joinComment,
  numberedColumns,
} from './catalog';
import type { Column, OwnedSequence, QualifiedName, Table } from './schema';

/** A table without its parts. */
export type TableRow = { readonly oid: number } & Omit<
  Table,
  'columns' | 'constraints' | 'indexes' | 'triggers' | 'policies' | 'settings'
>;

/** A column and the numbers by which constraints and indexes refer to it. */
export interface NumberedColumn {
  readonly number: number;
  readonly collation: number;
  readonly column: Column;
}

export type ColumnsByTable = ReadonlyMap<number, readonly NumberedColumn[]>;

interface RawTable {
  oid: number;
  schema: string;
  name: string;
  kind: 'r' | 'p' | 'f';
  unlogged: boolean;
  row_security: boolean;
  force_row_security: boolean;
  is_partition: boolean;
  bound: string | null;
  partition_key: string | null;
  parents: QualifiedName[] | null;
  server: string | null;
  server_options: string | null;
  comment: string | null;
}

const kinds = { r: 'table', p: 'partitioned', f: 'foreign' } as const;

export async function readTables(client: ClientBase, serverVersion: number): Promise<TableRow[]> {
  const partitions = serverVersion >= 100000;
  const { rows } = await client.query<RawTable>(`
    SELECT c.oid AS oid, n.nspname AS schema, c.relname AS name, c.relkind AS kind,
           c.relpersistence = 'u' AS unlogged, c.relrowsecurity AS row_security,
           c.relforcerowsecurity AS force_row_security,
           ${partitions ? 'c.relispartition' : 'false'} AS is_partition,
           ${partitions ? 'pg_get_expr(c.relpartbound, c.oid)' : 'NULL'} AS bound,
           ${partitions ? `CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END` : 'NULL'} AS partition_key,
           parents.list AS parents, comment.description AS comment, server.srvname AS server,
           (SELECT string_agg(format('%I %L', option_name, option_value), ', ' ORDER BY option_name)
            FROM pg_options_to_table(foreign_table.ftoptions)) AS server_options
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN (
      SELECT i.inhrelid, json_agg(json_build_object('schema', pn.nspname, 'name', p.relname) ORDER BY i.inhseqno) AS list
      FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhparent JOIN pg_namespace pn ON pn.oid = p.relnamespace
      GROUP BY i.inhrelid
    ) parents ON parents.inhrelid = c.oid
    LEFT JOIN pg_foreign_table foreign_table ON foreign_table.ftrelid = c.oid
    LEFT JOIN pg_foreign_server server ON server.oid = foreign_table.ftserver
    ${joinComment('pg_class', 'c.oid')}
    WHERE c.relkind IN ('r', 'p', 'f') AND ${isUserNamespace('n')} AND ${isOwn('pg_class', 'c.oid')}
      AND NOT ${isKeelTable('n', 'c')}`);
  return rows
    .map(toTable)
    .sort((a, b) => compareText(a.schema, b.schema) || compareText(a.name, b.name));
}

function toTable(row: RawTable): TableRow {
  const parents = row.parents ?? [];
  const parent = parents[0];
  const isPartition = row.is_partition && parent !== undefined;
  return {
    oid: row.oid,
    schema: row.schema,
    name: row.name,
    kind: kinds[row.kind],
    unlogged: row.unlogged,
    ...given('partitionKey', row.partition_key),
    ...(isPartition ? { partitionOf: { ...parent, bound: row.bound ?? '' } } : {}),
    inherits: isPartition ? [] : parents,
    rowSecurity: row.row_security ? (row.force_row_security ? 'forced' : 'on') : 'off',
    ...(row.server === null
      ? {}
      : { foreign: { server: row.server, options: row.server_options ?? '' } }),
    ...given('comment', row.comment),
  };
}

interface RawColumn {
  table_oid: number;
  number: number;
  name: string;
  type: string;
  enum_schema: string | null;
  enum_name: string | null;
  collation_oid: number;
  collation: string | null;
  not_null: boolean;
  inherited: boolean;
  expression: string | null;
  identity: '' | 'a' | 'd';
  generated: '' | 's' | 'v';
  sequence_schema: string | null;
  sequence_name: string | null;
  sequence_type: string | null;
  comment: string | null;
}

/** The columns of `tables`, by the table's oid. */
export async function readColumns(
  client: ClientBase,
  serverVersion: number,
  tables: readonly number[],
): Promise<ColumnsByTable> {
  const { rows } = await client.query<RawColumn>(
    `
    SELECT a.attrelid AS table_oid, a.attnum AS number, a.attname AS name,
           format_type(a.atttypid, a.atttypmod) AS type,
           en.nspname AS enum_schema, e.typname AS enum_name,
           a.attcollation AS collation_oid,
           CASE WHEN a.attcollation <> t.typcollation THEN quote_ident(cn.nspname) || '.' || quote_ident(coll.collname) END AS collation,
           a.attnotnull AS not_null, a.attinhcount > 0 AND NOT a.attislocal AS inherited, pg_get_expr(d.adbin, d.adrelid) AS expression,
           ${serverVersion >= 100000 ? 'a.attidentity' : `''`} AS identity,
           ${serverVersion >= 120000 ? 'a.attgenerated' : `''`} AS generated,
           sn.nspname AS sequence_schema, s.relname AS sequence_name, format_type(sq.seqtypid, NULL) AS sequence_type,
           comment.description AS comment
    FROM pg_attribute a
    JOIN pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_type e ON e.oid = CASE WHEN t.typcategory = 'A' THEN t.typelem ELSE t.oid END AND e.typtype = 'e'
    LEFT JOIN pg_namespace en ON en.oid = e.typnamespace
    LEFT JOIN pg_collation coll ON coll.oid = a.attcollation
    LEFT JOIN pg_namespace cn ON cn.oid = coll.collnamespace
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    LEFT JOIN (${numberedColumns} u JOIN pg_class s ON s.oid = u.sequence_oid
               JOIN pg_namespace sn ON sn.oid = s.relnamespace JOIN pg_sequence sq ON sq.seqrelid = s.oid)
      ON u.table_oid = a.attrelid AND u.number = a.attnum
    ${joinComment('pg_class', 'a.attrelid', 'a.attnum')}
    WHERE a.attrelid = ANY($1) AND a.attnum > 0 AND NOT a.attisdropped
    ORDER BY a.attrelid, a.attnum`,
    [tables],
  );
  const byTable = new Map<number, NumberedColumn[]>();
  for (const row of rows) {
    addTo(byTable, row.table_oid, {
      number: row.number,
      collation: row.collation_oid,
      column: toColumn(row),
    });
  }
  return byTable;
}

function toColumn(row: RawColumn): Column {
  const isGenerated = row.generated !== '';
  return {
    name: row.name,
    type: row.type,
    ...(row.enum_schema !== null && row.enum_name !== null
      ? { enumType: { schema: row.enum_schema, name: row.enum_name } }
      : {}),
    ...given('collation', row.collation),
    notNull: row.not_null,
    ...(row.inherited ? { inherited: true } : {}),
    ...(isGenerated ? {} : given('default', row.expression)),
    ...(row.identity === '' ? {} : { identity: row.identity === 'a' ? 'always' : 'by default' }),
    ...given('sequence', toSequence(row)),
    ...(isGenerated
      ? {
          generated: {
            expression: row.expression ?? '',
            kind: row.generated === 'v' ? 'virtual' : 'stored',
          },
        }
      : {}),
    ...given('comment', row.comment),
  };
}

function toSequence(row: RawColumn): OwnedSequence | undefined {
  if (row.sequence_schema === null || row.sequence_name === null) return undefined;
  return {
    schema: row.sequence_schema,
    name: row.sequence_name,
    type: row.sequence_type ?? 'bigint',
  };
}

/** The names behind the numbers that the catalog keeps of a table's columns. */
export function columnNames(
  columns: ColumnsByTable,
  table: number,
  numbers: readonly number[],
): string[] {
  const own = columns.get(table) ?? [];
  return numbers.flatMap(
    (number) => own.find((entry) => entry.number === number)?.column.name ?? [],
  );
}
