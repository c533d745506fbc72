import { addConstraintSql, alterColumn, alterTable, sqlName } from '../../codegen/sql';
import { quoteIdentifier } from '../../db/quote';
import type { Operation } from '../../diff/operation';
import { reverse } from '../../diff/reverse';
import type { Step } from '../../diff/safe-steps';
import { defaultObjectName, displayName, truncateName } from '../../schema/object-names';
import type { Column, Constraint, Index, QualifiedName } from '../../schema/schema';
import type { ColumnSide, Expansion } from './expansion';

/** The files of an expansion: beside the old columns now, in their place once nothing of the old release runs. */
export function expansionSteps(expansion: Expansion): Step[] {
  const { table, fresh, old, syncs } = expansion;
  const names = columnNames(table, fresh);
  const values = syncs.flatMap(({ forward }) => forward);
  const { rules, indexes } = arrival(expansion, fresh);
  const notes = new Map<Operation, string>();
  const triggers = syncs.map((sync): Operation => ({ type: 'syncColumns', table, ...sync }));
  for (const [at, { forward, back }] of syncs.entries()) {
    const [trigger] = triggers.slice(at);
    if (trigger !== undefined && [...forward, ...back].some(({ sql }) => sql === undefined))
      notes.set(trigger, PLACES);
  }
  return [
    {
      stage: 'main',
      suffix: '',
      transaction: true,
      operations: [...fresh.columns.map((column) => addEmpty(table, column)), ...triggers],
      notes,
    },
    {
      stage: 'fill',
      suffix: `-backfill-${fresh.columns.map(({ name }) => name).join('-')}`,
      transaction: false,
      operations: [{ type: 'backfill', table, values }],
    },
    { stage: 'validate', suffix: '-validate', transaction: false, operations: rules },
    ...indexes,
    ...contraction(
      expansion,
      `Write the first release that knows nothing but ${names}. No session of an older one may be left.`,
      old,
    ),
  ];
}

const PLACES = 'Write what each column is computed from, here and in the files after this one.';

function columnNames(table: QualifiedName, { columns }: ColumnSide): string {
  return columns.map(({ name }) => `${displayName(table)}.${name}`).join(', ');
}

/** A column that may be empty: a default would look to the trigger like a value that new code has given. */
function addEmpty(table: QualifiedName, column: Column): Operation {
  return { type: 'addColumn', table, column: { ...column, notNull: false, default: undefined } };
}

interface Arrival {
  /** One after the other, none of them locks for longer than a moment. */
  readonly rules: readonly Operation[];
  /** Each is built by itself. */
  readonly indexes: readonly Step[];
}

/** What columns that are filled still lack. */
function arrival({ table, isPartitioned, plainParts }: Expansion, side: ColumnSide): Arrival {
  const isUnique = ({ kind }: Constraint): boolean => kind === 'unique';
  const step = (name: string, operation: Operation): Step => ({
    stage: 'index',
    suffix: `-index-${name}`,
    transaction: false,
    operations: [operation],
  });
  const build = (index: Index): Operation => {
    if (!isPartitioned) return { type: 'createIndex', table, index, concurrently: true };
    return { type: 'createIndex', table, index, onPartitions: !plainParts.has(index.name) };
  };
  return {
    rules: [
      ...side.columns.filter(({ notNull }) => notNull).map(({ name }) => requireValue(table, name)),
      ...side.constraints
        .filter((constraint) => !isUnique(constraint))
        .map((constraint) => addValidated(table, constraint)),
    ],
    indexes: [
      ...side.constraints
        .filter(isUnique)
        .map((constraint) => step(constraint.name, addUnique(table, constraint))),
      ...side.indexes.map((index) => step(index.name, build(index))),
    ],
  };
}

/** PostgreSQL takes a validated CHECK for a proof that no row is null, and does not look itself. */
function requireValue(table: QualifiedName, column: string): Operation {
  const proof = quoteIdentifier(truncateName(defaultObjectName(table.name, [column], 'not_null')));
  return {
    type: 'runSql',
    table,
    what: `NOT NULL of ${column}`,
    up: [
      // Again from the start, where it was stopped half way.
      alterTable(
        table,
        `DROP CONSTRAINT IF EXISTS ${proof}, ADD CONSTRAINT ${proof} CHECK (${quoteIdentifier(column)} IS NOT NULL) NOT VALID`,
      ),
      alterTable(table, `VALIDATE CONSTRAINT ${proof}`),
      alterColumn(table, column, 'SET NOT NULL'),
      alterTable(table, `DROP CONSTRAINT ${proof}`),
    ],
    down: [alterColumn(table, column, 'DROP NOT NULL')],
  };
}

function addValidated(table: QualifiedName, constraint: Constraint): Operation {
  const name = quoteIdentifier(constraint.name);
  const [add = '', ...comment] = addConstraintSql(table, constraint, true);
  return {
    type: 'runSql',
    table,
    what: `constraint ${constraint.name}`,
    up: [
      add.replace(' ADD CONSTRAINT ', ` DROP CONSTRAINT IF EXISTS ${name}, ADD CONSTRAINT `),
      ...(constraint.validated ? [alterTable(table, `VALIDATE CONSTRAINT ${name}`)] : []),
      ...comment,
    ],
    down: [alterTable(table, `DROP CONSTRAINT ${name}`)],
  };
}

/** The constraint takes over an index that was built before it, name and all. */
function addUnique(table: QualifiedName, constraint: Constraint): Operation {
  const name = quoteIdentifier(constraint.name);
  const [, key = '', deferred = ''] =
    /^UNIQUE ([^]*?)( DEFERRABLE(?: INITIALLY DEFERRED)?)?$/.exec(constraint.definition) ?? [];
  const [, ...comment] = addConstraintSql(table, constraint, false);
  // NULLS NOT DISTINCT stands before the columns of a constraint, and behind those of an index.
  const nulls = 'NULLS NOT DISTINCT ';
  const fields = key.startsWith(nulls) ? `${key.slice(nulls.length)} ${nulls.trim()}` : key;
  return {
    type: 'runSql',
    table,
    what: `constraint ${constraint.name}`,
    up: [
      `CREATE UNIQUE INDEX CONCURRENTLY ${name} ON ${sqlName(table)} ${fields}`,
      alterTable(table, `ADD CONSTRAINT ${name} UNIQUE USING INDEX ${name}${deferred}`),
      ...comment,
    ],
    down: [alterTable(table, `DROP CONSTRAINT ${name}`)],
  };
}

/** What the old columns have besides their values goes first, so that undoing can fill them before it asks for it. */
function contraction(expansion: Expansion, note: string, old: ColumnSide): Step[] {
  const { table, application, syncs, fresh, finalNames } = expansion;
  const { rules, indexes } = arrival(expansion, old);
  const has = [...rules, ...indexes.flatMap(({ operations }) => operations)];
  const wait: Operation = { type: 'requireRelease', table, application };
  const again: Operation = { type: 'requireRelease', table, application };
  const suffix = old.columns.map(({ name }) => name).join('-');
  return [
    {
      stage: 'contract',
      suffix: `-release-${suffix}`,
      transaction: false,
      later: true,
      operations: [
        wait,
        ...has.map((operation) => reverse(operation)).reverse(),
        { type: 'unfill', table, values: syncs.flatMap(({ back }) => back) },
      ],
      notes: new Map([[wait, note]]),
    },
    {
      stage: 'contract',
      suffix: `-drop-${suffix}`,
      transaction: true,
      later: true,
      operations: [
        again,
        ...syncs.map((sync): Operation => ({ type: 'unsyncColumns', table, ...sync })),
        ...old.columns.flatMap((column) => dropEmpty(table, column)),
        ...finishNames(table, fresh, finalNames),
        ...fresh.columns.flatMap((column) => setDefault(table, column)),
      ],
    },
  ];
}

function dropEmpty(table: QualifiedName, column: Column): Operation[] {
  const empty: Column = { ...column, notNull: false, default: undefined };
  const drop: Operation = { type: 'dropColumn', table, column: empty };
  if (column.default === undefined) return [drop];
  const before: Column = { ...empty, default: column.default };
  return [{ type: 'changeDefault', table, before, after: empty, asSql: true }, drop];
}

function setDefault(table: QualifiedName, column: Column): Operation[] {
  if (column.default === undefined) return [];
  const before: Column = { ...column, default: undefined };
  return [{ type: 'changeDefault', table, before, after: column, asSql: true }];
}

function finishNames(
  table: QualifiedName,
  { constraints, indexes }: ColumnSide,
  finalNames: ReadonlyMap<string, string>,
): Operation[] {
  const renamed = (type: 'renameConstraint' | 'renameIndex', { name }: Constraint | Index) => {
    const to = finalNames.get(name);
    return to === undefined || to === name ? [] : [{ type, table, from: name, to } as const];
  };
  return [
    ...constraints.flatMap((constraint) => renamed('renameConstraint', constraint)),
    ...indexes.flatMap((index) => renamed('renameIndex', index)),
  ];
}
