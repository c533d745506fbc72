import { withoutTexts } from '../../db/sql-text';
import { quoteIdentifier } from '../../db/quote';
import { strengthOf } from '../../runner/watch/lock-mode';
import { queryLine } from '../safe-code';
import { quoteName } from '../quote-name';
import type { ChangeOf, RelationRef } from '../trace/catalog-change';
import type { StatementView } from '../views/statement-view';
import { buildThenUse, columnsWith, notNullInSteps, notValidThenValidate } from './constraint-form';
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
        safeForm: notValidThenValidate(change, columnsWith(view, change)),
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
    statement: (view) => [
      ...longConstraints(view, 'check').map((change) => ({
        message: `The constraint ${change.name} is checked on every row while everybody waits`,
        table: change.table,
        safeForm: notValidThenValidate(change, columnsWith(view, change)),
      })),
      ...domainHits(view),
    ],
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
            safeForm: buildThenUse(view, change),
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
          safeForm: validateLater(view, table, name),
        })),
  },
];

const DOMAIN_RULE = /^\s*alter\s+domain\b[^]*\b(?:add\b[^]*\bcheck\b|set\s+not\s+null\b)/i;

/** A rule that a domain gets is checked in every table that has a column of it. */
function domainHits(view: StatementView): Hit[] {
  const said = view.spoken
    .map(withoutTexts)
    .some((sql) => DOMAIN_RULE.test(sql) && !/\bnot\s+valid\b/i.test(sql));
  if (!said || !view.isLong) return [];
  return view.statement.scans
    .filter((table) => !view.run.isNew(table))
    .map((table) => ({
      message: `The rule of the domain is checked on every row of ${table.name} while writers wait; add it as a CHECK NOT VALID, and validate it when few write`,
      table,
    }));
}

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

/** The files of a constraint whose VALIDATE is to wait; that which adds it too, where this file does. */
function validateLater(view: StatementView, table: RelationRef, name: string): SafeForm {
  const added = view.file.statements
    .slice(0, view.at)
    .flatMap(({ changes }) => changes)
    .find(
      (change): change is Added =>
        change.type === 'constraint-added' &&
        change.name === name &&
        change.table.oid === table.oid,
    );
  if (added) return notValidThenValidate(added);
  const sql = `ALTER TABLE ${quoteName(table)} VALIDATE CONSTRAINT ${quoteIdentifier(name)}`;
  return [{ transaction: false, lines: [queryLine(sql)] }];
}
