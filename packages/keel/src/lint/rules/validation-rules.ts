import { quoteIdentifier } from '../../db/quote';
import { strengthOf } from '../../runner/watch/lock-mode';
import { queryLine } from '../safe-code';
import { quoteName } from '../quote-name';
import type { ChangeOf, RelationRef } from '../trace/catalog-change';
import type { StatementView } from '../views/statement-view';
import type { Hit, Rule, SafeForm } from './rule';

type Added = ChangeOf<'constraint-added'>;

/** Rules of constraints: what reads all rows to see whether they hold. */
export const validationRules: readonly Rule[] = [
  {
    id: 'add-foreign-key',
    severity: 'error',
    why: 'Adding a foreign key compares all rows of one table with the other, and nobody can write to either meanwhile.',
    statement: (view) =>
      longConstraints(view, 'foreign key').map((change) => ({
        message: `The foreign key ${change.name} is checked on every row while writers of both tables wait`,
        table: change.table,
        safeForm: notValidThenValidate(change),
      })),
  },
  {
    id: 'foreign-key-locks-parent',
    severity: 'error',
    why: 'A foreign key locks the table that it points at too, until the transaction ends.',
    file: ({ run, longHolds, statements }) =>
      statements.flatMap((view) =>
        view.changes('constraint-added').flatMap(({ kind, references, table }): Hit[] => {
          if (kind !== 'foreign key' || references?.oid === table.oid) return [];
          const hold = longHolds.find((each) => each.table.oid === references?.oid);
          if (!hold || !references || hold.at !== view.at || run.isNew(references)) return [];
          return [
            {
              at: view.at,
              message: `Writers of ${references.name} wait as well, though only ${table.name} is changed`,
              table: references,
            },
          ];
        }),
      ),
  },
  {
    id: 'add-check',
    severity: 'error',
    why: 'Adding a CHECK reads all rows, and nobody can read or write the table meanwhile.',
    statement: (view) =>
      longConstraints(view, 'check').map((change) => ({
        message: `The constraint ${change.name} is checked on every row while everybody waits`,
        table: change.table,
        safeForm: notValidThenValidate(change),
      })),
  },
  {
    id: 'add-unique',
    severity: 'error',
    why: 'Adding a UNIQUE or PRIMARY KEY constraint builds its index while nobody can read or write the table.',
    statement: (view) =>
      ['unique', 'primary key'].flatMap((kind) =>
        longConstraints(view, kind)
          .filter(({ table }) =>
            view.changes('index-created').some((made) => made.table.oid === table.oid),
          )
          .map((change) => ({
            message: `The constraint ${change.name} builds its index while everybody waits`,
            table: change.table,
            safeForm: buildThenUse(change),
          })),
      ),
  },
  {
    id: 'add-exclusion',
    severity: 'error',
    why: 'Adding an EXCLUDE constraint builds its index while nobody can read or write the table; there is no other way.',
    statement: (view) =>
      longConstraints(view, 'exclusion').map(({ name, table }) => ({
        message: `The constraint ${name} builds its index while everybody waits; do it when nobody works, or have a trigger check new rows`,
        table,
      })),
  },
  {
    id: 'set-not-null',
    severity: 'error',
    why: 'SET NOT NULL reads all rows while nobody can read or write the table, unless a CHECK has proved already that none is null.',
    statement: (view) =>
      view.isLong && view.statement.scans.length > 0
        ? view.changes('not-null-set').map(({ table, column }) => ({
            message: `Every row is looked at for a null in ${column} while everybody waits`,
            table,
            safeForm: notNullInSteps(table, column),
          }))
        : [],
  },
  {
    id: 'validate-under-lock',
    severity: 'error',
    why: 'VALIDATE lets others work, unless its transaction already holds a stronger lock on the table.',
    statement: (view) =>
      view
        .changes('constraint-validated')
        .filter(({ table }) => view.isLong && heldStrongly(view, table))
        .map(({ table, name }) => ({
          message: `The constraint ${name} is validated in a transaction that keeps others out of the table; validate it in a later file`,
          table,
          safeForm: [
            {
              transaction: false,
              lines: [
                queryLine(
                  `ALTER TABLE ${quoteName(table)} VALIDATE CONSTRAINT ${quoteIdentifier(name)}`,
                ),
              ],
            },
          ],
        })),
  },
];

function longConstraints(view: StatementView, kind: string): Added[] {
  if (!view.isLong || view.statement.scans.length === 0) return [];
  return view
    .changes('constraint-added')
    .filter((change) => change.kind === kind && change.validated && scanned(view, change));
}

/** PostgreSQL takes the rows of a column that is new and null as they are. */
function scanned(view: StatementView, { table, kind }: Added): boolean {
  if (kind === 'foreign key') return true;
  return view.statement.scans.some(({ oid }) => oid === table.oid);
}

function heldStrongly(view: StatementView, table: RelationRef): boolean {
  return view.heldBefore.some(
    (held) => held.table.oid === table.oid && strengthOf(held.mode) >= strengthOf('SHARE'),
  );
}

function notValidThenValidate({ table, name, definition }: Added): SafeForm {
  const on = quoteName(table);
  const constraint = quoteIdentifier(name);
  return [
    {
      title: 'First file: new rows are checked, old ones are not read.',
      transaction: true,
      lines: [queryLine(`ALTER TABLE ${on} ADD CONSTRAINT ${constraint} ${definition} NOT VALID`)],
    },
    {
      title: 'Second file: reads the old rows while others work.',
      transaction: false,
      lines: [queryLine(`ALTER TABLE ${on} VALIDATE CONSTRAINT ${constraint}`)],
    },
  ];
}

function buildThenUse({ table, name, definition, kind }: Added): SafeForm {
  const on = quoteName(table);
  const constraint = quoteIdentifier(name);
  const columns = definition.slice(definition.indexOf('('));
  const what = kind === 'unique' ? 'UNIQUE' : 'PRIMARY KEY';
  return [
    {
      transaction: false,
      lines: [
        queryLine(`CREATE UNIQUE INDEX CONCURRENTLY ${constraint} ON ${on} ${columns}`),
        queryLine(
          `ALTER TABLE ${on} ADD CONSTRAINT ${constraint} ${what} USING INDEX ${constraint}`,
        ),
      ],
    },
  ];
}

function notNullInSteps(table: RelationRef, column: string): SafeForm {
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
