import { keyOf } from '../schema/object-names';
import type { QualifiedName, Table } from '../schema/schema';
import type { ComparisonState } from './comparison';
import { hasIndex, newNames } from './new-names';
import { asideName } from './steps-between';

/**
 * An index that no model asks for stays, and so does a key under a name of its own. Where another table needs that
 * name, it gets another one: the names of indexes are unique in a schema, not in a table.
 */
export function makeWay(state: ComparisonState, pairs: readonly [Table, Table][]): void {
  const wanted = new Set(state.operations.flatMap(newNames));
  for (const [before, after] of pairs) {
    const isTaken = ({ name }: { readonly name: string }): boolean =>
      wanted.has(keyOf({ schema: after.schema, name })) && !leavesName(state, before, name);
    const change = (name: string) => ({ table: after, from: name, to: asideName(name) });
    for (const { name } of before.indexes.filter(isTaken))
      state.operations.push({ type: 'renameIndex', ...change(name) });
    for (const { name } of before.constraints.filter(hasIndex).filter(isTaken))
      state.operations.push({ type: 'renameConstraint', ...change(name) });
  }
}

/** Whether the index or constraint goes away or is renamed. */
function leavesName(state: ComparisonState, table: QualifiedName, name: string): boolean {
  return state.operations.some((operation) => {
    if (!('table' in operation) || keyOf(operation.table) !== keyOf(table)) return false;
    if (operation.type === 'dropIndex') return operation.index.name === name;
    if (operation.type === 'dropConstraint') return operation.constraint.name === name;
    return (
      (operation.type === 'renameIndex' || operation.type === 'renameConstraint') &&
      operation.from === name
    );
  });
}
