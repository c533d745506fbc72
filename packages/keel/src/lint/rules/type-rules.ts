import { withoutTexts } from '../../db/sql-text';
import type { CatalogColumn } from '../trace/traced-catalog';
import type { StatementView } from '../views/statement-view';
import type { Hit, Rule } from './rule';

/** PostgreSQL cuts a longer name off, and says so in a notice that nobody reads. */
const MOST_BYTES = 63;

/** Rules of types and names that cost nothing today. */
export const typeRules: readonly Rule[] = [
  {
    id: 'add-column-json',
    severity: 'warning',
    why: 'The type json cannot be compared, so that SELECT DISTINCT and GROUP BY on the table fail.',
    statement: (view) =>
      columnHits(
        view,
        ({ type }) => type === 'json',
        ({ name }) => `${name} is json; use JSONB`,
      ),
  },
  {
    id: 'char-column',
    severity: 'notice',
    why: 'char(n) fills every value up with spaces.',
    statement: (view) =>
      columnHits(
        view,
        ({ type }) => /^character\(\d+\)$/.test(type),
        ({ name, type }) => `${name} is ${type}; use STRING or TEXT`,
      ),
  },
  {
    id: 'timestamp-without-zone',
    severity: 'notice',
    why: 'A timestamp without a time zone is another moment for each session that reads it.',
    statement: (view) =>
      columnHits(
        view,
        ({ type }) => type.startsWith('timestamp') && type.endsWith('without time zone'),
        ({ name }) => `${name} has no time zone; use DATE, which Sequelize makes with one`,
      ),
  },
  {
    id: 'small-key',
    severity: 'notice',
    why: 'A key of 4 bytes ends at 2,147,483,647, and to widen it later writes the table anew.',
    statement: (view) =>
      view
        .allChanges('constraint-added')
        .filter(({ kind }) => kind === 'primary key')
        .flatMap(({ table, definition }): Hit[] => {
          const made = view
            .allChanges('table-created')
            .find((each) => each.table.oid === table.oid);
          const column = made?.columns.find(
            ({ name, numbered, type }) =>
              numbered && type === 'integer' && definition.includes(name),
          );
          return column
            ? [{ table, message: `The key ${column.name} is an integer; use BIGINT` }]
            : [];
        }),
  },
  {
    id: 'enum-value-order',
    severity: 'notice',
    why: 'A new value of an ENUM sorts after all others unless it says BEFORE or AFTER.',
    statement: (view) => {
      const adds = view.spoken
        .map(withoutTexts)
        .filter((text) => /^\s*alter\s+type\b.*\badd\s+value\b/is.test(text));
      return adds.some((text) => !/\b(before|after)\b/i.test(text))
        ? [
            {
              message:
                'The new value is sorted last; say BEFORE or AFTER another one where the order matters',
            },
          ]
        : [];
    },
  },
  {
    id: 'name-too-long',
    severity: 'warning',
    why: 'PostgreSQL cuts names off at 63 bytes, so that two of them may be one, and none is found under its own name.',
    statement: (view) => {
      const [name] = [...withoutTexts(view.sql).matchAll(/"((?:[^"]|"")+)"|([a-z_]\w*)/gi)]
        .map(([, quoted, bare]) => quoted ?? bare?.toLowerCase() ?? '')
        .filter((text) => Buffer.byteLength(text) > MOST_BYTES);
      return name === undefined
        ? []
        : [
            {
              message: `"${name}" becomes "${Buffer.from(name).subarray(0, MOST_BYTES).toString()}"`,
            },
          ];
    },
  },
];

function columnHits(
  view: StatementView,
  isMeant: (column: CatalogColumn) => boolean,
  message: (column: CatalogColumn) => string,
): Hit[] {
  const added = view.allChanges('column-added').map(({ table, column }) => ({ table, column }));
  const made = view
    .allChanges('table-created')
    .flatMap(({ table, columns }) => columns.map((column) => ({ table, column })));
  return [...added, ...made]
    .filter(({ column }) => isMeant(column))
    .map(({ table, column }) => ({ table, message: message(column) }));
}
