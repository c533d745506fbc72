import { withoutTexts } from '../../db/sql-text';
import { NOT_ON_SCRATCH, SYNCED_TABLES } from '../../errors';
import { listNames } from '../../runner/files/list-names';
import { blocksWrites } from '../../runner/watch/lock-mode';
import type { RelationRef } from '../trace/catalog-change';
import type { FileTrace } from '../trace/trace';
import type { RunView } from '../views/run-view';
import { isConcurrent, verbOf } from '../views/statement-kind';
import type { Hit, Rule } from './rule';

/** Rules of how a file goes through as a whole. */
export const transactionRules: readonly Rule[] = [
  {
    id: 'fails',
    severity: 'error',
    why: 'What fails on a scratch database fails on the real one.',
    file: ({ file }) =>
      file.error === undefined
        ? []
        : [
            {
              at: Math.max(0, file.statements.length - 1),
              ...(file.error.includes(NOT_ON_SCRATCH)
                ? {
                    message: `The file was not looked at: ${file.error}`,
                    severity: 'notice' as const,
                  }
                : { message: failureText(file, file.error) }),
            },
          ],
  },
  {
    id: 'concurrently-in-transaction',
    severity: 'warning',
    why: 'PostgreSQL refuses it in a transaction. keel repeats such a file without one, and no reader of the file knows.',
    file: ({ file }) =>
      file.mode === 'none' && !file.asksNoTransaction
        ? [
            {
              at: Math.max(
                0,
                file.statements.findIndex(({ inTransaction }) => !inTransaction),
              ),
              message:
                'The file works only without a transaction and does not say so: export const transaction = false',
            },
          ]
        : [],
  },
  {
    id: 'not-repeatable',
    severity: 'notice',
    why: 'A file without a transaction that fails half-way has done its first half, and stumbles over it the next time.',
    file: ({ file, statements }) => {
      const open = statements.filter(
        ({ sql }) => makes(sql) && !/\bif\s+(not\s+)?exists\b/i.test(withoutTexts(sql)),
      );
      const [first] = open;
      if (file.mode !== 'none' || statements.length < 2 || !first) return [];
      return [
        {
          at: first.at,
          message: `${open.length === 1 ? 'A statement' : `${open.length} statements`} of this file would fail the second time; say IF [NOT] EXISTS, or make it a file for each`,
        },
      ];
    },
  },
  {
    id: 'long-lock',
    severity: 'error',
    why: 'Locks are held until the transaction ends, so that one table waits for the work on another.',
    file: ({ longHolds, statements }) =>
      longHolds
        .filter(
          ({ at, table }) =>
            !statements[at]
              ?.changes('constraint-added')
              .some(({ references }) => references?.oid === table.oid),
        )
        .map(({ table, at }) => ({
          at,
          table,
          message: `The lock that this takes on ${table.name} is held until the whole file is done`,
        })),
  },
  {
    id: 'lock-order',
    severity: 'warning',
    why: 'Two transactions that lock the same tables in opposite orders, such as a file and the application, can block each other for ever.',
    file: ({ file, run }) => opposite(file, run),
  },
  {
    id: 'unknown-rule',
    severity: 'warning',
    why: 'A `safe` that names no rule allows nothing.',
    file: () => [],
  },
];

function makes(sql: string): boolean {
  return (
    ['create', 'drop'].includes(verbOf(sql)) ||
    (verbOf(sql) === 'alter' && /\badd\b|\bdrop\b/i.test(withoutTexts(sql)) && !isConcurrent(sql))
  );
}

interface Taken {
  readonly table: RelationRef;
  readonly at: number;
}

/** The tables that a file keeps writers out of, in the order in which it takes them. */
function orderOf(file: FileTrace, run: RunView): Taken[] {
  if (file.mode === 'none') return [];
  const taken = new Map<number, Taken>();
  for (const [at, { locks }] of file.statements.entries())
    for (const { relation, mode } of locks)
      if (blocksWrites(mode) && !run.isNew(relation) && !taken.has(relation.oid))
        taken.set(relation.oid, { table: relation, at });
  return [...taken.values()];
}

function opposite(file: FileTrace, run: RunView): Hit[] {
  const { files } = run.input;
  const own = orderOf(file, run);
  for (const other of files.slice(0, files.indexOf(file))) {
    const place = new Map(orderOf(other, run).map(({ table, at }) => [table.oid, at]));
    for (const [index, second] of own.entries()) {
      const first = own.slice(0, index).find(({ table, at }) => {
        const [a, b] = [place.get(table.oid), place.get(second.table.oid)];
        return at < second.at && a !== undefined && b !== undefined && a > b;
      });
      if (first)
        return [
          {
            at: second.at,
            table: second.table,
            message: `${first.table.name} is locked before ${second.table.name}, which ${other.name} does the other way round`,
          },
        ];
    }
  }
  return [];
}

/** Of a file that follows one that failed, the first line: what it misses may be all that is wrong with it. */
function failureText({ without }: FileTrace, error: string): string {
  if (without.length === 0)
    return `The file fails: ${error}${/^Code: (42P01|3F000)$/m.test(error) ? `\n${SYNCED_TABLES}` : ''}`;
  const fail = without.length === 1 ? 'fails' : 'fail';
  return `The file fails without ${listNames(without)}, which ${fail} before it: ${error.split('\n')[0] ?? ''}`;
}
