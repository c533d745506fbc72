import { quoteIdentifier, quoteLiteral, quoteTable } from '../db/quote';
import { compareText } from './catalog';
import type { Column, Constraint, Index, QualifiedName, Schema, Sequence, Table } from './schema';

/**
 * The schema as text to keep under version control: sorted, so that it depends on nothing but the schema,
 * one line for each part, so that a change of the schema is a change of few lines. In the form of SQL to
 * be read, not to be run.
 */
export function renderDump(schema: Schema): string {
  const blocks = [
    schema.namespaces.map((name) => `CREATE SCHEMA ${quoteIdentifier(name)};`),
    schema.extensions.map(
      ({ name, schema: owner }) =>
        `CREATE EXTENSION ${quoteIdentifier(name)} SCHEMA ${quoteIdentifier(owner)};`,
    ),
    ...schema.enums.map((type) => [
      `CREATE TYPE ${named(type)} AS ENUM (`,
      ...list(type.values.map((value) => quoteLiteral(value).trim())),
      ');',
      ...comment(`TYPE ${named(type)}`, type.comment),
    ]),
    ...schema.sequences.map(sequenceLines),
    ...schema.tables.map(tableLines),
    ...schema.others.map((object) => [
      `-- ${object.kind} ${object.schema}.${object.identity}`,
      ...object.create.flatMap((statement) =>
        `${statement.trim()};`.split('\n').map((line) => line.trimEnd()),
      ),
    ]),
  ];
  return blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => `${lines.join('\n')}\n`)
    .join('\n');
}

function named({ schema, name }: QualifiedName): string {
  return quoteTable(schema, name);
}

function list(items: readonly string[]): string[] {
  return items.map((item, position) => `  ${item}${position === items.length - 1 ? '' : ','}`);
}

function comment(object: string, text: string | undefined): string[] {
  return text === undefined ? [] : [`COMMENT ON ${object} IS ${quoteLiteral(text).trim()};`];
}

function sequenceLines(sequence: Sequence): string[] {
  const { definition, unlogged, owner } = sequence;
  return [
    `CREATE ${unlogged ? 'UNLOGGED ' : ''}SEQUENCE ${named(sequence)} ${definition};`,
    ...(owner === undefined
      ? []
      : [
          `ALTER SEQUENCE ${named(sequence)} OWNED BY ${named(owner)}.${quoteIdentifier(owner.column)};`,
        ]),
  ];
}

function tableLines(table: Table): string[] {
  const name = named(table);
  const columns = [...table.columns].sort((a, b) => compareText(a.name, b.name));
  return [
    `CREATE ${table.unlogged ? 'UNLOGGED ' : ''}${table.kind === 'foreign' ? 'FOREIGN ' : ''}TABLE ${name} (`,
    ...list([...columns.map(columnLine), ...table.constraints.map(constraintLine)]),
    `)${inheritance(table)}${foreign(table)};`,
    ...table.indexes.map((index) => indexLine(table, index)),
    ...table.triggers.map(({ definition }) => `${definition};`),
    ...rowSecurity(table),
    ...table.settings.map(({ what, value, set }) =>
      set === undefined ? `-- ${what}: ${value}` : `${set};`,
    ),
    ...comment(`TABLE ${name}`, table.comment),
    ...columns.flatMap((column) =>
      comment(`COLUMN ${name}.${quoteIdentifier(column.name)}`, column.comment),
    ),
    ...table.constraints.flatMap((constraint) =>
      comment(`CONSTRAINT ${quoteIdentifier(constraint.name)} ON ${name}`, constraint.comment),
    ),
    ...table.indexes.flatMap((index) =>
      comment(`INDEX ${quoteTable(table.schema, index.name)}`, index.comment),
    ),
  ];
}

function columnLine(column: Column): string {
  const parts = [
    quoteIdentifier(column.name),
    column.type,
    column.collation === undefined ? '' : `COLLATE ${column.collation}`,
    column.notNull ? 'NOT NULL' : '',
    column.inherited === true ? '/* inherited */' : '',
    column.default === undefined ? '' : `DEFAULT ${column.default}`,
    column.identity === undefined ? '' : `GENERATED ${column.identity.toUpperCase()} AS IDENTITY`,
    column.generated === undefined
      ? ''
      : `GENERATED ALWAYS AS (${column.generated.expression}) ${column.generated.kind.toUpperCase()}`,
    column.sequence === undefined
      ? ''
      : `/* ${column.sequence.schema}.${column.sequence.name} ${column.sequence.type} */`,
  ];
  return parts.filter((part) => part !== '').join(' ');
}

function constraintLine({ name, definition, validated }: Constraint): string {
  return `CONSTRAINT ${quoteIdentifier(name)} ${definition}${validated ? '' : ' NOT VALID'}`;
}

function indexLine(table: Table, { name, unique, tail, valid }: Index): string {
  return `CREATE ${unique ? 'UNIQUE ' : ''}INDEX ${quoteIdentifier(name)} ON ${named(table)} ${tail};${valid ? '' : ' -- invalid'}`;
}

function inheritance({ partitionOf, inherits, partitionKey }: Table): string {
  const parts = [
    partitionOf === undefined ? '' : ` PARTITION OF ${named(partitionOf)} ${partitionOf.bound}`,
    inherits.length === 0 ? '' : ` INHERITS (${inherits.map(named).join(', ')})`,
    partitionKey === undefined ? '' : ` PARTITION BY ${partitionKey}`,
  ];
  return parts.join('');
}

function foreign({ foreign: from }: Table): string {
  if (from === undefined) return '';
  return ` SERVER ${quoteIdentifier(from.server)}${from.options === '' ? '' : ` OPTIONS (${from.options})`}`;
}

function rowSecurity(table: Table): string[] {
  const name = named(table);
  return [
    ...(table.rowSecurity === 'off' ? [] : [`ALTER TABLE ${name} ENABLE ROW LEVEL SECURITY;`]),
    ...(table.rowSecurity === 'forced' ? [`ALTER TABLE ${name} FORCE ROW LEVEL SECURITY;`] : []),
    ...table.policies.map(
      (policy) => `CREATE POLICY ${quoteIdentifier(policy.name)} ON ${name} ${policy.definition};`,
    ),
  ];
}
