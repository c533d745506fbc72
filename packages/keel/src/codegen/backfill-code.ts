import { quoteIdentifier } from '../db/quote';
import type { OperationOf } from '../diff/operation';
import { call, object, type Code } from './code';
import { isUnsayable, sqlLiteral, tableArgument } from './codegen-context';

/** A call of keel's `backfill`, with a place for the value, which is refused as long as there are rows to be filled. */
export function backfillCode({ table, column }: OperationOf<'backfill'>): Code {
  const where = isUnsayable(column)
    ? sqlLiteral(`${quoteIdentifier(column)} IS NULL`)
    : object([[column, 'null']]);
  return call(
    'backfill',
    'queryInterface',
    object(
      [
        ['table', tableArgument(table)],
        ['set', object([[column, 'undefined']])],
        ['where', where],
      ],
      true,
    ),
  );
}
