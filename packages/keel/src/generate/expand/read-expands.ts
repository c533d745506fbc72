import { columnScope, findObject, readPaths, shellWord } from '../../diff/object-path';
import { findRenames, type RenameSides } from '../../diff/read-rename';
import { renamesOf, type Rename } from '../../diff/rename-operations';
import { isKeelError, KeelError, NOTHING_WRITTEN } from '../../errors';
import { displayName, keyOf } from '../../schema/object-names';
import type { QualifiedName } from '../../schema/schema';

/** Columns that are to change in steps which old code survives. */
export interface ExpandRequest {
  /** `computed`: the new columns are worked out from the old ones by expressions, as when one is split. */
  readonly kind: 'rename' | 'type' | 'computed';
  readonly table: QualifiedName;
  readonly olds: readonly string[];
  /** The same for a change of type. */
  readonly news: readonly string[];
  /** What a column is computed from, as SQL. */
  readonly expressions: ReadonlyMap<string, string>;
}

interface Pair {
  readonly table: QualifiedName;
  readonly from: string;
  readonly to: string;
}

/**
 * Reads `users.name:users.fullName` for a rename, `users.visits` for a change of type, and pairs that share a column for a
 * split or a merge; after a `=` stands the SQL that the last column is computed by.
 *
 * @throws KeelError INVALID_EXPAND
 */
export function readExpands(texts: readonly string[], sides: RenameSides): ExpandRequest[] {
  const expressions = new Map<string, string>();
  const pairs = texts.flatMap((text): Pair[] => {
    const { path, sql } = splitAtEquals(text);
    const pair = readPair(text, path, sides, sql !== undefined);
    if (sql !== undefined) expressions.set(columnKey(pair.table, pair.to), sql);
    return path.includes(':') || sql === undefined ? [pair] : [];
  });
  const requests = grouped(pairs).map((group) => requestOf(group, expressions));
  for (const key of expressions.keys()) {
    const isUsed = requests.some(({ table, expressions: own }) =>
      [...own.keys()].some((column) => columnKey(table, column) === key),
    );
    if (!isUsed)
      throw invalid(texts.join(' '), `Nothing is said of ${key} but its expression: name a pair.`);
  }
  return requests;
}

function columnKey(table: QualifiedName, column: string): string {
  return `${keyOf(table)}.${column}`;
}

/** At the first `=` that is not inside of a quoted name. */
function splitAtEquals(text: string): { readonly path: string; readonly sql?: string } {
  const match = /^((?:"(?:[^"]|"")*"|[^"=])*)=([^]*)$/.exec(text);
  if (match === null) return { path: text };
  const [, path = '', sql = ''] = match;
  if (sql.trim() === '') throw invalid(text, 'An expression has to follow the "=".');
  return { path: path.trim(), sql: sql.trim() };
}

function readPair(text: string, path: string, sides: RenameSides, isExpression: boolean): Pair {
  const paths = readPaths(path) ?? [];
  const [from] = paths;
  if (from === undefined || paths.length > 2) throw invalid(text, FORMS);
  const old = findObject(from, columnScope(sides.before));
  if (old !== undefined && old.part === undefined) throw tableRefused(text, old.table);
  if (paths.length === 2) {
    const [rename] = renamesOf('column', findColumns(text, path, sides));
    if (rename === undefined) throw invalid(text, FORMS);
    return { table: rename.table, from: rename.column, to: rename.to };
  }
  const found = old ?? (isExpression ? findObject(from, columnScope(sides.after)) : undefined);
  if (found?.part === undefined || found.value !== undefined)
    throw invalid(text, `The migrations build no column ${from.segments.join('.')}.`);
  const { schema, name } = found.table;
  return { table: { schema, name }, from: found.part, to: found.part };
}

/** What a flag says is read as that of `--rename`; what is wrong with it is said in its own name. */
function findColumns(text: string, path: string, sides: RenameSides): Rename[] {
  try {
    return findRenames([path], sides);
  } catch (error) {
    throw isKeelError(error) ? invalid(text, error.hint ?? FORMS) : error;
  }
}

/** Pairs that have a column in common, directly or through others. */
function grouped(pairs: readonly Pair[]): Pair[][] {
  const groups: Pair[][] = [];
  for (const pair of pairs) {
    const isNear = (other: Pair): boolean =>
      keyOf(other.table) === keyOf(pair.table) &&
      (other.from === pair.from || other.to === pair.to);
    const near = groups.filter((group) => group.some(isNear));
    for (const group of near) groups.splice(groups.indexOf(group), 1);
    groups.push([...near.flat(), pair]);
  }
  return groups;
}

function requestOf(group: readonly Pair[], all: ReadonlyMap<string, string>): ExpandRequest {
  const table = group[0]?.table ?? { schema: '', name: '' };
  const olds = [...new Set(group.map(({ from }) => from))];
  const news = [...new Set(group.map(({ to }) => to))];
  const expressions = new Map<string, string>();
  for (const column of [...olds, ...news]) {
    const sql = all.get(columnKey(table, column));
    if (sql !== undefined) expressions.set(column, sql);
  }
  const same = olds.filter((column) => news.includes(column));
  if (same.length > 0 && (olds.length > 1 || news.length > 1 || expressions.size > 0))
    throw invalid(
      `${displayName(table)}.${same.join()}`,
      'Old and new column are there at the same time. Give the new one a name of its own.',
    );
  const isPlain = olds.length === 1 && news.length === 1 && expressions.size === 0;
  const kind = !isPlain ? 'computed' : same.length > 0 ? 'type' : 'rename';
  return { kind, table, olds, news, expressions };
}

function tableRefused(text: string, table: QualifiedName): KeelError {
  return invalid(
    text,
    `A trigger keeps columns in step, not tables. Let the model call the table by its old name (tableName: '${table.name}'), or rename it with --rename and leave a view under the old name.`,
  );
}

const FORMS =
  'It has to be like users.name:users.fullName for a rename, users.visits for a change of type; two pairs with the same old column split it.';

function invalid(text: string, hint: string): KeelError {
  return new KeelError(`--expand ${shellWord(text)} cannot be carried out`, {
    code: 'INVALID_EXPAND',
    state: NOTHING_WRITTEN,
    hint,
  });
}
