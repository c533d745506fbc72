import { quoteIdentifier } from '../../db/quote';
import { queryLine } from '../safe-code';
import { quoteName } from '../quote-name';
import type { ChangeOf, RelationRef } from '../trace/catalog-change';
import type { StatementView } from '../views/statement-view';
import type { SafeForm } from './rule';

type Added = ChangeOf<'constraint-added'>;

/** SQL that adds the columns of a constraint which the same statement has added. */
export function columnsWith(view: StatementView, { table, definition }: Added): string[] {
  return view
    .changes('column-added')
    .filter((change) => change.table.oid === table.oid && mentions(definition, change.column.name))
    .map(({ column }) => {
      const value = column.default === null ? '' : ` DEFAULT ${column.default}`;
      const required = column.notNull && value !== '' ? ' NOT NULL' : '';
      return `ALTER TABLE ${quoteName(table)} ADD COLUMN ${quoteIdentifier(column.name)} ${column.type}${value}${required}`;
    });
}

/** Whether a definition names a column, as PostgreSQL writes it. */
function mentions(definition: string, column: string): boolean {
  const words = definition.match(/"(?:[^"]|"")+"|\w+/g) ?? [];
  return words.some((word) => word === column || word === quoteIdentifier(column));
}

/** A constraint that is checked for new rows first, and proved of the old ones while others work. */
export function notValidThenValidate(
  { table, name, definition }: Added,
  before: readonly string[] = [],
): SafeForm {
  const on = quoteName(table);
  const constraint = quoteIdentifier(name);
  const rule = definition.replace(/ NOT VALID$/, '');
  return [
    {
      title: 'First file: new rows are checked, old ones are not read.',
      transaction: true,
      lines: [...before, `ALTER TABLE ${on} ADD CONSTRAINT ${constraint} ${rule} NOT VALID`].map(
        queryLine,
      ),
    },
    {
      title: 'Second file: reads the old rows while others work.',
      transaction: false,
      lines: [queryLine(`ALTER TABLE ${on} VALIDATE CONSTRAINT ${constraint}`)],
    },
  ];
}

/**
 * A UNIQUE or PRIMARY KEY whose index is built beforehand, while others work. Undefined for what no index can be made for beforehand (WITHOUT
 * OVERLAPS).
 */
export function buildThenUse(view: StatementView, change: Added): SafeForm | undefined {
  const { table, name, definition, kind } = change;
  if (definition.includes(' WITHOUT OVERLAPS)')) return undefined;
  const on = quoteName(table);
  const constraint = quoteIdentifier(name);
  const [, nulls, columns = '', deferred = ''] =
    /^[A-Z ]*?( NULLS NOT DISTINCT)? (\([^]*?\))( (?:NOT )?DEFERRABLE[^)]*)?$/.exec(definition) ??
    [];
  const what = kind === 'unique' ? 'UNIQUE' : 'PRIMARY KEY';
  const added = columnsWith(view, change);
  const required =
    kind === 'unique'
      ? []
      : view
          .changes('not-null-set')
          .filter((set) => set.table.oid === table.oid && mentions(definition, set.column));
  return [
    ...(added.length === 0
      ? []
      : [{ title: 'The column first:', transaction: true, lines: added.map(queryLine) }]),
    ...required.flatMap((set) => notNullInSteps(table, set.column)),
    {
      title: added.length + required.length === 0 ? undefined : 'Then the constraint:',
      transaction: false,
      lines: [
        `CREATE UNIQUE INDEX CONCURRENTLY ${constraint} ON ${on} ${columns}${nulls ?? ''}`,
        `ALTER TABLE ${on} ADD CONSTRAINT ${constraint} ${what} USING INDEX ${constraint}${deferred}`,
      ].map(queryLine),
    },
  ];
}

/** NOT NULL that a CHECK has proved before. */
export function notNullInSteps(table: RelationRef, column: string): SafeForm {
  const on = quoteName(table);
  const quoted = quoteIdentifier(column);
  const name = quoteIdentifier(`${column}_not_null`.slice(-63));
  return [
    {
      title: 'First file: new rows must not be null.',
      transaction: true,
      lines: [
        queryLine(
          `ALTER TABLE ${on} ADD CONSTRAINT ${name} CHECK (${quoted} IS NOT NULL) NOT VALID`,
        ),
      ],
    },
    {
      title: 'Second file: the CHECK proves it of the old ones while others work.',
      transaction: false,
      lines: [
        queryLine(`ALTER TABLE ${on} VALIDATE CONSTRAINT ${name}`),
        queryLine(`ALTER TABLE ${on} ALTER COLUMN ${quoted} SET NOT NULL`),
        queryLine(`ALTER TABLE ${on} DROP CONSTRAINT ${name}`),
      ],
    },
  ];
}
