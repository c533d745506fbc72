import { quoteIdentifier, quoteTable } from '../../db/quote';
import { withoutTexts } from '../../db/sql-text';
import { queryLine } from '../safe-code';
import { quoteName } from '../quote-name';
import { verbOf } from '../views/statement-kind';
import type { RelationRef } from '../trace/catalog-change';
import type { StatementView } from '../views/statement-view';
import { dropInSteps, renameInSteps } from './expand-form';
import type { Hit, Rule } from './rule';
import { splitName } from '../split-name';

/** Rules of what running code still uses: the release that is deployed while the migration runs. */
export const removalRules: readonly Rule[] = [
  {
    id: 'drop-column',
    severity: 'error',
    why: 'Sequelize names every attribute of a model in its queries, so that each query of a running release fails at once.',
    statement: (view) =>
      view.changes('column-dropped').map(({ table, column }) => ({
        message: `${column} is dropped; deploy a release first whose model does not have it, then say so with \`safe\``,
        table,
        safeForm: dropInSteps({ table, column }),
      })),
  },
  {
    id: 'drop-table',
    severity: 'error',
    why: 'What is dropped is gone, and every query of a running release on it fails.',
    statement: (view) =>
      view.changes('table-dropped').map(({ table }) => ({
        message: `The table ${table.name} is dropped; deploy a release first that does not use it, then say so with \`safe\``,
        table,
      })),
  },
  {
    id: 'drop-schema',
    severity: 'error',
    why: 'What is dropped is gone, with all that is in it.',
    statement: (view) =>
      says(view, /^\s*drop\s+(schema|database)\b/i)
        ? [{ message: 'A whole schema is dropped' }]
        : [],
  },
  {
    id: 'drop-not-null',
    severity: 'notice',
    why: 'Running code may not expect a null where there never was one.',
    statement: (view) =>
      view.changes('not-null-dropped').map(({ table, column }) => ({
        message: `${column} may be null from now on; make sure that the running release can read it`,
        table,
      })),
  },
  {
    id: 'truncate',
    severity: 'error',
    why: 'TRUNCATE throws all rows away and keeps everybody out; with CASCADE, those of other tables too.',
    statement: (view) =>
      says(view, /^\s*truncate\b/i)
        ? view.statement.locks
            .filter(
              ({ relation, mode }) => mode === 'ACCESS EXCLUSIVE' && !view.run.isNew(relation),
            )
            .filter(({ relation }) => verbOf(view.sql) === 'truncate' || isEmptied(view, relation))
            .map(({ relation }) => ({
              message: `All rows of ${relation.name} are thrown away`,
              table: relation,
            }))
        : [],
  },
  {
    id: 'rename-column',
    severity: 'error',
    why: 'A running release asks for the old name, and fails.',
    statement: (view) =>
      view.changes('column-renamed').map(({ table, column, to, columnType: type }) => ({
        message: `${column} becomes ${to}; leave the column as it is and let the model call it so: ${to}: { type: …, field: '${column}' }, or have both for a while`,
        table,
        safeForm: renameInSteps({ table, column, to, type }),
      })),
  },
  {
    id: 'rename-table',
    severity: 'error',
    why: 'A running release asks for the old name, and fails.',
    statement: (view) => view.changes('table-renamed').map((change) => renamedTable(change)),
  },
  {
    id: 'rename-schema',
    severity: 'error',
    why: 'A running release asks for the old name, and fails.',
    statement: (view) =>
      says(view, /^\s*alter\s+schema\b.*\brename\b/is)
        ? [{ message: 'Every table of the schema has another name from now on' }]
        : [],
  },
  {
    id: 'rename-enum-value',
    severity: 'error',
    why: 'A running release reads and writes the old value, and fails.',
    statement: (view) =>
      says(view, /^\s*alter\s+type\b.*\brename\s+value\b/is)
        ? [
            {
              message:
                'A value of an ENUM gets another name; add the new value, write it from the next release on, and change old rows then',
            },
          ]
        : [],
  },
  {
    id: 'add-column-required',
    severity: 'error',
    why: 'PostgreSQL refuses a NOT NULL column without a default where the table has rows, and a running release does not fill it.',
    statement: (view) =>
      view
        .changes('column-added')
        .filter(({ column, table }) => isRequired(view, column, table))
        .map(({ column, table }) => ({
          message: `${column.name} must not be null and has no default`,
          table,
          safeForm: [
            {
              title:
                'A default that serves the running release costs no rewrite; or add it nullable, fill it, then require it.',
              transaction: true,
              lines: [
                queryLine(
                  `ALTER TABLE ${quoteName(table)} ADD COLUMN ${quoteIdentifier(column.name)} ${column.type} NOT NULL DEFAULT <value>`,
                ),
              ],
            },
          ],
        })),
  },
];

/** Whether it says so itself, or in a DO block: the catalog does not tell. */
function says(view: StatementView, pattern: RegExp): boolean {
  return view.spoken.some((sql) => pattern.test(withoutTexts(sql)));
}

/** TRUNCATE gives a table a new file. */
function isEmptied(view: StatementView, { oid }: RelationRef): boolean {
  return view.changes('table-rewritten').some(({ table }) => table.oid === oid);
}

function renamedTable({
  table,
  to,
}: {
  readonly table: { readonly oid: number; readonly name: string };
  readonly to: string;
}): Hit {
  const renamed = { oid: 0, name: to };
  const view = `CREATE VIEW ${quoteName(table)} AS SELECT * FROM ${quoteName(renamed)}`;
  return {
    message: `${table.name} becomes ${to}; leave it and set the model's tableName, or leave a view under the old name`,
    table,
    safeForm: [
      {
        title:
          'PostgreSQL lets old code write through the view; drop it in a later file, after requireRelease().',
        transaction: true,
        safe: { 'rename-table': 'a view has the old name' },
        lines: [...renamingOf(table.name, to).map(queryLine), queryLine(view)],
      },
    ],
  };
}

/** SQL that moves a table to another schema, renames it, or both. */
function renamingOf(from: string, to: string): string[] {
  const { schema, table: name } = splitName(from);
  const { schema: newSchema, table: newName } = splitName(to);
  const move = `ALTER TABLE ${quoteTable(schema, name)} SET SCHEMA ${quoteIdentifier(newSchema)}`;
  const rename = `ALTER TABLE ${quoteTable(newSchema, name)} RENAME TO ${quoteIdentifier(newName)}`;
  return [...(schema === newSchema ? [] : [move]), ...(name === newName ? [] : [rename])];
}

function isRequired(
  view: StatementView,
  column: {
    readonly notNull: boolean;
    readonly default: string | null;
    readonly numbered: boolean;
  },
  table: { readonly oid: number; readonly name: string },
): boolean {
  if (!column.notNull || column.default !== null || column.numbered) return false;
  return view.run.sizeOf(table)?.rows !== 0;
}
