import { quoteIdentifier } from '../../db/quote';
import { keelLine, queryLine, raw, tableOption } from '../safe-code';
import { quoteName } from '../quote-name';
import { withoutTexts } from '../../db/sql-text';
import { namesTable } from '../names-table';
import type { ChangeOf, RelationRef } from '../trace/catalog-change';
import { isConcurrent, verbOf } from '../views/statement-kind';
import { rewrittenBy } from '../views/statement-work';
import type { StatementView } from '../views/statement-view';
import { retypeInSteps } from './expand-form';
import type { Hit, Rule, SafeForm } from './rule';
import { usingOf } from './using-of';

type AddedColumn = ChangeOf<'column-added'>;

/** Rules of what writes a table anew, or reads it whole, to change its form. */
export const rewriteRules: readonly Rule[] = [
  {
    id: 'change-type',
    severity: 'error',
    why: 'A type that is stored in another way makes PostgreSQL write the table and its indexes anew while nobody can read or write it.',
    statement: (view) =>
      view.isLong
        ? view
            .changes('type-changed')
            .filter(({ table }) => isWorkedOn(view, table.oid))
            .map(({ table, column, from, to }) => ({
              message: `${column} goes from ${from} to ${to}, for which ${rewrites(view, table.oid) ? 'the table is written anew' : 'every row is read'}`,
              table,
              safeForm: retypeInSteps({
                table,
                column,
                from,
                to,
                using: usingOf(view.spoken, column),
                types: typesFor(view, to),
              }),
            }))
        : [],
  },
  {
    id: 'add-column-volatile-default',
    severity: 'error',
    why: 'A default that is another one for each row is written into every row at once, while nobody can read or write the table.',
    statement: (view) =>
      rewritingColumns(view)
        .filter(({ column }) => column.generated === null && !column.numbered)
        .map((change) => ({
          message: `The default of ${change.column.name} (${change.column.default ?? ''}) is worked out for every row`,
          table: change.table,
          safeForm: defaultInSteps(change),
        })),
  },
  {
    id: 'add-column-generated',
    severity: 'error',
    why: 'A stored generated column is worked out for every row at once, while nobody can read or write the table.',
    statement: (view) =>
      rewritingColumns(view)
        .filter(({ column }) => column.generated === 'stored')
        .map(({ column, table }) => ({
          message: `${column.name} is generated and stored in every row; use a plain column that a trigger fills, or a virtual one (PostgreSQL 18)`,
          table,
        })),
  },
  {
    id: 'add-column-serial',
    severity: 'error',
    why: 'A column that numbers itself is written into every row at once, while nobody can read or write the table.',
    statement: (view) =>
      rewritingColumns(view)
        .filter(({ column }) => column.numbered)
        .map(({ column, table }) => ({
          message: `Every row gets a number in ${column.name}; make a new table with it, or a plain column, a sequence, and a backfill`,
          table,
        })),
  },
  {
    id: 'rewrite-table',
    severity: 'error',
    why: 'A table that is written anew can be neither read nor written to until that is done.',
    statement: (view) => {
      const explained = new Set(
        [...view.changes('type-changed'), ...view.changes('column-added')].map(
          ({ table }) => table.oid,
        ),
      );
      if (!view.isLong) return [];
      const refreshed = view.spoken.filter((sql) => verbOf(sql) === 'refresh');
      return rewrittenBy(view.statement)
        .filter((table) => !view.run.isNew(table) && !explained.has(table.oid))
        .filter((table) => !refreshed.some((sql) => namesTable(sql, table)))
        .map((table) => ({
          message: 'The whole table is written anew while everybody waits',
          table,
        }));
    },
  },
  {
    id: 'attach-partition',
    severity: 'error',
    why: 'ATTACH PARTITION reads the new partition, and a default one, unless a validated CHECK says that its rows fit.',
    statement: (view) =>
      view.isLong && view.statement.scans.length > 0
        ? view.changes('partition-attached').map(({ partition, table }) => ({
            message: `${partition.name} is read whole to see whether its rows belong into ${table.name}; add a CHECK of its bounds NOT VALID and validate it in files before`,
            table: partition,
          }))
        : [],
  },
  {
    id: 'detach-partition',
    severity: 'warning',
    why: 'DETACH PARTITION locks the partitioned table with all of its partitions; CONCURRENTLY does not.',
    statement: (view) => {
      const gone = new Set(view.allChanges('table-dropped').map(({ table }) => table.oid));
      const said = view.spoken.find((sql) => /\bdetach\s+partition\b/i.test(withoutTexts(sql)));
      if (isConcurrent(said ?? view.sql)) return [];
      return view
        .changes('partition-detached')
        .filter(({ partition }) => !gone.has(partition.oid))
        .map(({ table }) => ({
          message: 'Everybody waits while the partition is taken off',
          table,
          safeForm:
            said === undefined
              ? undefined
              : [
                  {
                    transaction: false,
                    lines: [queryLine(`${said.replace(/;\s*$/, '')} CONCURRENTLY`)],
                  },
                ],
        }));
    },
  },
  {
    id: 'refresh-view',
    severity: 'error',
    why: 'REFRESH MATERIALIZED VIEW keeps readers of the view out until it is built; CONCURRENTLY does not.',
    statement: (view) =>
      view.spoken
        .filter((sql) => verbOf(sql) === 'refresh' && !isConcurrent(sql))
        .flatMap((sql) =>
          view
            .changes('table-rewritten')
            .filter(({ table }) => namesTable(sql, table))
            .map(({ table }) => refreshedView(sql, table)),
        ),
  },
];

/** The statements before it in the file that make a type, or give its name free. */
function typesFor({ file, at }: StatementView, type: string): string[] {
  const name = type.replace(/^.*\./, '').replace(/\[\]$/, '');
  return file.statements
    .slice(0, at)
    .map(({ sql }) => sql)
    .filter(
      (sql) => /\b(?:create|alter)\s+type\b/i.test(sql) && sql.includes(name.replaceAll('"', '')),
    );
}

function refreshedView(sql: string, table: RelationRef): Hit {
  if (/\bwith\s+no\s+data\b/i.test(withoutTexts(sql)))
    return { message: 'Queries of the view fail from now on until it is filled again', table };
  return {
    message: 'Readers of the view wait until it is built anew',
    table,
    safeForm: [
      {
        title: 'The view needs a unique index over whole columns for that.',
        transaction: true,
        lines: [queryLine(sql.replace(/\bview\b/i, 'VIEW CONCURRENTLY'))],
      },
    ],
  };
}

function rewritingColumns(view: StatementView): AddedColumn[] {
  if (!view.isLong) return [];
  return view
    .changes('column-added')
    .filter(
      ({ table, column }) =>
        rewrites(view, table.oid) && (column.default !== null || column.numbered),
    );
}

function rewrites({ statement }: StatementView, oid: number): boolean {
  return rewrittenBy(statement).some((table) => table.oid === oid);
}

function isWorkedOn(view: StatementView, oid: number): boolean {
  const rebuilt = view.changes('index-rebuilt').some(({ table }) => table.oid === oid);
  const isScanned = view.statement.scans.some((table) => table.oid === oid);
  return rewrites(view, oid) || rebuilt || isScanned;
}

function defaultInSteps({ table, column }: AddedColumn): SafeForm {
  const on = quoteName(table);
  const name = quoteIdentifier(column.name);
  const value = column.default ?? '';
  return [
    {
      title: 'First file: new rows get the default, old ones stay null.',
      transaction: true,
      lines: [
        queryLine(`ALTER TABLE ${on} ADD COLUMN ${name} ${column.type}`),
        queryLine(`ALTER TABLE ${on} ALTER COLUMN ${name} SET DEFAULT ${value}`),
      ],
    },
    {
      title: 'Second file: the old rows, in batches that are committed one by one.',
      transaction: false,
      lines: [
        keelLine('backfill', {
          table: tableOption(table),
          set: { [column.name]: raw('Sequelize.literal', value) },
          where: { [column.name]: null },
        }),
      ],
    },
  ];
}
