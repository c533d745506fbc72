import type { Operation } from '../diff/operation';
import { createTableSql, ownConstraints } from './create-table-code';
import { sqlOf } from './operation-sql';
import { addConstraintSql, createIndexSql } from './sql';

/** What builds an object, as SQL alone: to try whether it can be built before it is written as code. */
export function trialSql(operation: Operation): string[] {
  if (operation.type === 'createTable') {
    const { table } = operation;
    return [
      createTableSql(table),
      ...ownConstraints(table).flatMap((constraint) => addConstraintSql(table, constraint, false)),
    ];
  }
  if (operation.type === 'addConstraint')
    return addConstraintSql(operation.table, operation.constraint, false);
  return operation.type === 'createIndex'
    ? createIndexSql(operation.table, operation.index, false)
    : sqlOf(operation);
}
