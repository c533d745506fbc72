import { quoteIdentifier, quoteLiteral } from '../db/quote';
import type { Operation, OperationOf, OperationType } from '../diff/operation';
import { changeTypeSql } from './change-type-sql';
import * as sql from './sql';

type Writers = { readonly [T in OperationType]?: (operation: OperationOf<T>) => string[] };

/** Operations that queryInterface has no method for, or whose method does something else. */
const writers: Writers = {
  createSchema: ({ name }) => [`CREATE SCHEMA ${quoteIdentifier(name)}`],
  dropSchema: ({ name }) => [`DROP SCHEMA ${quoteIdentifier(name)}`],
  createExtension: ({ extension: { name, schema } }) => {
    const isElsewhere = schema !== 'public' && !schema.startsWith('pg_');
    const suffix = isElsewhere ? ` SCHEMA ${quoteIdentifier(schema)}` : '';
    return [`CREATE EXTENSION IF NOT EXISTS ${quoteIdentifier(name)}${suffix}`];
  },
  dropExtension: ({ extension }) => [`DROP EXTENSION ${quoteIdentifier(extension.name)}`],
  createEnum: sql.createEnumSql,
  dropEnum: (operation) => [`DROP TYPE ${sql.typeName(operation.enum)}`],
  renameEnum: ({ from, to }) => sql.renameSql('TYPE', from, to),
  renameEnumValue: ({ enum: type, from, to }) => [
    `ALTER TYPE ${sql.typeName(type)} RENAME VALUE ${quoteLiteral(from).trim()} TO ${quoteLiteral(to).trim()}`,
  ],
  renameTable: ({ from, to }) => sql.renameSql('TABLE', from, to),
  renameColumn: ({ table, from, to }) => [
    sql.alterTable(table, `RENAME COLUMN ${quoteIdentifier(from)} TO ${quoteIdentifier(to)}`),
  ],
  renameSequence: ({ from, to }) => sql.renameSql('SEQUENCE', from, to),
  renameConstraint: ({ table, from, to }) => [
    sql.alterTable(table, `RENAME CONSTRAINT ${quoteIdentifier(from)} TO ${quoteIdentifier(to)}`),
  ],
  renameIndex: ({ table, from, to }) => [
    `ALTER INDEX ${sql.sqlName({ schema: table.schema, name: from })} RENAME TO ${quoteIdentifier(to)}`,
  ],
  addEnumValues: sql.addEnumValuesSql,
  replaceEnum: sql.replaceEnumSql,
  changeType: changeTypeSql,
  changeDefault: sql.changeDefaultSql,
  changeNull: sql.changeNullSql,
  changeIncrement: sql.changeIncrementSql,
  changeComment: sql.commentSql,
  validateConstraint: ({ table, constraint }) => [
    sql.alterTable(table, `VALIDATE CONSTRAINT ${quoteIdentifier(constraint.name)}`),
  ],
  // There is no way back from a validated constraint, and no need of one.
  invalidateConstraint: () => [],
  runSql: ({ up }) => [...up],
};

/** The statements of an operation that is written as SQL. */
export function sqlOf<T extends OperationType>(operation: OperationOf<T>): string[] {
  const write = writers[operation.type] as ((operation: Operation) => string[]) | undefined;
  return write === undefined ? [] : write(operation);
}
