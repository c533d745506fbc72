import { quoteIdentifier } from '../db/quote';
import { incrementOf, isSameKind, sameDefault } from '../diff/column-types';
import { conversionOf } from '../diff/conversion';
import { isOnline, type Operation, type OperationOf } from '../diff/operation';
import { keyOf } from '../schema/object-names';
import type { Column, EnumType } from '../schema/schema';
import { onlineCode } from './online-code';
import { call, text, type Code, type CodeLoop } from './code';
import { columnCode } from './column-code';
import { addConstraintCode, addIndexCode } from './constraint-code';
import {
  isUnsayable,
  isUnsayableTable,
  tableArgument,
  type CodegenContext,
} from './codegen-context';
import { fold, type Folded } from './fold';
import * as sql from './sql';
import { sqlOf } from './operation-sql';
import { partitionIndexCode } from './partition-index-code';
import { addColumnCode, createTableCode, query, type EnumLookup } from './create-table-code';

/** Operations that are written together as calls of queryInterface, each to be awaited. */
export interface Statement {
  readonly operations: readonly Operation[];
  readonly code: readonly (Code | CodeLoop)[];
}

/**
 * Writes `operations` as a person would, in terms of queryInterface; as SQL only where that cannot say it.
 *
 * @param enums every enum that columns of these operations may have, of both schemas
 */
export function writeStatements(
  context: CodegenContext,
  operations: readonly Operation[],
  enums: ReadonlyMap<string, EnumType>,
): Statement[] {
  const lookup: EnumLookup = (column) =>
    column.enumType === undefined ? undefined : enums.get(keyOf(column.enumType));
  return fold(operations).map((folded) => ({
    operations: folded.parts,
    code: writeStatement(context, folded, withOwnEnums(lookup, folded)),
  }));
}

/** The values of a type that is made here are those of its operation, not of a later change. */
function withOwnEnums(lookup: EnumLookup, folded: Folded): EnumLookup {
  return (column) => {
    const own = folded.enums.find(
      (type) => column.enumType !== undefined && keyOf(type) === keyOf(column.enumType),
    );
    return own ?? lookup(column);
  };
}

function writeStatement(
  context: CodegenContext,
  folded: Folded,
  enums: EnumLookup,
): Statement['code'] {
  const { operation } = folded;
  if (isOnline(operation)) return onlineCode(operation);
  switch (operation.type) {
    case 'createTable':
      return createTableCode(context, operation.table, folded, enums);
    case 'dropTable':
      return [dropTable(operation)];
    case 'renameTable':
      return renameTable(operation);
    case 'addColumn':
      return addColumnCode(context, operation.table, operation.column, folded, enums);
    case 'dropColumn':
      return [dropColumn(operation)];
    case 'renameColumn':
      return renameColumn(operation);
    case 'changeType':
    case 'changeDefault':
    case 'changeNull':
      return changeColumn(context, operation, folded);
    case 'addConstraint':
      return addConstraint(context, operation);
    case 'dropConstraint':
      return [dropConstraint(operation)];
    case 'createIndex':
      return createIndex(context, operation);
    case 'dropIndex':
      return [dropIndex(operation)];
    case 'addEnumValues':
    case 'changeComment':
    case 'changeIncrement':
    case 'createEnum':
    case 'createExtension':
    case 'createSchema':
    case 'dropEnum':
    case 'dropExtension':
    case 'dropSchema':
    case 'invalidateConstraint':
    case 'renameConstraint':
    case 'renameEnum':
    case 'renameEnumValue':
    case 'renameIndex':
    case 'renameSequence':
    case 'replaceEnum':
    case 'runSql':
    case 'validateConstraint':
      return sqlOf(operation).map(query);
  }
}

function dropColumn({ table, column: { name } }: OperationOf<'dropColumn'>): Code {
  return isUnsayableTable(table) || isUnsayable(name)
    ? query(sql.alterTable(table, `DROP COLUMN ${quoteIdentifier(name)}`))
    : call('queryInterface.removeColumn', tableArgument(table), text(name));
}

function dropTable({ table }: OperationOf<'dropTable'>): Code {
  if (table.kind !== 'foreign' && !isUnsayableTable(table))
    return call('queryInterface.dropTable', tableArgument(table));
  const kind = table.kind === 'foreign' ? 'FOREIGN TABLE' : 'TABLE';
  return query(`DROP ${kind} ${sql.sqlName(table)}`);
}

function renameTable(operation: OperationOf<'renameTable'>): Code[] {
  const { from, to } = operation;
  const isPlain =
    from.schema === 'public' && to.schema === 'public' && !isUnsayable(from.name, to.name);
  if (!isPlain) return sqlOf(operation).map(query);
  return [call('queryInterface.renameTable', tableArgument(from), text(to.name))];
}

function renameColumn(operation: OperationOf<'renameColumn'>): Code[] {
  const { table, from, to } = operation;
  if (isUnsayableTable(table) || isUnsayable(from, to)) return sqlOf(operation).map(query);
  return [call('queryInterface.renameColumn', tableArgument(table), text(from), text(to))];
}

/** `changeColumn` states the whole column: what it is not told, it takes away. */
function changeColumn(
  context: CodegenContext,
  operation: OperationOf<'changeType' | 'changeDefault' | 'changeNull'>,
  folded: Folded,
): Code[] {
  const { table, before } = operation;
  const changes = [operation, ...folded.changes];
  const column = changed(before, changes);
  const isSql = changes.some(({ asSql }) => asSql === true);
  const isNamed = !isUnsayableTable(table) && !isUnsayable(column.name);
  if (isSql || !isNamed || !isPlainChange(before, column))
    return changes.flatMap((change) => sqlOf(change)).map(query);
  const around = { table, enum: undefined, isPrimaryKey: false, inline: [] };
  const code = columnCode(context, withoutComment(column), around);
  return [call('queryInterface.changeColumn', tableArgument(table), text(column.name), code)];
}

/** The column as it is after just these changes. */
function changed(
  before: Column,
  changes: readonly OperationOf<'changeType' | 'changeDefault' | 'changeNull'>[],
): Column {
  return changes.reduce<Column>((column, { type, after }) => {
    if (type === 'changeNull') return { ...column, notNull: after.notNull };
    const { type: newType, default: value } = after;
    const rest = { ...column, ...(type === 'changeType' ? { type: newType } : {}) };
    return value === undefined ? withoutDefault(rest) : { ...rest, default: value };
  }, before);
}

function withoutDefault({ default: _default, ...column }: Column): Column {
  return column;
}

function withoutComment({ comment: _comment, ...column }: Column): Column {
  return column;
}

/** Whether Sequelize's `changeColumn` makes just this of the column, without rewriting it in vain. */
function isPlainChange(before: Column, after: Column): boolean {
  const isSpecial = [before, after].some(
    (column) =>
      incrementOf(column) !== 'none' ||
      column.enumType !== undefined ||
      column.generated !== undefined ||
      column.collation !== undefined,
  );
  if (isSpecial || conversionOf(before, after).using !== undefined) return false;
  // It looks for these words anywhere in the column's SQL.
  if (/;|NOT NULL|DEFAULT|REFERENCES|UNIQUE/.test(after.default ?? '')) return false;
  if (before.type === after.type) return true;
  // It sets the default before the type, and PostgreSQL converts the old one with the type.
  const hasDefault = before.default !== undefined || after.default !== undefined;
  return (
    !hasDefault ||
    (isSameKind(before.type, after.type) && sameDefault(before.default, after.default))
  );
}

function addConstraint(
  context: CodegenContext,
  { table, constraint, notValid }: OperationOf<'addConstraint'>,
): Code[] {
  const code =
    notValid === true || !constraint.validated
      ? undefined
      : addConstraintCode(context, table, constraint);
  return code === undefined
    ? sql.addConstraintSql(table, constraint, notValid === true).map(query)
    : [code];
}

function dropConstraint({ table, constraint: { name } }: OperationOf<'dropConstraint'>): Code {
  if (isUnsayable(name) || isUnsayableTable(table))
    return query(sql.alterTable(table, `DROP CONSTRAINT ${quoteIdentifier(name)}`));
  return call('queryInterface.removeConstraint', tableArgument(table), text(name));
}

function createIndex(
  context: CodegenContext,
  operation: OperationOf<'createIndex'>,
): Statement['code'] {
  const { table, index, concurrently, onPartitions } = operation;
  if (onPartitions === true) return partitionIndexCode(context, operation);
  const code = addIndexCode(table, index, concurrently === true);
  return code === undefined
    ? sql.createIndexSql(table, index, concurrently === true).map(query)
    : [code];
}

function dropIndex({ table, index: { name }, concurrently }: OperationOf<'dropIndex'>): Code {
  if (table.schema !== 'public' || isUnsayable(name) || isUnsayableTable(table)) {
    return query(
      `DROP INDEX ${concurrently === true ? 'CONCURRENTLY ' : ''}${sql.sqlName({ schema: table.schema, name })}`,
    );
  }
  const options: Code | undefined =
    concurrently === true ? { kind: 'object', entries: [['concurrently', 'true']] } : undefined;
  return call('queryInterface.removeIndex', tableArgument(table), text(name), options);
}
