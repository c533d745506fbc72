import { keyOf } from '../schema/object-names';
import type { Table } from '../schema/schema';
import type { ComparisonState } from './comparison';
import { freedNames, hasIndex, newNames } from './relation-names';
import { asideName } from './steps-between';

/**
 * An index that no model asks for stays, and so does a key under a name of its own. Where another table needs that
 * name, it gets another one: the names of indexes are unique in a schema, not in a table.
 */
export function makeWay(state: ComparisonState, pairs: readonly [Table, Table][]): void {
  const wanted = new Set(state.operations.flatMap(newNames));
  const freed = new Set(state.operations.flatMap(freedNames));
  for (const [before, after] of pairs) {
    const isTaken = ({ name }: { readonly name: string }): boolean => {
      const key = keyOf({ schema: after.schema, name });
      return wanted.has(key) && !freed.has(key);
    };
    const change = (name: string) => ({ table: after, from: name, to: asideName(name) });
    for (const { name } of before.indexes.filter(isTaken))
      state.operations.push({ type: 'renameIndex', ...change(name) });
    for (const { name } of before.constraints.filter(hasIndex).filter(isTaken))
      state.operations.push({ type: 'renameConstraint', ...change(name) });
  }
}
