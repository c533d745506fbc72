import { displayName, keyOf } from '../schema/object-names';
import type { Constraint } from '../schema/schema';
import { describeOperation, sayWith, type Difference, type Sides } from './describe-operation';
import { tableOf, type Operation, type OperationOf } from './operation';

/** Says what differs, a foreign key or index that is replaced as one change. */
export function describeOperations(operations: readonly Operation[], sides: Sides): Difference[] {
  return operations.flatMap((operation) => {
    if (goesWithoutSaying(operation, operations)) return [];
    if (operation.type === 'dropConstraint') {
      const replacement = operations.find((other) => isReplacement(operation, other));
      if (replacement !== undefined) return [];
    }
    if (operation.type === 'addConstraint') {
      const replaced = operations.find(
        (other) => other.type === 'dropConstraint' && isReplacement(other, operation),
      );
      if (replaced?.type === 'dropConstraint')
        return describeReplacement(replaced, operation, sides);
    }
    return [describeOperation(operation, sides)];
  });
}

/** What comes or goes together with its table, or goes together with its columns: with one of several it is said. */
function goesWithoutSaying(operation: Operation, all: readonly Operation[]): boolean {
  const isPart = ['addConstraint', 'dropConstraint', 'createIndex', 'dropIndex', 'runSql'].includes(
    operation.type,
  );
  const owner = tableOf(operation);
  if (!isPart || owner === undefined) return false;
  const columns =
    operation.type === 'dropConstraint'
      ? operation.constraint.columns
      : operation.type === 'dropIndex'
        ? operation.index.dependsOn
        : [];
  const ofTable = all.filter((other) => 'table' in other && keyOf(other.table) === keyOf(owner));
  if (ofTable.some(({ type }) => type === 'createTable' || type === 'dropTable')) return true;
  const dropped = ofTable.flatMap((other) =>
    other.type === 'dropColumn' ? [other.column.name] : [],
  );
  return columns.length > 0 && columns.every((column) => dropped.includes(column));
}

function isReplacement(drop: OperationOf<'dropConstraint'>, add: Operation): boolean {
  return (
    add.type === 'addConstraint' &&
    drop.constraint.kind === 'foreign key' &&
    add.constraint.kind === 'foreign key' &&
    keyOf(add.table) === keyOf(drop.table) &&
    JSON.stringify(add.constraint.columns) === JSON.stringify(drop.constraint.columns)
  );
}

/** Nothing where a foreign key is only taken off and put back for a change of its columns. */
function describeReplacement(
  drop: OperationOf<'dropConstraint'>,
  add: OperationOf<'addConstraint'>,
  sides: Sides,
): Difference[] {
  const strip = (value: Constraint): string =>
    value.definition.replace(/^FOREIGN KEY \([^)]*\) /, '');
  if (drop.constraint.definition === add.constraint.definition) return [];
  const what = `foreign key (${add.constraint.columns.join(', ')})`;
  const text = sayWith(add, sides).both(what, strip(add.constraint), strip(drop.constraint));
  return [{ table: displayName(add.table), text }];
}
