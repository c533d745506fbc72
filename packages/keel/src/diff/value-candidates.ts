import { displayName, keyOf } from '../schema/object-names';
import type { QualifiedName, Schema } from '../schema/schema';
import { bestPairs } from './best-pairs';
import { nameLikeness } from './name-likeness';
import { columnScope, pathOf, shellWord, writePath } from './object-path';
import type { Operation } from './operation';
import type { RenameCandidate, RenameSearch } from './rename-candidate';

/** Values of an enum: gone ones and new ones of the same change. */
export function valueCandidates({ before, comparison, drop }: RenameSearch): RenameCandidate[] {
  return comparison.operations.flatMap((op) =>
    op.type === 'replaceEnum' ? valuesOf(op, before, drop) : [],
  );
}

function valuesOf(
  { before: old, after, columns }: Extract<Operation, { type: 'replaceEnum' }>,
  before: Schema,
  drop: ReadonlySet<string>,
): RenameCandidate[] {
  const [use] = columns;
  const table = before.tables.find((one) => use !== undefined && keyOf(one) === keyOf(use.table));
  if (use === undefined || table === undefined) return [];
  const { column } = use;
  // The type may get another name by the same change: here it still has the old one.
  const type = table.columns.find(({ name }) => name === column)?.enumType ?? nameOf(old);
  const gone = old.values.filter(
    (value) => !after.values.includes(value) && !drop.has(`${keyOf(table)}.${column}.${value}`),
  );
  const added = after.values.filter((value) => !old.values.includes(value));
  const pairs = gone.flatMap((from) =>
    added.map((to) => ({ from, to, likeness: nameLikeness(from, to) })),
  );
  const shown = `${displayName(table)}.${column}`;
  return bestPairs(pairs).map(({ from: value, to }) => {
    const path = pathOf({ table, part: column, value }, columnScope(before));
    return {
      from: `${shown}.${value}`,
      to: `${shown}.${to}`,
      also: '',
      renames: [{ kind: 'value', table: nameOf(table), column, enum: type, value, to } as const],
      flags: [shellWord(`${path}:${writePath([to])}`)],
      drop: shellWord(path),
    };
  });
}

function nameOf({ schema, name }: QualifiedName): QualifiedName {
  return { schema, name };
}
