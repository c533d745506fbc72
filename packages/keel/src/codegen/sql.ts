import { quoteIdentifier, quoteLiteral, quoteTable } from '../db/quote';
import type { EnumDependent, OperationOf } from '../diff/operation';
import type { Column, Constraint, Index, QualifiedName } from '../schema/schema';

/** SQL for what queryInterface cannot do. Each function gives whole statements, without semicolons. */

/** The name as SQL: with its schema only where that is not `public`. */
export function sqlName({ schema, name }: QualifiedName): string {
  return quoteTable(schema === 'public' ? undefined : schema, name);
}

/**
 * The name of an enum as SQL, always with its schema: Sequelize puts the enums of tables without a schema into `public`,
 * whatever the search path says.
 */
export function typeName({ schema, name }: QualifiedName): string {
  return quoteTable(schema, name);
}

export function alterTable(table: QualifiedName, action: string): string {
  return `ALTER TABLE ${sqlName(table)} ${action}`;
}

export function alterColumn(table: QualifiedName, column: string, action: string): string {
  return alterTable(table, `ALTER COLUMN ${quoteIdentifier(column)} ${action}`);
}

/** To another schema, then to another name. */
export function renameSql(
  kind: 'TABLE' | 'TYPE' | 'SEQUENCE',
  from: QualifiedName,
  to: QualifiedName,
): string[] {
  const sql = kind === 'TYPE' ? typeName : sqlName;
  const moved = { schema: to.schema, name: from.name };
  return [
    ...(from.schema === to.schema
      ? []
      : [`ALTER ${kind} ${sql(from)} SET SCHEMA ${quoteIdentifier(to.schema)}`]),
    ...(from.name === to.name
      ? []
      : [`ALTER ${kind} ${sql(moved)} RENAME TO ${quoteIdentifier(to.name)}`]),
  ];
}

export function createEnumSql({ enum: type }: OperationOf<'createEnum'>): string[] {
  const values = type.values.map((value) => quoteLiteral(value).trim()).join(', ');
  const create = `CREATE TYPE ${typeName(type)} AS ENUM (${values})`;
  if (type.comment === undefined) return [create];
  return [create, `COMMENT ON TYPE ${typeName(type)} IS ${quoteLiteral(type.comment)}`];
}

/** Each new value beside the one that it stands next to in the new order. */
export function addEnumValuesSql({ before, after }: OperationOf<'addEnumValues'>): string[] {
  const known = [...before.values];
  const statements: string[] = [];
  after.values.forEach((value, position) => {
    if (known.includes(value)) return;
    const previous = after.values[position - 1];
    const next = known[0];
    const place =
      previous !== undefined
        ? ` AFTER ${quoteLiteral(previous)}`
        : next !== undefined
          ? ` BEFORE ${quoteLiteral(next)}`
          : '';
    const isLast = previous !== undefined && previous === known.at(-1);
    statements.push(
      `ALTER TYPE ${typeName(after)} ADD VALUE ${quoteLiteral(value).trim()}${isLast ? '' : place}`,
    );
    known.splice(previous === undefined ? 0 : known.indexOf(previous) + 1, 0, value);
  });
  return statements;
}

/** The old type steps aside, the new one takes its name and its place in every column. */
export function replaceEnumSql(operation: OperationOf<'replaceEnum'>): string[] {
  const { before, after, columns, dependents } = operation;
  const aside: QualifiedName = { schema: before.schema, name: `${before.name.slice(0, 58)}_old` };
  const statements = dependents.map(dropDependentSql);
  statements.push(`ALTER TYPE ${typeName(before)} RENAME TO ${quoteIdentifier(aside.name)}`);
  statements.push(...createEnumSql({ type: 'createEnum', enum: after }));
  for (const { table, column, before: old, after: next } of columns) {
    const to = `${typeName(after)}${next.isArray ? '[]' : ''}`;
    const using = enumByText(quoteIdentifier(column), old.isArray, next.isArray, typeName(after));
    if (old.default !== undefined) statements.push(alterColumn(table, column, 'DROP DEFAULT'));
    statements.push(alterColumn(table, column, `TYPE ${to} USING ${using}`));
    if (next.default !== undefined)
      statements.push(alterColumn(table, column, `SET DEFAULT ${next.default}`));
  }
  return [
    ...statements,
    `DROP TYPE ${typeName(aside)}`,
    ...dependents.flatMap(restoreDependentSql),
  ];
}

function restoreDependentSql(dependent: EnumDependent): string[] {
  const { table } = dependent;
  if ('index' in dependent) return createIndexSql(table, dependent.index, false);
  if ('constraint' in dependent) return addConstraintSql(table, dependent.constraint, false);
  const { column, after } = dependent;
  return after === undefined ? [] : [alterColumn(table, column, `SET DEFAULT ${after}`)];
}

/** Values find each other by their texts. */
function enumByText(column: string, fromArray: boolean, toArray: boolean, type: string): string {
  if (fromArray && toArray) return `${column}::text[]::${type}[]`;
  if (fromArray) return `${column}[1]::text::${type}`;
  const value = `${column}::text::${type}`;
  return toArray ? `CASE WHEN ${column} IS NULL THEN NULL ELSE ARRAY[${value}] END` : value;
}

function dropDependentSql(dependent: EnumDependent): string {
  const { table } = dependent;
  if ('column' in dependent) return alterColumn(table, dependent.column, 'DROP DEFAULT');
  return 'index' in dependent
    ? `DROP INDEX ${sqlName({ schema: table.schema, name: dependent.index.name })}`
    : alterTable(table, `DROP CONSTRAINT ${quoteIdentifier(dependent.constraint.name)}`);
}

export function changeDefaultSql({ table, after }: OperationOf<'changeDefault'>): string[] {
  const action = after.default === undefined ? 'DROP DEFAULT' : `SET DEFAULT ${after.default}`;
  return [alterColumn(table, after.name, action)];
}

export function changeNullSql({ table, after }: OperationOf<'changeNull'>): string[] {
  return [alterColumn(table, after.name, `${after.notNull ? 'SET' : 'DROP'} NOT NULL`)];
}

/** From one way of numbering to another, going on after the highest number there is. */
export function changeIncrementSql({
  table,
  before,
  after,
}: OperationOf<'changeIncrement'>): string[] {
  return [...stopIncrement(table, before), ...startIncrement(table, after)];
}

function stopIncrement(table: QualifiedName, column: Column): string[] {
  if (column.identity !== undefined) return [alterColumn(table, column.name, 'DROP IDENTITY')];
  const drop =
    column.default === undefined ? [] : [alterColumn(table, column.name, 'DROP DEFAULT')];
  return column.sequence === undefined
    ? drop
    : [...drop, `DROP SEQUENCE ${sqlName(column.sequence)}`];
}

function startIncrement(table: QualifiedName, column: Column): string[] {
  const { sequence } = column;
  const name = quoteIdentifier(column.name);
  if (sequence === undefined) {
    return column.default === undefined
      ? []
      : [alterColumn(table, column.name, `SET DEFAULT ${column.default}`)];
  }
  const advance = `SELECT setval(${quoteLiteral(sqlName(sequence)).trim()}, COALESCE((SELECT MAX(${name}) FROM ${sqlName(table)}), 0) + 1, false)`;
  if (column.identity !== undefined) {
    const identity = column.identity === 'always' ? 'ALWAYS' : 'BY DEFAULT';
    const add = `ADD GENERATED ${identity} AS IDENTITY (SEQUENCE NAME ${sqlName(sequence)})`;
    const required = alterColumn(table, column.name, 'SET NOT NULL');
    return [required, alterColumn(table, column.name, add), advance];
  }
  return [
    `CREATE SEQUENCE ${sqlName(sequence)} AS ${sequence.type} OWNED BY ${sqlName(table)}.${name}`,
    alterColumn(
      table,
      column.name,
      `SET DEFAULT nextval(${quoteLiteral(sqlName(sequence)).trim()})`,
    ),
    advance,
  ];
}

export function commentSql({ table, column, after }: OperationOf<'changeComment'>): string[] {
  const object =
    column === undefined
      ? `TABLE ${sqlName(table)}`
      : `COLUMN ${sqlName(table)}.${quoteIdentifier(column)}`;
  return [`COMMENT ON ${object} IS ${after === undefined ? 'NULL' : quoteLiteral(after).trim()}`];
}

export function addConstraintSql(
  table: QualifiedName,
  constraint: Constraint,
  notValid: boolean,
): string[] {
  const suffix = notValid || !constraint.validated ? ' NOT VALID' : '';
  return [
    alterTable(
      table,
      `ADD CONSTRAINT ${quoteIdentifier(constraint.name)} ${constraint.definition}${suffix}`,
    ),
    ...constraintCommentSql(table, constraint),
  ];
}

export function constraintCommentSql(
  table: QualifiedName,
  { name, comment }: Constraint,
): string[] {
  if (comment === undefined) return [];
  return [
    `COMMENT ON CONSTRAINT ${quoteIdentifier(name)} ON ${sqlName(table)} IS ${quoteLiteral(comment)}`,
  ];
}

export function createIndexSql(
  table: QualifiedName,
  index: Index,
  concurrently: boolean,
): string[] {
  const words = [
    'CREATE',
    index.unique ? 'UNIQUE ' : '',
    'INDEX',
    concurrently ? ' CONCURRENTLY' : '',
  ];
  const create = `${words[0] ?? ''} ${words[1] ?? ''}${words[2] ?? ''}${words[3] ?? ''}`;
  return [
    `${create} ${quoteIdentifier(index.name)} ON ${sqlName(table)} ${index.tail}`,
    ...indexCommentSql(table, index),
  ];
}

export function indexCommentSql(table: QualifiedName, { name, comment }: Index): string[] {
  if (comment === undefined) return [];
  return [
    `COMMENT ON INDEX ${sqlName({ schema: table.schema, name })} IS ${quoteLiteral(comment)}`,
  ];
}
