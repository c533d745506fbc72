import type { ClientBase } from 'pg';
import type { Operation } from '../../diff/operation';
import { keyOf } from '../../schema/object-names';
import type { Column, Constraint, QualifiedName, Schema, Table } from '../../schema/schema';
import type { Replayed } from '../plan-change';
import { conversionSql } from './expand-expressions';
import type {
  ColumnSide,
  Expansion,
  ForeignReference,
  Swap,
  SwappedColumn,
  SwappedKey,
} from './expansion';
import { freeName, freeNames } from './free-names';
import { keyFields } from './key-fields';
import { sideOf, tableIn } from './column-side';
import { renameColumns } from './rename-columns';

export interface TypeChangeInput {
  readonly before: Schema;
  readonly owner: Table;
  readonly names: readonly string[];
  /** What the plan does to the columns. */
  readonly own: readonly Operation[];
}

/** What a change of type is made of: the new columns beside the old ones, then the old ones aside. */
export async function planTypeChange(
  client: ClientBase,
  replayed: Replayed,
  { before, owner, names, own }: TypeChangeInput,
): Promise<Pick<Expansion, 'old' | 'fresh' | 'finalNames' | 'syncs' | 'swap'>> {
  const columns = swappedColumns(owner, names, own);
  const freshNames = columns.map(({ freshName }) => freshName);
  const asideNames = columns.map(({ asideName }) => asideName);
  const table: QualifiedName = owner;
  await renameColumns(client, table, names, asideNames);
  const asideTable = tableIn(await replayed.read(client), table);
  await renameColumns(client, table, asideNames, freshNames);
  const freshTable = tableIn(await replayed.read(client), table);
  const found = sideOf(freshTable, freshNames);
  const fresh = freeNames(
    before,
    owner,
    {
      ...found,
      columns: columns.map(({ after, freshName }) => ({ ...after, name: freshName })),
    },
    '_new',
  );
  const aside = freeNames(before, owner, sideOf(asideTable, asideNames), '_old');
  const oldNames = new Map([...aside.finalNames].map(([now, final]) => [final, now]));
  const [key] = fresh.side.constraints.filter(isKey);
  const swap: Swap = {
    columns,
    primaryKey: key && swappedKey(owner, key, aside.side),
    aside: withoutKey({
      ...aside.side,
      columns: aside.side.columns.map(plainColumn),
    }),
    asideNames: oldNames,
    syncs: columns.map((column) => syncOf(column, column.asideName, column.after.name, 'back')),
    references: referencesTo(before, owner, names),
  };
  return {
    old: sideOf(owner, names),
    fresh: withoutKey({ ...fresh.side, columns: fresh.side.columns.map(plainColumn) }),
    finalNames: fresh.finalNames,
    syncs: columns.map((column) => syncOf(column, column.before.name, column.freshName, 'forward')),
    swap,
  };
}

function swappedColumns(
  { columns }: Table,
  names: readonly string[],
  own: readonly Operation[],
): SwappedColumn[] {
  const taken = new Set(columns.map(({ name }) => name));
  return names.flatMap((name) => {
    const before = columns.find((column) => column.name === name);
    const change = own.find((one) => one.type === 'changeType' && one.after.name === name);
    if (before === undefined || change?.type !== 'changeType') return [];
    return [
      {
        before,
        after: { ...change.after, comment: commentOf(own, before) },
        freshName: freeName(name, taken, '_new'),
        asideName: freeName(name, taken, '_old'),
      },
    ];
  });
}

function commentOf(own: readonly Operation[], { name, comment }: Column): string | undefined {
  const change = own.find((one) => one.type === 'changeComment' && one.column === name);
  return change?.type === 'changeComment' ? change.after : comment;
}

/** The sequence stays with the column that has the name. */
function plainColumn({ sequence: _sequence, identity: _identity, ...column }: Column): Column {
  return { ...column, default: undefined };
}

/** The new column from the old one and back; after the swap it is the old one that is kept in step. */
function syncOf(
  { before, after }: SwappedColumn,
  oldName: string,
  newName: string,
  side: 'forward' | 'back',
): {
  readonly forward: Expansion['syncs'][number]['forward'];
  readonly back: Expansion['syncs'][number]['back'];
} {
  const [old, fresh] = [
    { ...before, name: oldName },
    { ...after, name: newName },
  ];
  const toNew = [{ column: newName, sql: conversionSql(old, fresh) }];
  const toOld = [{ column: oldName, sql: conversionSql(fresh, old) }];
  return side === 'forward' ? { forward: toNew, back: toOld } : { forward: toOld, back: toNew };
}

function isKey({ kind }: Constraint): boolean {
  return kind === 'primary key';
}

function withoutKey(side: ColumnSide): ColumnSide {
  return { ...side, constraints: side.constraints.filter((one) => !isKey(one)) };
}

function swappedKey(owner: Table, fresh: Constraint, aside: ColumnSide): SwappedKey | undefined {
  const now = owner.constraints.find(isKey);
  const old = aside.constraints.find(isKey);
  if (now === undefined || old === undefined) return undefined;
  return {
    name: now.name,
    freshName: fresh.name,
    asideName: old.name,
    freshFields: keyFields(fresh).fields,
    ...keyFields(now),
    asideFields: keyFields(old).fields,
  };
}

function referencesTo(
  { tables }: Schema,
  owner: Table,
  names: readonly string[],
): ForeignReference[] {
  return tables
    .filter((table) => table !== owner)
    .flatMap((table) =>
      table.constraints
        .filter(
          ({ references }) =>
            references !== undefined &&
            keyOf(references) === keyOf(owner) &&
            references.columns.some((name) => names.includes(name)),
        )
        .map((constraint) => ({ table: { schema: table.schema, name: table.name }, constraint })),
    );
}
