import { readRenames, type RenameSides } from '../../diff/read-rename';
import { renamesOf } from '../../diff/rename-operations';
import { KeelError, NOTHING_WRITTEN } from '../../errors';
import { displayName, keyOf } from '../../schema/object-names';
import type { QualifiedName } from '../../schema/schema';
import type { ExpandRequest } from './read-expands';

/**
 * Refuses changes that need one column to be two things at a time: for a while the old name and the new one are both there.
 *
 * @param renames as `--rename` takes them
 * @throws KeelError INVALID_EXPAND, INVALID_RENAME
 */
export function requireApart(
  requests: readonly ExpandRequest[],
  renames: readonly string[],
  sides: RenameSides,
): void {
  for (const request of requests) requireFreeNames(request, requests, sides);
  const said = requests.length === 0 ? [] : readRenames(renames, sides);
  for (const { table, to } of renamesOf('table', said)) {
    if (requests.some((request) => keyOf(request.table) === keyOf(table)))
      throw refused(
        `--expand changes columns of ${displayName(table)}, which --rename calls ${displayName(to)}`,
        'Rename the table in a migration of its own, before or after this one.',
      );
  }
  for (const { table, column, to } of renamesOf('column', said)) {
    const request = requests.find(
      (one) =>
        keyOf(one.table) === keyOf(table) &&
        [...one.olds, ...one.news].some((name) => name === column || name === to),
    );
    if (request === undefined) continue;
    const both = `${displayName(table)}.${column} to ${to}`;
    throw refused(
      `--rename ${both} meets an --expand of ${shown(table, request)}`,
      request.olds.includes(column)
        ? `Leave one of the two out. --expand takes the new name as well: ${shown(table, { ...request, news: [to] })}.`
        : 'Do one of the two in a migration of its own, before the other.',
    );
  }
}

function requireFreeNames(
  { kind, table, news }: ExpandRequest,
  all: readonly ExpandRequest[],
  { before }: RenameSides,
): void {
  if (kind === 'type') return;
  const owner = before.tables.find((one) => keyOf(one) === keyOf(table));
  const taken = news.find((name) => owner?.columns.some((column) => column.name === name));
  if (taken === undefined) return;
  const other = all.find((one) => keyOf(one.table) === keyOf(table) && one.olds.includes(taken));
  const name = `${displayName(table)}.${taken}`;
  throw refused(
    other === undefined
      ? `--expand cannot make the column ${name}: there is one of that name`
      : `${name} is the new column of one --expand and the old one of another`,
    other === undefined
      ? 'Give the new column a name that is free, or rename the other one in a migration before this one.'
      : `Both columns of a change are there at the same time. Expand ${shown(table, other)} first; when its last file has been applied, do the other in a migration of its own.`,
  );
}

/** A change as the flag says it. */
function shown(
  table: QualifiedName,
  { kind, olds, news }: Pick<ExpandRequest, 'kind' | 'olds' | 'news'>,
): string {
  const from = `${displayName(table)}.${olds.join(', ')}`;
  return kind === 'type' && olds.join() === news.join() ? from : `${from}:${news.join(', ')}`;
}

function refused(message: string, hint: string): KeelError {
  return new KeelError(message, { code: 'INVALID_EXPAND', state: NOTHING_WRITTEN, hint });
}
