import { sqlName } from '../../codegen/sql';
import { quoteIdentifier } from '../../db/quote';
import type { Operation } from '../../diff/operation';
import type { Step } from '../../diff/safe-steps';
import { displayName } from '../../schema/object-names';
import type { Column, QualifiedName } from '../../schema/schema';
import { arrival } from './arrival';
import { contraction } from './contraction';
import type { ColumnSide, Expansion, Swap } from './expansion';
import { swapSteps, validateAgain } from './swap-steps';

/** The files of an expansion: beside the old columns now, in their place once nothing of the old release runs. */
export function expansionSteps(expansion: Expansion): Step[] {
  const { table, fresh, old, syncs, swap, application } = expansion;
  const names = columnNames(table, fresh);
  const values = syncs.flatMap(({ forward }) => forward);
  const { rules, indexes } = arrival(expansion, fresh);
  const notes = new Map<Operation, string>();
  const triggers = syncs.map((sync): Operation => {
    const trigger: Operation = { type: 'syncColumns', table, ...sync };
    if ([...sync.forward, ...sync.back].some(({ sql }) => sql === undefined))
      notes.set(trigger, PLACES);
    return trigger;
  });
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
    {
      stage: 'validate',
      suffix: '-validate',
      transaction: false,
      operations: [...rules, ...(swap === undefined ? [] : validateAgain(swap))],
    },
    ...indexes,
    ...(swap === undefined
      ? contraction(expansion, old, {
          stop: (): Operation => ({ type: 'requireRelease', table, application }),
          note: `Write the first release that knows nothing but ${names}. No session of an older one may be left.`,
        })
      : [...keySteps(table, swap), ...swapSteps(expansion, swap), ...afterSwap(expansion, swap)]),
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

/** The index that the primary key takes over with the swap. */
function keySteps(table: QualifiedName, { primaryKey: key }: Swap): Step[] {
  if (key === undefined) return [];
  const build = keyIndex(table, key.freshName, key.freshFields);
  return [
    {
      stage: 'index',
      suffix: `-index-${key.freshName}`,
      transaction: false,
      operations: [build],
    },
  ];
}

/** There or not: the primary key takes it over, and it goes when the key does. */
function keyIndex(table: QualifiedName, name: string, fields: string): Operation {
  const quoted = quoteIdentifier(name);
  return {
    type: 'runSql',
    table,
    what: `index ${name}`,
    up: [`CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS ${quoted} ON ${sqlName(table)} ${fields}`],
    down: [`DROP INDEX CONCURRENTLY IF EXISTS ${sqlName({ schema: table.schema, name })}`],
  };
}

/** After the swap nobody knows the old columns, so they need not wait for a release. */
function afterSwap(expansion: Expansion, { aside, syncs, primaryKey: key }: Swap): Step[] {
  const { table } = expansion;
  return contraction({ ...expansion, syncs, finalNames: new Map() }, aside, {
    more: key === undefined ? [] : [keyIndex(table, key.asideName, key.asideFields)],
    fresh: { columns: [], constraints: [], indexes: [] },
  });
}
