import { hasIndex } from '../../diff/relation-names';
import { truncateName } from '../../schema/object-names';
import type { Schema, Table } from '../../schema/schema';
import type { ColumnSide } from './expansion';

/**
 * Constraints and indexes under names that nothing else has while both columns are there: those of indexes are unique in
 * a schema, those of constraints on a table.
 */
export function freeNames(
  { tables, sequences }: Pick<Schema, 'tables' | 'sequences'>,
  owner: Table,
  side: ColumnSide,
  ending: '_new' | '_old',
): { readonly side: ColumnSide; readonly finalNames: ReadonlyMap<string, string> } {
  const near = tables.filter(({ schema }) => schema === owner.schema);
  const taken = new Set([
    ...near.flatMap((table) => [
      table.name,
      ...table.indexes.map(({ name }) => name),
      ...table.constraints.filter(hasIndex).map(({ name }) => name),
      ...table.columns.flatMap(({ sequence }) => (sequence === undefined ? [] : [sequence.name])),
    ]),
    ...owner.constraints.map(({ name }) => name),
    ...sequences.filter(({ schema }) => schema === owner.schema).map(({ name }) => name),
  ]);
  const finalNames = new Map<string, string>();
  const free = <T extends { readonly name: string }>(one: T): T => {
    const name = freeName(one.name, taken, ending);
    taken.add(name);
    finalNames.set(name, one.name);
    return { ...one, name };
  };
  return {
    side: {
      columns: side.columns,
      constraints: side.constraints.map(free),
      indexes: side.indexes.map(free),
    },
    finalNames,
  };
}

/** The name itself, or with an ending. */
export function freeName(name: string, taken: ReadonlySet<string>, ending: string): string {
  if (!taken.has(name)) return name;
  for (let at = 1; ; at += 1) {
    const other = `${truncateName(name, 56)}${ending}${at === 1 ? '' : at}`;
    if (!taken.has(other)) return other;
  }
}
