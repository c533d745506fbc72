import { addConstraintSql, alterColumn, alterTable, sqlName } from '../../codegen/sql';
import { quoteBody, quoteIdentifier, quoteLiteral } from '../../db/quote';
import { incrementOf, plainDefault } from '../../diff/column-types';
import type { Operation } from '../../diff/operation';
import type { Step } from '../../diff/safe-steps';
import { displayName } from '../../schema/object-names';
import type { Column, QualifiedName } from '../../schema/schema';
import type { Expansion, Swap, SwappedColumn, SwappedKey } from './expansion';

/** The new columns take the names of the old ones, in one short transaction; then foreign keys into them are validated. */
export function swapSteps(expansion: Expansion, swap: Swap): Step[] {
  const { table } = expansion;
  const suffix = swap.columns.map(({ before }) => before.name).join('-');
  const operations = swapOperations(expansion, swap);
  const note = swap.columns
    .map(({ before, after }) => `${displayName(table)}.${before.name} is ${after.type}`)
    .join(', ');
  const [first] = operations;
  return [
    {
      stage: 'contract',
      suffix: `-swap-${suffix}`,
      transaction: true,
      operations,
      safe: { 'rename-column': 'old and new column change places in one transaction' },
      notes: new Map(
        first === undefined
          ? []
          : [[first, `From here on ${note}: the code that runs has to be able to read it.`]],
      ),
    },
    {
      stage: 'contract',
      suffix: `-references-${suffix}`,
      transaction: false,
      operations: swap.references.map(({ table: on, constraint: { name } }) =>
        runSql(on, `constraint ${name}`, [validate(on, name)], []),
      ),
    },
  ];
}

/** Undoing brings the foreign keys back unvalidated as well: this stands in a file before the swap. */
export function validateAgain({ references }: Swap): Operation[] {
  return references.map(({ table, constraint: { name } }) =>
    runSql(table, `constraint ${name}`, [], [validate(table, name)]),
  );
}

function validate(table: QualifiedName, name: string): string {
  return alterTable(table, `VALIDATE CONSTRAINT ${quoteIdentifier(name)}`);
}

function swapOperations(expansion: Expansion, swap: Swap): Operation[] {
  const { table, syncs, fresh, finalNames } = expansion;
  const { columns, primaryKey: key, references } = swap;
  const tables = [table, ...references.map((one) => one.table)].map(sqlName);
  // All at once, so that nobody who has one of them waits for another one.
  const lock = `LOCK TABLE ${[...new Set(tables)].join(', ')} IN ACCESS EXCLUSIVE MODE`;
  const renames = (
    names: ReadonlyMap<string, string>,
    isOwn: (name: string) => boolean,
  ): Operation[] =>
    [...names].flatMap(([from, to]) =>
      from === to || !isOwn(from) ? [] : [runRename(table, from, to, fresh, swap)],
    );
  const notKey = (name: string): boolean => name !== key?.name && name !== key?.freshName;
  return [
    runSql(table, 'lock', [lock], []),
    ...syncs.map((sync): Operation => ({ type: 'unsyncColumns', table, ...sync })),
    ...references.map(({ table: on, constraint }) => {
      const drop = alterTable(on, `DROP CONSTRAINT ${quoteIdentifier(constraint.name)}`);
      return runSql(
        on,
        `constraint ${constraint.name}`,
        [drop],
        addConstraintSql(on, constraint, true),
      );
    }),
    ...(key === undefined ? [] : [leaveKey(table, key)]),
    ...columns.flatMap(({ before }) => leaveDefault(table, before)),
    ...renames(swap.asideNames, notKey),
    ...columns.flatMap(({ before: { name }, asideName, freshName }): Operation[] => [
      { type: 'renameColumn', table, from: name, to: asideName },
      { type: 'renameColumn', table, from: freshName, to: name },
    ]),
    ...renames(finalNames, notKey),
    ...(key === undefined ? [] : [takeKey(table, key)]),
    ...columns.flatMap((column) => takeNumbers(table, column)),
    ...columns.flatMap(({ after }) => takeDefault(table, after)),
    ...references.map(({ table: on, constraint }) => {
      const drop = alterTable(on, `DROP CONSTRAINT ${quoteIdentifier(constraint.name)}`);
      return runSql(on, `constraint ${constraint.name}`, addConstraintSql(on, constraint, true), [
        drop,
      ]);
    }),
    ...swap.syncs.map((sync): Operation => ({ type: 'syncColumns', table, ...sync })),
    runSql(table, 'lock', [], [lock]),
  ];
}

function runSql(
  table: QualifiedName,
  what: string,
  up: readonly string[],
  down: readonly string[],
): Operation {
  const { schema, name } = table;
  return { type: 'runSql', table: { schema, name }, what, up, down };
}

function runRename(
  table: QualifiedName,
  from: string,
  to: string,
  fresh: Expansion['fresh'],
  { aside }: Swap,
): Operation {
  const isConstraint = [...fresh.constraints, ...aside.constraints].some(
    ({ name }) => name === from || name === to,
  );
  return { type: isConstraint ? 'renameConstraint' : 'renameIndex', table, from, to };
}

/** The index is there already, unless someone has undone the swap alone. */
function leaveKey(table: QualifiedName, key: SwappedKey): Operation {
  return runSql(
    table,
    `constraint ${key.name}`,
    [alterTable(table, `DROP CONSTRAINT ${quoteIdentifier(key.name)}`)],
    useIndex(table, key, key.asideName),
  );
}

function takeKey(table: QualifiedName, key: SwappedKey): Operation {
  return runSql(table, `constraint ${key.name}`, useIndex(table, key, key.freshName), [
    alterTable(table, `DROP CONSTRAINT ${quoteIdentifier(key.name)}`),
  ]);
}

function useIndex(
  table: QualifiedName,
  { name, fields, deferred }: SwappedKey,
  index: string,
): string[] {
  const [key, quoted] = [name, index].map(quoteIdentifier);
  return [
    `CREATE UNIQUE INDEX IF NOT EXISTS ${quoted ?? ''} ON ${sqlName(table)} ${fields}`,
    alterTable(
      table,
      `ADD CONSTRAINT ${key ?? ''} PRIMARY KEY USING INDEX ${quoted ?? ''}${deferred}`,
    ),
  ];
}

function leaveDefault(table: QualifiedName, column: Column): Operation[] {
  const value = incrementOf(column) === 'serial' ? column.default : plainDefault(column);
  if (value === undefined) return [];
  return [withDefault(table, column.name, value, 'DROP')];
}

function takeDefault(table: QualifiedName, column: Column): Operation[] {
  const value = plainDefault(column);
  if (value === undefined) return [];
  return [withDefault(table, column.name, value, 'SET')];
}

/** As SQL, each by itself: calls for one name are written as one, and another column has the name in between. */
function withDefault(
  table: QualifiedName,
  name: string,
  value: string,
  action: 'SET' | 'DROP',
): Operation {
  const set = [alterColumn(table, name, `SET DEFAULT ${value}`)];
  const drop = [alterColumn(table, name, 'DROP DEFAULT')];
  return action === 'SET'
    ? runSql(table, `default of ${name}`, set, drop)
    : runSql(table, `default of ${name}`, drop, set);
}

/** The sequence goes on where it is, for the column that has the name from now on. */
function takeNumbers(table: QualifiedName, swapped: SwappedColumn): Operation[] {
  const { before, after, asideName } = swapped;
  const { sequence } = before;
  if (sequence === undefined) return [];
  const type = after.sequence?.type ?? after.type;
  if (before.identity !== undefined)
    return [
      runSql(
        table,
        `numbering of ${before.name}`,
        [moveIdentity(table, before, asideName, before.name)],
        [moveIdentity(table, before, before.name, asideName)],
      ),
    ];
  const name = sqlName(sequence);
  const owned = (column: string): string =>
    `ALTER SEQUENCE ${name} OWNED BY ${sqlName(table)}.${quoteIdentifier(column)}`;
  const number = `SET DEFAULT nextval(${quoteLiteral(name).trim()})`;
  const isDefault = incrementOf(before) === 'serial';
  return [
    runSql(
      table,
      `numbering of ${before.name}`,
      [
        owned(before.name),
        `ALTER SEQUENCE ${name} AS ${type}`,
        ...(isDefault ? [alterColumn(table, before.name, number)] : []),
      ],
      [
        ...(isDefault ? [alterColumn(table, before.name, 'DROP DEFAULT')] : []),
        `ALTER SEQUENCE ${name} AS ${sequence.type}`,
        owned(asideName),
      ],
    ),
  ];
}

/** PostgreSQL makes another sequence for another IDENTITY: it goes on with the number of the first. */
function moveIdentity(table: QualifiedName, column: Column, from: string, to: string): string {
  const { sequence, identity = 'by default' } = column;
  const name = sequence === undefined ? '' : sqlName(sequence);
  const on = sqlName(table);
  const add = `ADD GENERATED ${identity.toUpperCase()} AS IDENTITY (SEQUENCE NAME ${name})`;
  const move = `DECLARE last bigint; called boolean; BEGIN
  SELECT last_value, is_called INTO last, called FROM ${name};
  ALTER TABLE ${on} ALTER COLUMN ${quoteIdentifier(from)} DROP IDENTITY;
  ALTER TABLE ${on} ALTER COLUMN ${quoteIdentifier(to)} ${add};
  PERFORM setval(${quoteLiteral(name).trim()}, last, called);
END`;
  return `DO ${quoteBody(move)}`;
}
