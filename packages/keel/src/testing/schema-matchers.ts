import { displayName, keyOf } from '../schema/object-names';
import type { Column, Constraint, Index, ReferentialAction, Schema, Table } from '../schema/schema';
import { compareWithModels } from './compare-with-models';
import { schemaOf } from './test-database';

/** What a column is expected to be; what is left out is not looked at. */
export interface ExpectedColumn {
  /** As PostgreSQL writes it, or its short form: `varchar(255)`, `timestamptz`, `int`. */
  readonly type?: string;
  readonly nullable?: boolean;
  /** As PostgreSQL writes it; null for none. */
  readonly default?: string | null;
}

export interface ExpectedForeignKey {
  readonly columns: readonly string[];
  readonly references: { readonly table: string; readonly columns?: readonly string[] };
  readonly onUpdate?: ReferentialAction;
  readonly onDelete?: ReferentialAction;
}

export interface ExpectedIndex {
  readonly columns?: readonly string[];
  readonly name?: string;
  readonly unique?: boolean;
  /** As PostgreSQL writes it; null for an index over all rows. */
  readonly where?: string | null;
}

/** What jest's `expect.extend` takes. */
export interface MatcherResult {
  readonly pass: boolean;
  readonly message: () => string;
}

/** Tables are named as in `users`, or with a schema as in `app.users`. */
export const schemaMatchers = {
  async toHaveTable(subject: unknown, name: string): Promise<MatcherResult> {
    const schema = await schemaOf(subject);
    const tables = schema.tables.map(displayName).join(', ');
    return result(
      findTable(schema, name) !== undefined,
      `table ${name}`,
      `The tables are: ${tables}`,
    );
  },

  async toHaveColumn(
    subject: unknown,
    table: string,
    name: string,
    expected: ExpectedColumn = {},
  ): Promise<MatcherResult> {
    return onTable(subject, table, (found) => {
      const column = found.columns.find((candidate) => candidate.name === name);
      const wanted = `column ${name} ${JSON.stringify(expected)} in ${table}`;
      const columns = found.columns.map(describeColumn).join('\n  ');
      return result(
        column !== undefined && isColumn(column, expected),
        wanted,
        `The columns are:\n  ${columns}`,
      );
    });
  },

  async toHaveForeignKey(
    subject: unknown,
    table: string,
    expected: ExpectedForeignKey,
  ): Promise<MatcherResult> {
    return onTable(subject, table, (found) => {
      const keys = found.constraints.filter(({ kind }) => kind === 'foreign key');
      const wanted = `foreign key ${JSON.stringify(expected)} in ${table}`;
      return result(
        keys.some((key) => isForeignKey(key, expected)),
        wanted,
        listOf('foreign keys', keys),
      );
    });
  },

  /** A UNIQUE constraint or a unique index over all rows. */
  async toHaveUnique(
    subject: unknown,
    table: string,
    columns: readonly string[],
  ): Promise<MatcherResult> {
    return onTable(subject, table, (found) => {
      const keys = found.constraints.filter(
        ({ kind }) => kind === 'unique' || kind === 'primary key',
      );
      const pass =
        keys.some((key) => sameNames(key.columns, columns)) ||
        found.indexes.some((index) => isIndex(index, { columns, unique: true, where: null }));
      const all = [...keys, ...found.indexes.filter(({ unique }) => unique).map(asDefinition)];
      return result(pass, `unique (${columns.join(', ')}) in ${table}`, listOf('unique keys', all));
    });
  },

  async toHaveIndex(
    subject: unknown,
    table: string,
    expected: ExpectedIndex,
  ): Promise<MatcherResult> {
    return onTable(subject, table, (found) => {
      const pass = found.indexes.some((index) => isIndex(index, expected));
      const wanted = `index ${JSON.stringify(expected)} in ${table}`;
      return result(pass, wanted, listOf('indexes', found.indexes.map(asDefinition)));
    });
  },

  /** Whether the models of the database's project describe just this database. */
  async toMatchModels(subject: unknown): Promise<MatcherResult> {
    const differences = await compareWithModels(subject);
    return {
      pass: differences.length === 0,
      message: () =>
        differences.length === 0
          ? 'The models and the database are the same.'
          : `The models and the database differ:\n  ${differences.join('\n  ')}`,
    };
  },
};

function result(pass: boolean, wanted: string, actual: string): MatcherResult {
  return { pass, message: () => `The schema ${pass ? 'has' : 'has no'} ${wanted}.\n${actual}` };
}

async function onTable(
  subject: unknown,
  name: string,
  judge: (table: Table) => MatcherResult,
): Promise<MatcherResult> {
  const schema = await schemaOf(subject);
  const table = findTable(schema, name);
  if (table !== undefined) return judge(table);
  return result(
    false,
    `table ${name}`,
    `The tables are: ${schema.tables.map(displayName).join(', ')}`,
  );
}

function findTable(schema: Schema, name: string): Table | undefined {
  return schema.tables.find((table) => displayName(table) === name || keyOf(table) === name);
}

function isColumn(column: Column, expected: ExpectedColumn): boolean {
  if (
    expected.type !== undefined &&
    fullType(expected.type) !== column.type.replace(/^public\./, '')
  )
    return false;
  if (expected.nullable !== undefined && expected.nullable === column.notNull) return false;
  return expected.default === undefined || (expected.default ?? undefined) === column.default;
}

const shortTypes: readonly (readonly [RegExp, string])[] = [
  [/^varchar\b/, 'character varying'],
  [/^char\b/, 'character'],
  [/^(int4|int)\b/, 'integer'],
  [/^int8\b/, 'bigint'],
  [/^int2\b/, 'smallint'],
  [/^bool\b/, 'boolean'],
  [/^decimal\b/, 'numeric'],
  [/^timestamptz\b/, 'timestamp with time zone'],
  [/^timestamp$/, 'timestamp without time zone'],
  [/^(float8|double)$/, 'double precision'],
];

function fullType(type: string): string {
  const given = type
    .trim()
    .toLowerCase()
    .replaceAll(/\s*,\s*/g, ',');
  const found = shortTypes.find(([short]) => short.test(given));
  const full = found === undefined ? given : given.replace(found[0], found[1]);
  // The name of an enum keeps its case.
  return found === undefined && !/^[a-z ]/.test(type) ? type : full;
}

function describeColumn(column: Column): string {
  const suffix = column.default === undefined ? '' : ` DEFAULT ${column.default}`;
  return `${column.name} ${column.type}${column.notNull ? ' NOT NULL' : ''}${suffix}`;
}

function isForeignKey({ columns, references }: Constraint, expected: ExpectedForeignKey): boolean {
  if (references === undefined || !sameNames(columns, expected.columns)) return false;
  const { table, columns: targets } = expected.references;
  if (displayName(references) !== table && keyOf(references) !== table) return false;
  if (targets !== undefined && JSON.stringify(references.columns) !== JSON.stringify(targets))
    return false;
  const isUpdate = expected.onUpdate === undefined || references.onUpdate === expected.onUpdate;
  return isUpdate && (expected.onDelete === undefined || references.onDelete === expected.onDelete);
}

function isIndex(index: Index, expected: ExpectedIndex): boolean {
  if (expected.name !== undefined && index.name !== expected.name) return false;
  if (expected.unique !== undefined && index.unique !== expected.unique) return false;
  if (expected.where !== undefined && (expected.where ?? undefined) !== index.predicate)
    return false;
  const columns = index.fields.map(({ text }) => text);
  return (
    expected.columns === undefined || JSON.stringify(columns) === JSON.stringify(expected.columns)
  );
}

function asDefinition(index: Index): { name: string; definition: string } {
  return { name: index.name, definition: `${index.unique ? 'UNIQUE ' : ''}${index.tail}` };
}

function sameNames(a: readonly string[], b: readonly string[]): boolean {
  return JSON.stringify([...a].sort()) === JSON.stringify([...b].sort());
}

function listOf(what: string, objects: readonly { name: string; definition: string }[]): string {
  if (objects.length === 0) return `There are no ${what}.`;
  return `The ${what} are:\n${objects.map(({ name, definition }) => `  ${name} ${definition}`).join('\n')}`;
}
