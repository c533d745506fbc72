import type { Client } from 'pg';
import type { Column, Schema, Table } from '../../src/schema/schema';

/** Values that each type takes, as SQL. */
const samples: readonly (readonly [RegExp, string])[] = [
  [/\[\]$/, `'{}'`],
  [/^(character|text)/, `'7'`],
  [/^(integer|bigint|smallint|numeric|real|double)/, '7'],
  [/^boolean/, 'true'],
  [/^timestamp|^date/, `'2020-02-29'`],
  [/^time/, `'10:20:30'`],
  [/^uuid/, `'6f9619ff-8b86-4011-b42d-00cf4fc964ff'`],
  [/^jsonb?/, `'{"a":1}'`],
  [/^bytea/, `'x'`],
  [/^inet/, `'127.0.0.1'`],
  [/range$/, `'[1,5)'`],
];

/** Writes a row into every table that takes one; foreign keys point at the row that is there. */
export async function writeRows(client: Client, schema: Schema): Promise<void> {
  const enums = new Map(schema.enums.map((type) => [type.name, type.values[0] ?? '']));
  for (const table of schema.tables) {
    const columns = table.columns.filter((column) => !isSkipped(table, column));
    const values = columns.map((column) => sampleOf(column, enums));
    const into = `INSERT INTO ${quoted(table)}`;
    const sql =
      columns.length === 0
        ? `${into} DEFAULT VALUES`
        : `${into} (${columns.map(({ name }) => `"${name}"`).join(', ')}) VALUES (${values.join(', ')})`;
    await client.query('SAVEPOINT row');
    // A required foreign key to an empty table cannot be satisfied: that table stays empty.
    await client.query(sql).catch(() => client.query('ROLLBACK TO SAVEPOINT row'));
  }
}

function quoted({ schema, name }: Table): string {
  return `"${schema}"."${name}"`;
}

/** Serial columns number themselves; optional foreign keys stay empty. */
function isSkipped(table: Table, column: Column): boolean {
  if (column.sequence !== undefined) return true;
  const isKey = table.constraints.some(
    ({ kind, columns }) => kind === 'foreign key' && columns.includes(column.name),
  );
  return isKey && !column.notNull;
}

function sampleOf(column: Column, enums: ReadonlyMap<string, string>): string {
  const value = column.type.endsWith('[]') ? undefined : enums.get(column.enumType?.name ?? '');
  if (value !== undefined) return `'${value.replaceAll("'", "''")}'`;
  return samples.find(([type]) => type.test(column.type))?.[1] ?? 'NULL';
}

/** The rows of all columns that two schemas have alike. */
export async function readSharedRows(
  client: Client,
  before: Schema,
  after: Schema,
): Promise<unknown> {
  const rows: Record<string, unknown> = {};
  for (const table of before.tables) {
    const other = after.tables.find(
      ({ schema, name }) => schema === table.schema && name === table.name,
    );
    const shared = table.columns.filter((column) =>
      other?.columns.some(({ name, type }) => name === column.name && type === column.type),
    );
    if (shared.length === 0) continue;
    const list = shared.map(({ name }) => `"${name}"::text`).join(', ');
    rows[table.name] = (
      await client.query({
        text: `SELECT ${list} FROM ${quoted(table)} ORDER BY ${list}`,
        rowMode: 'array',
      })
    ).rows;
  }
  return rows;
}
