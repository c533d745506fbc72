import type { Rename } from '../../diff/rename-operations';
import { writePath } from '../../diff/object-path';
import type { RenameOptions } from '../plan-change';
import type { ExpandRequest } from './read-expands';

/** What `--expand` says of the plan: a rename is one, and old columns that others are computed from go in the end. */
export function expandOptions(
  options: RenameOptions,
  requests: readonly ExpandRequest[],
): RenameOptions {
  return {
    ...options,
    expanded: requests
      .filter(({ kind }) => kind === 'rename')
      .flatMap(({ table, olds, news }) =>
        olds.map((column, at): Rename => ({
          kind: 'column',
          table,
          column,
          to: news[at] ?? column,
        })),
      ),
    drop: [
      ...(options.drop ?? []),
      ...requests
        .filter(({ kind }) => kind === 'computed')
        .flatMap(({ table, olds }) =>
          olds.map((column) => writePath([table.schema, table.name, column])),
        ),
    ],
  };
}
