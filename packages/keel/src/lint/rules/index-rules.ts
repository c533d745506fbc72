import { callLine, queryLine } from '../safe-code';
import type { ChangeOf } from '../trace/catalog-change';
import { quoteName } from '../quote-name';
import { isConcurrent, verbOf } from '../views/statement-kind';
import type { StatementView } from '../views/statement-view';
import type { Hit, Rule, SafeFile } from './rule';
import { splitName } from '../split-name';

/** More than so many columns rarely pay in an index that need not be unique. */
const MOST_COLUMNS = 3;

/** Rules of indexes. */
export const indexRules: readonly Rule[] = [
  {
    id: 'add-index',
    severity: 'error',
    why: 'CREATE INDEX reads the whole table, and nobody can write to it meanwhile.',
    statement: (view) => {
      if (!view.isLong || isConcurrent(view.sql)) return [];
      return plainIndexes(view).map((change) => ({
        message: `The index ${splitName(change.index.name).table} is built while writers wait`,
        table: change.table,
        safeForm: [buildConcurrently(view, change)],
      }));
    },
  },
  {
    id: 'drop-index',
    severity: 'warning',
    why: 'DROP INDEX waits for every query on the table, and all later ones wait behind it.',
    statement: (view) =>
      isConcurrent(view.sql)
        ? []
        : view
            .changes('index-dropped')
            .filter(({ ofConstraint }) => !ofConstraint)
            .filter(({ table }) => isBig(view, table) && !goesWithMore(view, table))
            .map(({ index, table }) => ({
              message: `The index ${splitName(index.name).table} is dropped with its table locked`,
              table,
              safeForm: [
                {
                  transaction: false,
                  lines: [queryLine(`DROP INDEX CONCURRENTLY IF EXISTS ${quoteName(index)}`)],
                },
              ],
            })),
  },
  {
    id: 'reindex',
    severity: 'error',
    why: 'REINDEX without CONCURRENTLY keeps writers out, and readers that want the index.',
    statement: (view) => {
      const said = view.spoken.find((sql) => verbOf(sql) === 'reindex' && !isConcurrent(sql));
      if (said === undefined || !view.isLong) return [];
      const sql = said.replace(/\b(index|table|schema)\b/i, '$1 CONCURRENTLY');
      return firstOf(view.changes('index-rebuilt')).map(({ table }) => ({
        message: 'The index is rebuilt with its table locked',
        table,
        safeForm: [{ transaction: false, lines: [queryLine(sql)] }],
      }));
    },
  },
  {
    id: 'invalid-index',
    severity: 'error',
    why: 'A failed CREATE INDEX CONCURRENTLY leaves an index that every write pays for and no query uses.',
    statement: (view) =>
      view.changes('index-created').flatMap(({ index, table }) =>
        view.run.input.sizes.invalidIndexes.includes(index.name)
          ? [
              {
                message: `The database has an invalid index ${index.name}, which is in the way (or, with IF NOT EXISTS, would stay as it is)`,
                table,
                safeForm: [
                  {
                    transaction: false,
                    lines: [
                      queryLine(`DROP INDEX CONCURRENTLY IF EXISTS ${quoteName(index)}`),
                      ...buildConcurrently(view, view.changes('index-created')[0]).lines,
                    ],
                  },
                ],
              },
            ]
          : [],
      ),
  },
  {
    id: 'wide-index',
    severity: 'notice',
    why: 'Every write pays for each column of an index, and a query rarely gains from more than three.',
    statement: (view) =>
      view
        .changes('index-created')
        .filter(({ unique, definition }) => !unique && columnsOf(definition) > MOST_COLUMNS)
        .map(({ index, definition, table }) => ({
          message: `The index ${splitName(index.name).table} has ${columnsOf(definition)} columns; the first ones may be enough`,
          table,
        })),
  },
  {
    id: 'index-in-vain',
    severity: 'warning',
    why: 'An index that the same run drops again was built for nothing.',
    file: ({ run, statements }) =>
      statements.flatMap((view) =>
        view
          .changes('index-dropped')
          .filter(({ index }) => madeInRun(run.input.files, index.oid))
          .map(({ index, table }) => ({
            at: view.at,
            message: `The index ${splitName(index.name).table} was made in the same run; leave out both`,
            table,
          })),
      ),
  },
];

function plainIndexes(view: StatementView): ChangeOf<'index-created'>[] {
  const created = view.changes('index-created').filter(({ ofConstraint }) => !ofConstraint);
  // An index of a partitioned table makes one on each partition; the first stands for all.
  return created.slice(0, 1);
}

function buildConcurrently(
  { statement }: StatementView,
  change: ChangeOf<'index-created'> | undefined,
): SafeFile {
  const { call } = statement;
  if (call?.method === 'addIndex' && call.args) {
    const [table, second, third] = call.args;
    const hasFields = Array.isArray(second);
    const options = { ...((hasFields ? third : second) as object), concurrently: true };
    const args = hasFields ? [table, second, options] : [table, options];
    return { transaction: false, lines: [callLine('addIndex', args)] };
  }
  const sql = (change?.definition ?? '').replace(/^CREATE (UNIQUE )?INDEX /, '$&CONCURRENTLY ');
  return { transaction: false, lines: [queryLine(sql)] };
}

function madeInRun(files: StatementView['run']['input']['files'], oid: number): boolean {
  return files.some(({ statements }) =>
    statements.some(({ changes }) =>
      changes.some((change) => change.type === 'index-created' && change.index.oid === oid),
    ),
  );
}

/** Whether a statement does more to a table than to drop its index, so that the index goes with that. */
function goesWithMore(view: StatementView, table: ChangeOf<'index-dropped'>['table']): boolean {
  return view.statement.changes.some(
    (change) =>
      ['table-dropped', 'column-dropped', 'type-changed'].includes(change.type) &&
      change.table.oid === table.oid,
  );
}

function isBig(view: StatementView, table: ChangeOf<'index-dropped'>['table']): boolean {
  const size = view.run.sizeOf(table);
  if (size === undefined) return true;
  const { scanBytesPerMs } = view.run.input.speed;
  return view.run.exceeds({ ms: size.bytes / scanBytesPerMs, rows: size.rows, unknown: false });
}

/** How many columns or expressions the first parentheses of an index's definition hold. */
function columnsOf(definition: string): number {
  let depth = 0;
  let count = 1;
  for (const character of definition.slice(definition.indexOf('('))) {
    if (character === '(') depth += 1;
    else if (character === ')') depth -= 1;
    else if (character === ',' && depth === 1) count += 1;
    if (depth === 0) break;
  }
  return count;
}

function firstOf<T extends Hit | object>(items: readonly T[]): T[] {
  return items.slice(0, 1);
}
