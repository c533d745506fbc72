import type { Assignment, Operation } from '../../diff/operation';
import { reverse } from '../../diff/reverse';
import type { Step } from '../../diff/safe-steps';
import type { Column, Constraint, Index, QualifiedName } from '../../schema/schema';
import { arrival } from './arrival';
import type { ColumnSide, Expansion, SyncedColumns } from './expansion';

interface ContractionOptions {
  /** What has to be waited for; nothing where undefined. */
  readonly stop?: () => Operation;
  readonly note?: string;
  /** What else stands on the old columns. */
  readonly more?: readonly Operation[];
  /** The new columns, where something is left to do with them. */
  readonly fresh?: ColumnSide;
}

const RELEASED = 'requireRelease waits for the end of older releases';
const SWAPPED = 'no code knows it: it is what a change of type has left';
const PARTITIONED = {
  'drop-index': 'PostgreSQL cannot drop it CONCURRENTLY on a partitioned table',
};

/** What the old columns have besides their values goes first, so that undoing can fill them before it asks for it. */
export function contraction(
  expansion: Expansion,
  old: ColumnSide,
  { stop, note = '', more = [], fresh = expansion.fresh }: ContractionOptions,
): Step[] {
  const { table, syncs, finalNames } = expansion;
  const { rules, indexes } = arrival(expansion, old);
  const has = [...rules, ...indexes.flatMap(({ operations }) => operations), ...more];
  const [first, second] = [stop, stop].map((make) => (make === undefined ? [] : [make()]));
  const suffix = old.columns.map(({ name }) => name).join('-');
  const later = stop === undefined ? undefined : true;
  return [
    {
      stage: 'contract',
      suffix: `${stop === undefined ? '-relax' : '-release'}-${suffix}`,
      transaction: false,
      later,
      safe: expansion.isPartitioned && old.indexes.length > 0 ? PARTITIONED : undefined,
      operations: [
        ...(first ?? []),
        ...has.map((operation) => reverse(operation)).reverse(),
        { type: 'unfill', table, values: syncs.flatMap((sync) => filled(sync, old)) },
      ],
      notes: new Map((first ?? []).map((wait) => [wait, note])),
    },
    {
      stage: 'contract',
      suffix: `-drop-${suffix}`,
      transaction: true,
      later,
      safe: { 'drop-column': stop === undefined ? SWAPPED : RELEASED },
      operations: [
        ...(second ?? []),
        ...syncs.map((sync): Operation => ({ type: 'unsyncColumns', table, ...sync })),
        ...old.columns.flatMap((column) => dropEmpty(table, column)),
        ...expansion.leftEnums,
        ...finishNames(table, fresh, finalNames),
        ...fresh.columns.flatMap((column) => setDefault(table, column)),
      ],
    },
  ];
}

/** The old columns from the new ones: after a swap, the trigger takes the old ones for what follows. */
function filled({ forward, back }: SyncedColumns, { columns }: ColumnSide): readonly Assignment[] {
  const isOld = ({ column }: Assignment): boolean => columns.some(({ name }) => name === column);
  return back.some(isOld) ? back : forward;
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
