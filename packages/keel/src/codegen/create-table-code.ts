import { quoteIdentifier } from '../db/quote';
import { incrementOf } from '../diff/column-types';
import { defaultObjectName } from '../schema/object-names';
import type { Column, Constraint, EnumType, QualifiedName, Table } from '../schema/schema';
import { call, object, text, texts, type Code } from './code';
import { columnCode } from './column-code';
import {
  addConstraintCode,
  defaultConstraintName,
  isPlainPrimaryKey,
  isPlainUnique,
} from './constraint-code';
import {
  isUnsayable,
  isUnsayableTable,
  tableArgument,
  type CodegenContext,
} from './codegen-context';
import type { Folded } from './fold';
import { addConstraintSql, alterTable, commentSql, createEnumSql, sqlName } from './sql';

/** What is needed to know about the enums of columns. */
export type EnumLookup = (column: Column) => EnumType | undefined;

/** `createTable` and what has to follow it at once. */
export function createTableCode(
  context: CodegenContext,
  table: Table,
  folded: Folded,
  enums: EnumLookup,
): Code[] {
  if (!isOrdinary(table)) return createBySql(context, table, folded);
  const inTable = ownConstraints(table).filter((constraint) => isInTable(table, constraint));
  const columns = table.columns.map((column): readonly [string, Code] => {
    const isAlone = ({ columns: names }: Constraint): boolean =>
      names.length === 1 && names[0] === column.name;
    const inline = [...inTable.filter(({ kind }) => kind === 'unique'), ...folded.inline].filter(
      isAlone,
    );
    const isPrimaryKey = inTable.some(
      ({ kind, columns: names }) => kind === 'primary key' && names.includes(column.name),
    );
    return [
      column.name,
      columnCode(context, column, { table, enum: enums(column), isPrimaryKey, inline }),
    ];
  });
  const composite = inTable.filter(
    ({ kind, columns: names }) => kind === 'unique' && names.length > 1,
  );
  const options = object([
    ['uniqueKeys', composite.length === 0 ? undefined : uniqueKeys(composite)],
  ]);
  const create = call(
    'queryInterface.createTable',
    tableArgument(table),
    object(columns, true),
    options.entries.length === 0 ? undefined : options,
  );
  const others = ownConstraints(table).filter((constraint) => !inTable.includes(constraint));
  return [create, ...rest(context, table, others, false), ...sequenceNames(table).map(query)];
}

function createBySql(context: CodegenContext, table: Table, folded: Folded): Code[] {
  const enums = folded.enums.flatMap((type) => createEnumSql({ type: 'createEnum', enum: type }));
  const foreignKeys = folded.inline.filter(({ kind }) => kind === 'foreign key');
  return [
    ...[...enums, createTableSql(table)].map(query),
    ...rest(context, table, [...ownConstraints(table), ...foreignKeys], true),
    ...sequenceNames(table).map(query),
  ];
}

export function query(sql: string): Code {
  return call('queryInterface.sequelize.query', text(sql));
}

/** Constraints that belong to CREATE TABLE: foreign keys are operations of their own. */
export function ownConstraints(table: Table): Constraint[] {
  return table.constraints.filter(({ kind }) => kind !== 'foreign key' && kind !== 'exclude');
}

function isOrdinary(table: Table): boolean {
  return (
    table.kind === 'table' &&
    !table.unlogged &&
    table.partitionOf === undefined &&
    table.inherits.length === 0 &&
    !isUnsayableTable(table) &&
    !isUnsayable(...table.columns.map(({ name }) => name))
  );
}

/** Whether createTable makes the constraint, and under the same name. */
function isInTable(table: Table, constraint: Constraint): boolean {
  if (
    constraint.name !== defaultConstraintName(table, constraint) ||
    constraint.comment !== undefined
  )
    return false;
  if (isPlainUnique(constraint)) return true;
  // Sequelize puts the columns of a primary key in the table's order.
  const inOrder = table.columns
    .map(({ name }) => name)
    .filter((name) => constraint.columns.includes(name));
  return (
    isPlainPrimaryKey(constraint) && JSON.stringify(inOrder) === JSON.stringify(constraint.columns)
  );
}

function uniqueKeys(constraints: readonly Constraint[]): Code {
  return object(
    constraints.map(({ name, columns }) => [name, object([['fields', texts(columns)]])]),
  );
}

function rest(
  context: CodegenContext,
  table: Table,
  constraints: readonly Constraint[],
  isComplete: boolean,
): Code[] {
  const statements = constraints.flatMap((constraint) => {
    const code = addConstraintCode(context, table, constraint);
    return code === undefined ? addConstraintSql(table, constraint, false).map(query) : [code];
  });
  const comments =
    table.comment === undefined
      ? []
      : commentSql({ type: 'changeComment', table, after: table.comment });
  const columns = isComplete
    ? table.columns.flatMap((column) => columnCommentSql(table, column))
    : [];
  return [...statements, ...[...comments, ...columns].map(query)];
}

/** Sequences get PostgreSQL's name with the table: put right where the old one was another. */
function sequenceNames(table: Table): string[] {
  return table.columns.flatMap((column) => {
    const usual = defaultObjectName(table.name, [column.name], 'seq');
    if (
      column.sequence === undefined ||
      incrementOf(column) === 'none' ||
      column.sequence.name === usual
    )
      return [];
    const made = sqlName({ schema: table.schema, name: usual });
    return [`ALTER SEQUENCE ${made} RENAME TO ${quoteIdentifier(column.sequence.name)}`];
  });
}

/** CREATE TABLE for what Sequelize has no words for: partitions, inheritance, unlogged tables. */
export function createTableSql(table: Table): string {
  const name = sqlName(table);
  const partition = table.partitionKey === undefined ? '' : ` PARTITION BY ${table.partitionKey}`;
  if (table.partitionOf !== undefined)
    return `CREATE TABLE ${name} PARTITION OF ${sqlName(table.partitionOf)} ${table.partitionOf.bound}${partition}`;
  const declared = table.columns.filter(({ inherited }) => inherited !== true);
  const columns = declared.map(columnSql).join(', ');
  const inherits =
    table.inherits.length === 0 ? '' : ` INHERITS (${table.inherits.map(sqlName).join(', ')})`;
  if (table.foreign !== undefined) {
    const { server, options } = table.foreign;
    const given = options === '' ? '' : ` OPTIONS (${options})`;
    return `CREATE FOREIGN TABLE ${name} (${columns})${inherits} SERVER ${quoteIdentifier(server)}${given}`;
  }
  return `CREATE ${table.unlogged ? 'UNLOGGED ' : ''}TABLE ${name} (${columns})${inherits}${partition}`;
}

function columnSql(column: Column): string {
  const increment = incrementOf(column);
  const serial: Readonly<Record<string, string>> = {
    smallint: 'smallserial',
    integer: 'serial',
    bigint: 'bigserial',
  };
  const parts = [
    quoteIdentifier(column.name),
    increment === 'serial' ? (serial[column.type] ?? column.type) : column.type,
    column.collation === undefined ? '' : `COLLATE ${column.collation}`,
    column.generated === undefined
      ? ''
      : `GENERATED ALWAYS AS (${column.generated.expression}) ${column.generated.kind.toUpperCase()}`,
    column.identity === undefined ? '' : `GENERATED ${column.identity.toUpperCase()} AS IDENTITY`,
    column.default === undefined || increment === 'serial' ? '' : `DEFAULT ${column.default}`,
    column.notNull ? 'NOT NULL' : '',
  ];
  return parts.filter((part) => part !== '').join(' ');
}

/** `addColumn`, and what has to follow it at once. */
export function addColumnCode(
  context: CodegenContext,
  table: QualifiedName,
  column: Column,
  folded: Folded,
  enums: EnumLookup,
): Code[] {
  const code = columnCode(context, column, {
    table,
    enum: enums(column),
    isPrimaryKey: false,
    inline: folded.inline,
  });
  const usual = defaultObjectName(table.name, [column.name], 'seq');
  const add = call('queryInterface.addColumn', tableArgument(table), text(column.name), code);
  if (isUnsayableTable(table) || isUnsayable(column.name))
    return addColumnBySql(table, column, folded);
  const isRenamed =
    column.sequence !== undefined &&
    incrementOf(column) !== 'none' &&
    column.sequence.name !== usual;
  if (!isRenamed || column.sequence === undefined) return [add];
  const rename = `ALTER SEQUENCE ${sqlName({ schema: table.schema, name: usual })} RENAME TO ${quoteIdentifier(column.sequence.name)}`;
  return [add, query(rename)];
}

function columnCommentSql(table: QualifiedName, { name, comment }: Column): string[] {
  if (comment === undefined) return [];
  return commentSql({ type: 'changeComment', table, column: name, after: comment });
}

function addColumnBySql(table: QualifiedName, column: Column, folded: Folded): Code[] {
  const enums = folded.enums.flatMap((type) => createEnumSql({ type: 'createEnum', enum: type }));
  return [
    ...enums,
    alterTable(table, `ADD COLUMN ${columnSql(column)}`),
    ...folded.inline.flatMap((constraint) => addConstraintSql(table, constraint, false)),
    ...columnCommentSql(table, column),
  ].map(query);
}
