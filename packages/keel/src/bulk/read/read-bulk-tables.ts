import type pg from 'pg';
import { readColumnSequences, type ColumnSequence } from '../../db/column-sequences';
import type { CatalogColumn, CatalogForeignKey, CatalogTable } from '../plan/catalog-table';
import { readRowConstraints } from './read-row-constraints';
import { readColumnTypes, type TypeReader } from './read-column-types';

interface TableRow {
  readonly oid: number;
  readonly schema: string;
  readonly table: string;
  readonly kind: string;
  readonly visible: boolean;
  readonly insert_triggers: readonly string[];
  readonly has_place: boolean;
  readonly row_security: boolean;
  readonly may_insert: boolean;
  readonly owned: boolean;
}

const TABLES = `
  SELECT c.oid::int8::float8 AS oid, n.nspname AS schema, c.relname AS "table", c.relkind AS kind, pg_table_is_visible(c.oid) AS visible,
         row_security_active(c.oid) AS row_security, pg_has_role(c.relowner, 'USAGE') AS owned,
         has_table_privilege(c.oid, 'INSERT') AND has_table_privilege(c.oid, 'SELECT') AS may_insert,
         c.relkind <> 'p' OR EXISTS (SELECT FROM pg_partition_tree(c.oid) AS part WHERE part.isleaf) AS has_place,
         ARRAY(SELECT t.tgname::text FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgenabled IN ('O', 'A')
                  AND t.tgtype & 7 = 7 ORDER BY t.tgname) AS insert_triggers
    FROM unnest($1::text[], $2::text[]) AS wanted(schema, name)
    JOIN pg_class c ON c.relname = wanted.name AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
    JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE CASE WHEN wanted.schema = '' THEN pg_table_is_visible(c.oid) ELSE n.nspname = wanted.schema END`;

const COLUMNS = `
  SELECT a.attrelid::int8::float8 AS oid, a.attname AS name, a.attnotnull AS not_null, a.atthasdef AS has_default,
         CASE WHEN a.attgenerated <> '' THEN (
           SELECT json_build_object('expression', pg_get_expr(f.adbin, f.adrelid), 'from', ARRAY(
             SELECT b.attname FROM pg_depend d
               JOIN pg_attribute b ON b.attrelid = a.attrelid AND b.attnum = d.refobjsubid AND b.attnum <> a.attnum
              WHERE d.classid = 'pg_attrdef'::regclass AND d.objid = f.oid AND d.refobjid = a.attrelid
              ORDER BY b.attnum))
             FROM pg_attrdef f WHERE f.adrelid = a.attrelid AND f.adnum = a.attnum) END AS generated,
         a.atttypid::int8::float8 AS type, a.atttypmod AS typmod
    FROM pg_attribute a
   WHERE a.attrelid = ANY($1::float8[]::int8[]::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
   ORDER BY a.attrelid, a.attnum`;

const UNIQUES = `
  SELECT i.indrelid::int8::float8 AS oid, i.indisprimary AS primary, x.relname AS name,
         pg_get_expr(i.indpred, i.indrelid) AS predicate,
         CASE WHEN i.indpred IS NOT NULL OR 0 = ANY (i.indkey::int2[]) THEN pg_get_indexdef(i.indexrelid) END AS definition,
         CASE WHEN 0 = ANY (i.indkey::int2[])
              THEN ARRAY(SELECT DISTINCT a.attname::text FROM pg_depend d
                           JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
                          WHERE d.classid = 'pg_class'::regclass AND d.objid = i.indexrelid AND d.refobjid = i.indrelid)
              ELSE ARRAY(SELECT a.attname::text FROM unnest(i.indkey::int2[]) WITH ORDINALITY k(num, at)
                           JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.num
                          WHERE k.at <= i.indnkeyatts ORDER BY k.at) END AS columns
    FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid
   WHERE i.indrelid = ANY($1::float8[]::int8[]::oid[]) AND i.indisunique
   ORDER BY x.relname`;

// A key that refers to a partitioned table has a copy for each of its partitions, which says nothing more.
const FOREIGN_KEYS = `
  SELECT k.conrelid::int8::float8 AS oid, k.conname AS name, n.nspname || '.' || p.relname AS parent,
         json_build_object('schema', n.nspname, 'table', p.relname) AS "parentTable",
         pg_get_constraintdef(k.oid) AS definition, obj_description(k.oid, 'pg_constraint') AS comment,
         ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY c(num, at)
                 JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = c.num ORDER BY c.at) AS columns,
         ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY c(num, at)
                 JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = c.num ORDER BY c.at) AS parent_columns
    FROM pg_constraint k JOIN pg_class p ON p.oid = k.confrelid JOIN pg_namespace n ON n.oid = p.relnamespace
   WHERE k.contype = 'f' AND k.conrelid = ANY($1::float8[]::int8[]::oid[])
     AND NOT EXISTS (SELECT FROM pg_constraint up WHERE up.oid = k.conparentid AND up.conrelid = k.conrelid)
   ORDER BY k.conname`;

/**
 * Reads tables as the database has them; those that do not exist are left out.
 *
 * @param wanted tables by name; without a schema the one that the search path finds
 */
export async function readBulkTables(
  client: pg.Client,
  wanted: readonly { readonly schema: string | undefined; readonly table: string }[],
): Promise<CatalogTable[]> {
  const names = [wanted.map((each) => each.schema ?? ''), wanted.map((each) => each.table)];
  const tables = (await client.query<TableRow>(TABLES, names)).rows;
  const oids = tables.map((table) => table.oid);
  const columns = (await client.query<ColumnRow>(COLUMNS, [oids])).rows;
  const uniques = (await client.query<UniqueRow>(UNIQUES, [oids])).rows;
  const foreignKeys = (await client.query<ForeignKeyRow>(FOREIGN_KEYS, [oids])).rows;
  const sequences = await readColumnSequences(client, oids);
  const constraints = await readRowConstraints(client, oids);
  const types = await readColumnTypes(
    client,
    columns.map((column) => column.type),
  );
  return tables.map((table) => {
    const own = <T extends { readonly oid: number }>(rows: readonly T[]): T[] =>
      rows.filter((row) => row.oid === table.oid);
    return {
      id: `${table.schema}.${table.table}`,
      oid: table.oid,
      schema: table.schema,
      table: table.table,
      kind: table.kind,
      visible: table.visible,
      columns: own(columns).map((row) =>
        columnOf(
          row,
          types,
          // One that starts again at its end promises no new number.
          sequences.find(
            (each) => each.tableOid === row.oid && each.column === row.name && !each.cycles,
          ),
        ),
      ),
      primaryKey: own(uniques).find((row) => row.primary)?.columns ?? [],
      uniques: own(uniques).map(({ name, columns, definition, predicate }) => ({
        name,
        columns,
        definition: definition ?? undefined,
        predicate: predicate ?? undefined,
      })),
      constraints: constraints(table.oid),
      foreignKeys: own(foreignKeys).map(({ parent_columns, ...row }) => ({
        ...row,
        parentColumns: parent_columns,
      })),
      insertTriggers: table.insert_triggers,
      hasPlace: table.has_place,
      rowSecurity: table.row_security,
      mayInsert: table.may_insert,
      owned: table.owned,
    };
  });
}

interface ColumnRow {
  readonly oid: number;
  readonly name: string;
  readonly not_null: boolean;
  readonly has_default: boolean;
  readonly generated: NonNullable<CatalogColumn['generated']> | null;
  readonly type: number;
  readonly typmod: number;
}

interface UniqueRow {
  readonly oid: number;
  readonly primary: boolean;
  readonly name: string;
  readonly columns: readonly string[];
  readonly definition: string | null;
  readonly predicate: string | null;
}

interface ForeignKeyRow extends Omit<CatalogForeignKey, 'parentColumns'> {
  readonly oid: number;
  readonly parent_columns: readonly string[];
}

function columnOf(
  row: ColumnRow,
  types: TypeReader,
  sequence: ColumnSequence | undefined,
): CatalogColumn {
  return {
    name: row.name,
    type: types(row.type, row.typmod),
    notNull: row.not_null,
    hasDefault: row.has_default,
    generated: row.generated ?? undefined,
    sequence,
  };
}
