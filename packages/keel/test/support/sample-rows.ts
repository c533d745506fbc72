import type { Client } from 'pg';
import { quoteIdentifier, quoteLiteral, quoteTable } from '../../src/db/quote';
import { keyOf } from '../../src/schema/object-names';
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
        : `${into} (${columns.map(({ name }) => quoteIdentifier(name)).join(', ')}) VALUES (${values.join(', ')})`;
    await client.query('SAVEPOINT row');
    // A required foreign key to an empty table cannot be satisfied: that table stays empty.
    await client.query(sql).catch(() => client.query('ROLLBACK TO SAVEPOINT row'));
  }
}

function quoted({ schema, name }: Table): string {
  return quoteTable(schema, name);
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
    const list = shared.map(({ name }) => `${quoteIdentifier(name)}::text`).join(', ');
    rows[table.name] = (
      await client.query({
        text: `SELECT ${list} FROM ${quoted(table)} ORDER BY ${list}`,
        rowMode: 'array',
      })
    ).rows;
  }
  return rows;
}

/** Several values of each type, as SQL texts: what other types take among them, and what they do not. */
const manySamples: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^character\(/, ['7', 'abc', 'a']],
  [/^(character varying\(20\))/, ['x', '7', '', 'a b ', '2020-02-29', '12345678901234567890']],
  [/^character varying.*\[\]$/, ['{}', '{7}', '{a,b}', '{"1","2"}']],
  [/^integer\[\]$/, ['{}', '{7}', '{1,2}', '{NULL}']],
  [
    /^(character|text)/,
    ['7', 'a', '', 'true', '1.25', '{"a":1}', '[1,2]', '{1,2}', 'x  ', '10:20:30'],
  ],
  [/^smallint/, ['7', '0', '1', '-32768']],
  [/^integer/, ['7', '0', '1', '2147483647', '-5']],
  [/^bigint/, ['7', '0', '1', '9007199254740993', '70000']],
  [/^numeric/, ['7', '0', '1.25', '99999999.99', '-0.5']],
  [/^(real|double)/, ['7', '0', '1.5', '1e30', '-0.1']],
  [/^boolean/, ['true', 'false']],
  [/^timestamp/, ['2020-02-29 10:20:30.123456Z', '2020-01-01 00:00Z', 'infinity']],
  [/^date/, ['2020-02-29', '2021-01-01', 'infinity']],
  [/^time/, ['10:20:30', '00:00', '24:00']],
  [/^uuid/, ['6f9619ff-8b86-4011-b42d-00cf4fc964ff', '00000000-0000-0000-0000-000000000000']],
  [/^jsonb?/, ['{"a":1}', '7', '"a"', 'null', '[1,2]', 'true']],
  [/^bytea/, ['x', '\\x00ff', '7']],
  [/^inet/, ['127.0.0.1', '10.0.0.0/8', '::1']],
  [/range$/, ['[1,5)', 'empty', '(,)']],
];

/** Writes a few rows into each table: other values in each row, NULLs, and references to rows that are there. */
export async function writeManyRows(client: Client, schema: Schema, salt: number): Promise<void> {
  const enums = new Map(schema.enums.map((type) => [keyOf(type), type.values]));
  const open = [...schema.tables];
  // Parents before their children, as far as that goes.
  const isFilled = ({ constraints }: Table): boolean =>
    !constraints.some(
      ({ references }) =>
        references !== undefined && open.some((one) => keyOf(one) === keyOf(references)),
    );
  while (open.length > 0) {
    const [table] = open.splice(Math.max(0, open.findIndex(isFilled)), 1) as [Table];
    const rows = [0, 1, 2, 3, 4].map((row) => {
      const values = table.columns.map((column, at) => {
        if (column.sequence !== undefined) return 'DEFAULT';
        const turn = row + salt + at * 7;
        if (!column.notNull && turn % 4 === 0) return 'NULL';
        return manySampleOf(table, column, { enums, turn });
      });
      return `(${values.join(', ')})`;
    });
    const into = `INSERT INTO ${quoted(table)} (${table.columns.map(({ name }) => quoteIdentifier(name)).join(', ')})`;
    await client.query('SAVEPOINT rows');
    // A required reference to an empty table cannot be satisfied; what is unique is there once.
    await client
      .query(`${into} VALUES ${rows.join(', ')} ON CONFLICT DO NOTHING`)
      .catch(() => client.query('ROLLBACK TO SAVEPOINT rows'));
  }
}

function manySampleOf(
  table: Table,
  { name, type, enumType }: Column,
  { enums, turn }: { enums: ReadonlyMap<string, readonly string[]>; turn: number },
): string {
  const key = table.constraints.find(
    ({ kind, columns }) => kind === 'foreign key' && columns[0] === name,
  );
  if (key?.references !== undefined) {
    const { schema, name: parent, columns } = key.references;
    return `(SELECT ${quoteIdentifier(columns[0] ?? '')} FROM ${quoteTable(schema, parent)} ORDER BY 1 OFFSET ${turn % 3} LIMIT 1)`;
  }
  const known = enumType === undefined ? undefined : enums.get(keyOf(enumType));
  const values =
    known === undefined
      ? (manySamples.find(([pattern]) => pattern.test(type))?.[1] ?? [])
      : type.endsWith('[]')
        ? ['{}', arrayOf(known.slice(0, 1)), arrayOf(known)]
        : known;
  const value = values[turn % values.length];
  return value === undefined ? 'NULL' : quoteLiteral(value);
}

function arrayOf(values: readonly string[]): string {
  return `{${values.map((value) => JSON.stringify(value)).join(',')}}`;
}
