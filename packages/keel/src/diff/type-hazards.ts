import { quoteIdentifier, quoteLiteral } from '../db/quote';
import { displayName } from '../schema/object-names';
import type { QualifiedName } from '../schema/schema';
import { isArray, lengthOf, narrows } from './column-types';
import { hazard, type Hazard } from './hazard';
import type { Operation, OperationOf } from './operation';

export function changeType(operation: OperationOf<'changeType'>): Hazard[] {
  const { table, before, after } = operation;
  const column = quoteIdentifier(after.name);
  const where = `${displayName(table)}.${after.name}`;
  const length = lengthOf(after.type);
  if (narrows(before.type, after.type)) {
    const condition =
      length === undefined ? `${column} IS NOT NULL` : `length(${column}::text) > ${length}`;
    const what = `${where} becomes ${after.type}, which not every ${before.type} fits into`;
    return [
      ...(isArray(before.type) && !isArray(after.type)
        ? [lostElements(operation, table, after.name)]
        : []),
      hazard(operation, table, 'may fail', what, condition),
    ];
  }
  const isFree =
    before.type.startsWith('character varying') && /^(character varying|text$)/.test(after.type);
  if (isFree) return [];
  return [
    {
      kind: 'rewrites the table',
      what: `${where} becomes ${after.type}, under an exclusive lock`,
      table,
      operation,
    },
  ];
}

function lostElements(operation: Operation, table: QualifiedName, column: string): Hazard {
  const what = `all but the first element of ${displayName(table)}.${column}, which is no array any more`;
  return hazard(
    operation,
    table,
    'loses data',
    what,
    `cardinality(${quoteIdentifier(column)}) > 1`,
  );
}

export function replaceEnum(operation: OperationOf<'replaceEnum'>): Hazard[] {
  const { before, after, columns } = operation;
  const removed = before.values.filter((value) => !after.values.includes(value));
  const lost = columns
    .filter((column) => column.before.isArray && !column.after.isArray)
    .map(({ table, column }) => lostElements(operation, table, column));
  if (removed.length === 0) return lost;
  const unfit = columns.map(({ table, column, before: old }) => {
    const list = removed.map((value) => quoteLiteral(value)).join(', ');
    const name = quoteIdentifier(column);
    const condition = old.isArray
      ? `${name}::text[] && ARRAY[${list}]`
      : `${name}::text IN (${list})`;
    const what = `${displayName(table)}.${column} can no longer be ${removed.join(', ')}`;
    return hazard(operation, table, 'may fail', what, condition);
  });
  return [...lost, ...unfit];
}
