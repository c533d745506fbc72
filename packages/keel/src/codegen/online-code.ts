import { quoteIdentifier } from '../db/quote';
import type { Assignment, OnlineOperation, OperationOf } from '../diff/operation';
import { call, object, text, type Code } from './code';
import { isUnsayable, sqlLiteral, tableArgument } from './codegen-context';

/** The calls of keel's own functions, which work between two deploys. */
export function onlineCode(operation: OnlineOperation): Code[] {
  switch (operation.type) {
    case 'backfill':
      return [backfillCode(operation)];
    case 'unfill':
      return [];
    case 'syncColumns':
    case 'unsyncColumns':
      return [syncColumnsCode(operation)];
    case 'requireRelease':
      return [requireReleaseCode(operation)];
  }
}

/** A call of keel's `backfill`; a place for a value is refused as long as there are rows to be filled. */
function backfillCode({ table, values, where }: OperationOf<'backfill'>): Code {
  return call(
    'backfill',
    'queryInterface',
    object(
      [
        ['table', tableArgument(table)],
        ['set', valuesCode(values)],
        ['where', whereCode(values, where === 'empty')],
      ],
      true,
    ),
  );
}

/** Only rows that are not right yet: what others have filled is left alone. */
function whereCode(values: readonly Assignment[], isEmpty: boolean): Code {
  const isOpen = isEmpty || values.every(({ sql }) => sql === undefined);
  if (isOpen && !values.some(({ column }) => isUnsayable(column)))
    return object(values.map(({ column }) => [column, 'null']));
  const differs = ({ column, sql }: Assignment): string =>
    isOpen || sql === undefined
      ? `${quoteIdentifier(column)} IS NULL`
      : `${quoteIdentifier(column)} IS DISTINCT FROM ${inBrackets(sql)}`;
  return sqlLiteral(values.map(differs).join(isOpen ? ' AND ' : ' OR '));
}

function inBrackets(sql: string): string {
  return columnIn(sql) === undefined ? `(${sql})` : sql;
}

function valuesCode(values: readonly Assignment[]): Code {
  return object(values.map(({ column, sql }) => [column, valueCode(sql)]));
}

function valueCode(sql: string | undefined): Code {
  if (sql === undefined) return 'undefined';
  const column = columnIn(sql);
  return column === undefined || isUnsayable(column)
    ? sqlLiteral(sql)
    : call('Sequelize.col', text(column));
}

/** The column, where an expression is nothing else. */
function columnIn(sql: string): string | undefined {
  const name = /^"((?:[^"]|"")+)"$/.exec(sql)?.[1];
  return name?.replaceAll('""', '"');
}

/** A call of `syncColumns` or `unsyncColumns`. */
function syncColumnsCode({
  type,
  table,
  forward,
  back,
}: OperationOf<'syncColumns' | 'unsyncColumns'>): Code {
  return call(
    type,
    'queryInterface',
    object(
      [
        ['table', tableArgument(table)],
        ['forward', valuesCode(forward)],
        ['back', type === 'syncColumns' ? valuesCode(back) : undefined],
      ],
      true,
    ),
  );
}

/** A call of `requireRelease` with a place for the release, which is refused as long as the table has rows. */
function requireReleaseCode({ table, application }: OperationOf<'requireRelease'>): Code {
  return call(
    'requireRelease',
    'queryInterface',
    object(
      [
        ['application', text(application)],
        ['atLeast', 'undefined'],
        ['table', tableArgument(table)],
      ],
      true,
    ),
  );
}
