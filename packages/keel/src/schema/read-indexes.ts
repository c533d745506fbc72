import type { ClientBase } from 'pg';
import { addTo, compareText, given, joinComment } from './catalog';
import { columnNames, type ColumnsByTable } from './read-tables';
import type { Index, IndexField } from './schema';

interface RawIndex {
  oid: number;
  table_oid: number;
  name: string;
  is_unique: boolean;
  valid: boolean;
  method: string;
  keys: string;
  key_count: number;
  options: string;
  classes: string;
  collations: string;
  expressions: (string | null)[] | null;
  predicate: string | null;
  tail: string;
  special: boolean;
  comment: string | null;
}

interface Names {
  /** Operator classes that are not the default of their type, by oid. */
  readonly classes: ReadonlyMap<number, string>;
  readonly collations: ReadonlyMap<number, string>;
  /** The columns that expressions and predicates read, by the index's oid. */
  readonly dependencies: ReadonlyMap<number, number[]>;
}

/** The indexes of `tables` that no constraint owns, by the table's oid. */
export async function readIndexes(
  client: ClientBase,
  serverVersion: number,
  columns: ColumnsByTable,
  tables: readonly number[],
): Promise<ReadonlyMap<number, Index[]>> {
  const names: Names = {
    classes: await readOperatorClasses(client),
    collations: await readCollations(client),
    dependencies: await readDependencies(client, tables),
  };
  const rows = await queryIndexes(client, serverVersion, tables);
  const byTable = new Map<number, Index[]>();
  for (const row of rows) addTo(byTable, row.table_oid, toIndex(row, columns, names));
  for (const list of byTable.values()) list.sort((a, b) => compareText(a.name, b.name));
  return byTable;
}

async function queryIndexes(
  client: ClientBase,
  serverVersion: number,
  tables: readonly number[],
): Promise<RawIndex[]> {
  const nullsNotDistinct = serverVersion >= 150000 ? 'i.indnullsnotdistinct' : 'false';
  const { rows } = await client.query<RawIndex>(
    `
    SELECT i.indexrelid AS oid, i.indrelid AS table_oid, ic.relname AS name,
           i.indisunique AS is_unique, i.indisvalid AS valid, am.amname AS method, i.indkey::text AS keys,
           i.indnkeyatts AS key_count, i.indoption::text AS options, i.indclass::text AS classes,
           i.indcollation::text AS collations,
           CASE WHEN i.indexprs IS NOT NULL THEN ARRAY(
             SELECT CASE WHEN i.indkey[k - 1] = 0 THEN pg_get_indexdef(i.indexrelid, k, false) END
             FROM generate_series(1, i.indnkeyatts) k) END AS expressions,
           pg_get_expr(i.indpred, i.indrelid) AS predicate,
           substr(pg_get_indexdef(i.indexrelid), length(format('CREATE %sINDEX %I ON %s%I.%I ',
             CASE WHEN i.indisunique THEN 'UNIQUE ' ELSE '' END, ic.relname,
             CASE WHEN ic.relkind = 'I' THEN 'ONLY ' ELSE '' END, n.nspname, c.relname)) + 1) AS tail,
           i.indnkeyatts <> i.indnatts OR ${nullsNotDistinct} OR ic.reloptions IS NOT NULL
             OR EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = i.indexrelid AND a.attoptions IS NOT NULL) AS special,
           comment.description AS comment
    FROM pg_index i
    JOIN pg_class ic ON ic.oid = i.indexrelid AND NOT ic.relispartition
    JOIN pg_class c ON c.oid = i.indrelid AND c.relkind IN ('r', 'p')
    JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_am am ON am.oid = ic.relam
    LEFT JOIN pg_constraint k ON k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x')
    ${joinComment('pg_class', 'i.indexrelid')}
    WHERE i.indrelid = ANY($1) AND k.oid IS NULL`,
    [tables],
  );
  return rows;
}

function toIndex(row: RawIndex, columns: ColumnsByTable, names: Names): Index {
  const keys = numbersOf(row.keys);
  const fields = keys
    .slice(0, row.key_count)
    .map((_, position) => toField(row, position, columns, names));
  const dependencies = [...keys, ...(names.dependencies.get(row.oid) ?? [])].filter(
    (number) => number > 0,
  );
  const hasCollatedExpression = fields.some(
    (field) => field.isExpression && field.collation !== undefined,
  );
  return {
    name: row.name,
    unique: row.is_unique,
    method: row.method,
    fields,
    ...given('predicate', row.predicate),
    tail: row.tail,
    special: row.special || hasCollatedExpression,
    valid: row.valid,
    dependsOn: columnNames(columns, row.table_oid, [...new Set(dependencies)]),
    ...given('comment', row.comment),
  };
}

function toField(
  row: RawIndex,
  position: number,
  columns: ColumnsByTable,
  names: Names,
): IndexField {
  const number = numbersOf(row.keys)[position] ?? 0;
  const column = columns.get(row.table_oid)?.find((entry) => entry.number === number);
  const option = numbersOf(row.options)[position] ?? 0;
  const descending = (option & 1) === 1;
  const nullsFirst = (option & 2) === 2;
  const collation = numbersOf(row.collations)[position] ?? 0;
  const isOwnCollation = collation === 0 || column?.collation === collation;
  return {
    text: column?.column.name ?? row.expressions?.[position] ?? '',
    isExpression: column === undefined,
    order: descending ? 'DESC' : 'ASC',
    ...(descending === nullsFirst ? {} : { nulls: nullsFirst ? 'FIRST' : 'LAST' }),
    ...given('operatorClass', names.classes.get(numbersOf(row.classes)[position] ?? 0)),
    ...(isOwnCollation ? {} : given('collation', names.collations.get(collation))),
  };
}

/** The parts of an `int2vector` or `oidvector`. */
function numbersOf(vector: string): number[] {
  return vector === '' ? [] : vector.split(' ').map(Number);
}

async function readOperatorClasses(client: ClientBase): Promise<ReadonlyMap<number, string>> {
  const { rows } = await client.query<{ oid: number; name: string }>(`
    SELECT o.oid AS oid,
           CASE WHEN n.nspname = 'pg_catalog' THEN '' ELSE quote_ident(n.nspname) || '.' END || quote_ident(o.opcname) AS name
    FROM pg_opclass o JOIN pg_namespace n ON n.oid = o.opcnamespace WHERE NOT o.opcdefault`);
  return new Map(rows.map((row) => [row.oid, row.name]));
}

/** Without the database's default, which goes without saying. */
async function readCollations(client: ClientBase): Promise<ReadonlyMap<number, string>> {
  const { rows } = await client.query<{ oid: number; name: string }>(`
    SELECT c.oid AS oid, c.collname AS name FROM pg_collation c
    WHERE c.oid <> 100 AND c.oid IN (SELECT unnest(indcollation::oid[]) FROM pg_index)`);
  return new Map(rows.map((row) => [row.oid, row.name]));
}

async function readDependencies(
  client: ClientBase,
  tables: readonly number[],
): Promise<ReadonlyMap<number, number[]>> {
  const { rows } = await client.query<{ oid: number; number: number }>(
    `
    SELECT d.objid AS oid, d.refobjsubid AS number
    FROM pg_index i
    JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = i.indexrelid
      AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0
    WHERE i.indrelid = ANY($1) AND (i.indexprs IS NOT NULL OR i.indpred IS NOT NULL)
    ORDER BY d.objid, d.refobjsubid`,
    [tables],
  );
  const byIndex = new Map<number, number[]>();
  for (const row of rows) addTo(byIndex, row.oid, row.number);
  return byIndex;
}
