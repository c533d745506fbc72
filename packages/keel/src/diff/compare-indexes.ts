import { columnKey } from '../schema/model-facts';
import type { Index, QualifiedName, Table } from '../schema/schema';
import { isExact, mayDrop, takeIndex, type ComparisonState } from './comparison';
import { isUniqueOver } from './compare-constraints';

/** Indexes that no constraint owns: paired by what they do, then renamed. Extra ones stay unless asked for. */
export function compareIndexes(state: ComparisonState, before: Table, after: Table): void {
  const present = before.indexes.filter((index) => isExact(state) || index.valid);
  const unpaired = present.filter((index) => !losesColumn(state, before, index));
  const missing: Index[] = [];
  const renamed: Renaming[] = [];
  dropInvalid(state, before);
  for (const index of inPairingOrder(after.indexes, before.indexes)) {
    const old =
      takeIndex(
        unpaired,
        (candidate) => candidate.name === index.name && isPair(candidate, index),
      ) ?? takeIndex(unpaired, (candidate) => isPair(candidate, index));
    if (old === undefined) missing.push(index);
    else if (old.name !== index.name) renamed.push({ from: old, to: index });
  }
  for (const { from, to } of renamed)
    state.operations.push({ type: 'renameIndex', table: after, from: from.name, to: to.name });
  const created = missing.filter((index) => !isServedByConstraint(state, before, index));
  const lost = present.filter((candidate) => losesColumn(state, before, candidate));
  for (const index of lost) state.operations.push({ type: 'dropIndex', table: before, index });
  const named = [...created, ...renamed.map(({ to }) => to)];
  for (const index of unpaired) {
    if (goesAway(state, before, index, named))
      state.operations.push({ type: 'dropIndex', table: before, index });
    else if (!isWantedUnique(after, index)) {
      state.notices.push({ kind: 'index without model', table: nameOf(before), name: index.name });
    }
  }
  for (const index of created) state.operations.push({ type: 'createIndex', table: after, index });
}

interface Renaming {
  readonly from: Index;
  readonly to: Index;
}

function inPairingOrder(wanted: readonly Index[], existing: readonly Index[]): Index[] {
  const isThere = ({ name }: Index): boolean => existing.some((index) => index.name === name);
  return [...wanted.filter(isThere), ...wanted.filter((index) => !isThere(index))];
}

function isPair(before: Index, after: Index): boolean {
  return (
    before.unique === after.unique && before.tail === after.tail && before.valid === after.valid
  );
}

/** What a failed CREATE INDEX CONCURRENTLY left behind serves nobody, and keeps the name. */
function dropInvalid(state: ComparisonState, table: Table): void {
  if (isExact(state)) return;
  for (const index of table.indexes.filter(({ valid }) => !valid)) {
    state.operations.push({ type: 'dropIndex', table, index });
    state.notices.push({ kind: 'invalid index', table: nameOf(table), name: index.name });
  }
}

function nameOf({ schema, name }: QualifiedName): QualifiedName {
  return { schema, name };
}

function isServedByConstraint(state: ComparisonState, before: Table, index: Index): boolean {
  if (isExact(state)) return false;
  return before.constraints.some(
    (constraint) =>
      (constraint.kind === 'unique' || constraint.kind === 'primary key') &&
      isUniqueOver(index, {
        ...constraint,
        kind: 'unique',
        definition: constraint.definition.replace('PRIMARY KEY', 'UNIQUE'),
      }) &&
      !constraint.columns.some((column) => state.lostColumns.has(columnKey(before, column))),
  );
}

/** Whether the model wants what the index does, as a UNIQUE constraint. */
function isWantedUnique(after: Table, index: Index): boolean {
  return after.constraints.some(
    (constraint) => constraint.kind === 'unique' && isUniqueOver(index, constraint),
  );
}

function goesAway(
  state: ComparisonState,
  table: Table,
  index: Index,
  named: readonly Index[],
): boolean {
  return mayDrop(state, table, index.name) || named.some(({ name }) => name === index.name);
}

/** PostgreSQL drops an index with any of its columns. */
function losesColumn(state: ComparisonState, table: Table, index: Index): boolean {
  return index.dependsOn.some((column) => state.lostColumns.has(columnKey(table, column)));
}
