import { displayName, keyOf } from '../schema/object-names';
import type { Column, QualifiedName, Schema, Table } from '../schema/schema';
import { bestPairs, type Pair } from './best-pairs';
import { isSameFamily } from './column-types';
import { nameLikeness, normalName } from './name-likeness';
import { columnScope, pathOf, shellWord, writePath } from './object-path';
import { renamesOf, type Rename } from './rename-operations';
import type { RenameCandidate, RenameSearch } from './rename-candidate';
import { valueCandidates } from './value-candidates';

/** What in a difference may be a rename, the likeliest first: a diff cannot see one, so somebody has to say. */
export function findRenameCandidates(search: RenameSearch): RenameCandidate[] {
  return [...tableCandidates(search), ...columnCandidates(search), ...valueCandidates(search)];
}

/** Whether the answer to one candidate settles the other: they have a thing or a new name in common. */
export function excludeEachOther(a: RenameCandidate, b: RenameCandidate): boolean {
  const parts = ({ renames }: RenameCandidate): string[] =>
    renames.flatMap((rename) => {
      const start = JSON.stringify({ ...rename, to: undefined });
      const place = JSON.stringify([
        rename.kind,
        rename.table,
        rename.kind === 'table' ? '' : rename.to,
      ]);
      return rename.kind === 'table' ? [start, JSON.stringify(rename.to)] : [start, place];
    });
  const known = new Set(parts(a));
  return parts(b).some((part) => known.has(part));
}

function tableCandidates({ before, comparison, drop }: RenameSearch): RenameCandidate[] {
  const { operations, notices } = comparison;
  const isLeft = (table: Table): boolean =>
    notices.some(
      ({ kind, table: other }) => kind === 'table without model' && keyOf(other) === keyOf(table),
    ) || operations.some((op) => op.type === 'dropTable' && keyOf(op.table) === keyOf(table));
  const created = operations.flatMap((op) => (op.type === 'createTable' ? [op.table] : []));
  const pairs = before.tables
    .filter((table) => isLeft(table) && !drop.has(keyOf(table)))
    .flatMap((from) => created.map((to) => ({ from, to, likeness: tableLikeness(from, to) })))
    .filter(({ likeness }) => likeness >= 0.6);
  const scope = columnScope(before);
  return bestPairs(pairs).map(({ from, to }) => {
    const rename: Rename = { kind: 'table', table: nameOf(from), to: nameOf(to) };
    const columns = alikeColumns(from, to);
    const target = writePath(
      from.schema === 'public' && to.schema === 'public' ? [to.name] : [to.schema, to.name],
    );
    return {
      from: displayName(from),
      to: from.schema === to.schema ? displayName(to) : keyOf(to),
      also: columns.map((pair) => `${pair.from.name} -> ${pair.to.name}`).join(', '),
      renames: [rename, ...columns.map((pair) => columnRename(from, pair))],
      flags: [shellWord(`${pathOf({ table: from }, scope)}:${target}`)],
      drop: shellWord(pathOf({ table: from }, scope)),
    };
  });
}

/** The same name counts for most; otherwise most of the columns, without those that nearly every table has. */
function tableLikeness(a: Table, b: Table): number {
  if (normalName(a.name) === normalName(b.name)) return 1;
  const own = (table: Table): string[] =>
    table.columns.map(({ name }) => normalName(name)).filter((name) => !commonColumns.has(name));
  const [first, second] = [own(a), own(b)];
  const shared = first.filter((name) => second.includes(name)).length;
  const largest = Math.max(first.length, second.length);
  return largest === 0 ? 0 : Math.min(0.99, shared / largest);
}

const commonColumns = new Set(['id', 'createdat', 'updatedat', 'deletedat']);

/** The columns of two tables that differ only in the way their names are written. */
function alikeColumns(from: Table, to: Table): Pair<Column>[] {
  const gone = from.columns.filter(({ name }) => !to.columns.some((other) => other.name === name));
  const added = to.columns.filter(({ name }) => !from.columns.some((other) => other.name === name));
  return bestPairs(columnPairs(gone, added)).filter(({ isSure }) => isSure);
}

function columnPairs(gone: readonly Column[], added: readonly Column[]): Pair<Column>[] {
  return gone.flatMap((from) =>
    added.flatMap((to) => {
      const likeness = nameLikeness(from.name, to.name);
      return likeness === 1 || isAlike(from, to) ? [{ from, to, likeness }] : [];
    }),
  );
}

function isAlike(a: Column, b: Column): boolean {
  if (a.enumType !== undefined && b.enumType !== undefined) return true;
  return isSameFamily(a.type, b.type);
}

function columnRename(table: QualifiedName, { from, to }: Pair<Column>): Rename {
  return { kind: 'column', table: nameOf(table), column: from.name, to: to.name };
}

/** What a rename of a table says of its columns too, where nothing else is said of them. */
export function impliedRenames(
  renames: readonly Rename[],
  { before, after, drop }: Omit<RenameSearch, 'comparison'>,
): Rename[] {
  return renamesOf('table', renames).flatMap(({ table, to }) => {
    const from = before.tables.find((one) => keyOf(one) === keyOf(table));
    const target = after.tables.find((one) => keyOf(one) === keyOf(to));
    if (from === undefined || target === undefined) return [];
    const said = renamesOf('column', renames).filter((one) => keyOf(one.table) === keyOf(table));
    const isOpen = (pair: Pair<Column>): boolean =>
      !said.some((one) => one.column === pair.from.name || one.to === pair.to.name) &&
      !drop.has(`${keyOf(table)}.${pair.from.name}`);
    return alikeColumns(from, target)
      .filter(isOpen)
      .map((pair) => columnRename(from, pair));
  });
}

function columnCandidates(search: RenameSearch): RenameCandidate[] {
  const { operations } = search.comparison;
  const keys = new Set(
    operations.flatMap((op) => (op.type === 'dropColumn' ? [keyOf(op.table)] : [])),
  );
  return search.before.tables
    .filter((table) => keys.has(keyOf(table)))
    .flatMap((table) => columnsOfTable(table, search));
}

function columnsOfTable(table: Table, search: RenameSearch): RenameCandidate[] {
  const changed = (type: 'dropColumn' | 'addColumn'): Column[] =>
    search.comparison.operations.flatMap((op) =>
      op.type === type && keyOf(op.table) === keyOf(table) ? [op.column] : [],
    );
  const [dropped, added] = [changed('dropColumn'), changed('addColumn')];
  // A column that is replaced by one of its own name is no rename.
  const isNew = ({ name }: Column, others: readonly Column[]): boolean =>
    !others.some((other) => other.name === name);
  const gone = dropped.filter(
    (column) => isNew(column, added) && !search.drop.has(`${keyOf(table)}.${column.name}`),
  );
  const pairs = bestPairs(
    columnPairs(
      gone,
      added.filter((column) => isNew(column, dropped)),
    ),
  );
  const sure = pairs.filter(({ isSure }) => isSure);
  const others = pairs.filter(({ isSure }) => !isSure);
  return [...(sure.length === 0 ? [] : [sure]), ...others.map((pair) => [pair])].map((group) =>
    columnCandidate(table, group, search.before),
  );
}

function columnCandidate(
  table: Table,
  group: readonly Pair<Column>[],
  before: Schema,
): RenameCandidate {
  const scope = columnScope(before);
  const shown = (names: readonly string[]): string =>
    `${displayName(table)}.${names.length === 1 ? (names[0] ?? '') : `(${names.join(', ')})`}`;
  const paths = group.map(({ from }) => pathOf({ table, part: from.name }, scope));
  return {
    from: shown(group.map(({ from }) => from.name)),
    to: shown(group.map(({ to }) => to.name)),
    also: '',
    renames: group.map((pair) => columnRename(table, pair)),
    flags: group.map(({ to }, at) => {
      const start = writePath(
        table.schema === 'public' ? [table.name] : [table.schema, table.name],
      );
      return shellWord(`${paths[at] ?? ''}:${start}.${writePath([to.name])}`);
    }),
    drop: shellWord(paths[0] ?? ''),
  };
}

function nameOf({ schema, name }: QualifiedName): QualifiedName {
  return { schema, name };
}
