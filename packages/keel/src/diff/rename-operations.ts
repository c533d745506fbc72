import { keyOf, truncateName } from '../schema/object-names';
import type { QualifiedName, Schema, Table } from '../schema/schema';
import { orderRenames, type NamePair } from './order-renames';
import { asideName, stepsBetween } from './steps-between';
import type { Operation, OperationOf } from './operation';

/** A table, a column or a value of an enum that is known under another name from now on. */
export type Rename =
  | {
      readonly kind: 'table';
      /** By its old name, as everywhere here. */
      readonly table: QualifiedName;
      readonly to: QualifiedName;
    }
  | {
      readonly kind: 'column';
      readonly table: QualifiedName;
      readonly column: string;
      readonly to: string;
    }
  | {
      readonly kind: 'value';
      readonly table: QualifiedName;
      readonly column: string;
      readonly enum: QualifiedName;
      readonly value: string;
      readonly to: string;
    };

export type RenameOf<K extends Rename['kind']> = Extract<Rename, { readonly kind: K }>;

/** The renames of one kind. */
export function renamesOf<K extends Rename['kind']>(
  kind: K,
  renames: readonly Rename[],
): RenameOf<K>[] {
  return renames.filter((rename): rename is RenameOf<K> => rename.kind === kind);
}

/** The operations of `renames`: values and columns first, while their tables still have the old names. */
export function renameOperations(renames: readonly Rename[], before: Schema): Operation[] {
  return [
    ...valueOperations(renamesOf('value', renames)),
    ...columnOperations(renamesOf('column', renames)),
    ...tableOperations(renamesOf('table', renames), before),
  ];
}

function valueOperations(renames: readonly RenameOf<'value'>[]): Operation[] {
  return grouped(renames, (rename) => keyOf(rename.enum)).flatMap(([first, pairs]) =>
    orderRenames(pairs).map(({ from, to }): Operation => ({
      type: 'renameEnumValue',
      enum: first.enum,
      from,
      to,
    })),
  );
}

function columnOperations(renames: readonly RenameOf<'column'>[]): Operation[] {
  return grouped(renames, (rename) => keyOf(rename.table)).flatMap(([{ table }, pairs]) =>
    orderRenames(pairs, asideName).map(({ from, to }): Operation => ({
      type: 'renameColumn',
      table,
      from,
      to,
    })),
  );
}

/** The renames that share a key, with the first of them and the pairs of names. */
function grouped<
  R extends { readonly to: string; readonly column: string; readonly value?: string },
>(renames: readonly R[], keyBy: (rename: R) => string): [R, NamePair[]][] {
  const groups = new Map<string, R[]>();
  for (const rename of renames) {
    groups.set(keyBy(rename), [...(groups.get(keyBy(rename)) ?? []), rename]);
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const pairs = group.map((rename): [string, NamePair] => {
      const from = rename.value ?? rename.column;
      return [from, { from, to: rename.to }];
    });
    return [[first, [...new Map(pairs).values()]] satisfies [R, NamePair[]]];
  });
}

/**
 * Tables to their new names and schemas. A table has a name of its own in each schema, so a table that
 * changes both goes by the one of the two ways in between that is free.
 */
function tableOperations(renames: readonly RenameOf<'table'>[], before: Schema): Operation[] {
  const schemas = [...new Set(renames.map(({ to }) => to.schema))].filter(
    (name) => name !== 'public' && !before.namespaces.includes(name),
  );
  const names = new Map<string, QualifiedName>();
  for (const { table, to } of renames) {
    names.set(keyOf(table), table);
    names.set(keyOf(to), to);
  }
  const pairs = renames.map(({ table, to }) => ({ from: keyOf(table), to: keyOf(to) }));
  const aside = (key: string): string => {
    const { schema, name } = names.get(key) ?? { schema: 'public', name: key };
    const waiting = { schema, name: asideName(name) };
    names.set(keyOf(waiting), waiting);
    return keyOf(waiting);
  };
  const taken = new Set(before.tables.map(keyOf));
  const moves = orderRenames(pairs, aside).flatMap(({ from, to }) => {
    const [source, target] = [names.get(from), names.get(to)];
    if (source === undefined || target === undefined) return [];
    taken.delete(from);
    taken.add(to);
    const old = renames.find((rename) => keyOf(rename.to) === to)?.table ?? source;
    return stepsBetween(source, target, taken).flatMap((names): Operation[] => {
      const step = { type: 'renameTable', ...names } as const;
      return names.from.schema === names.to.schema
        ? [step]
        : [...partsAside(step, old, before), step];
    });
  });
  return [...schemas.map((name): Operation => ({ type: 'createSchema', name })), ...moves];
}

/** Indexes and sequences move along, and may meet one of their name in the new schema: they get it back later. */
function partsAside(
  { from, to }: OperationOf<'renameTable'>,
  old: QualifiedName,
  before: Schema,
): Operation[] {
  const own = before.tables.find((table) => keyOf(table) === keyOf(old));
  if (own === undefined) return [];
  const others = before.tables.filter((table) => table !== own && table.schema === to.schema);
  const names = new Set(others.flatMap((table) => relationsOf(table).map(({ name }) => name)));
  return relationsOf(own).flatMap(({ type, name }): Operation[] => {
    if (!names.has(name)) return [];
    const aside = `${truncateName(name, 57)}_moved`;
    if (type !== 'renameSequence') return [{ type, table: from, from: name, to: aside }];
    const { schema } = from;
    return [{ type, from: { schema, name }, to: { schema, name: aside } }];
  });
}

function relationsOf(table: Table): {
  readonly type: 'renameConstraint' | 'renameIndex' | 'renameSequence';
  readonly name: string;
}[] {
  return [
    ...table.constraints
      .filter(({ kind }) => kind !== 'foreign key' && kind !== 'check')
      .map(({ name }) => ({ type: 'renameConstraint' as const, name })),
    ...table.indexes.map(({ name }) => ({ type: 'renameIndex' as const, name })),
    ...table.columns.flatMap(({ sequence }) =>
      sequence === undefined ? [] : [{ type: 'renameSequence' as const, name: sequence.name }],
    ),
  ];
}

/** Where a table's parts have been renamed, and what tables are called now: the way back to the old names. */
export function oldNames(renames: readonly Rename[]): {
  readonly table: (name: QualifiedName) => QualifiedName;
  readonly column: (table: QualifiedName, column: string) => string;
  readonly newTable: (name: QualifiedName) => QualifiedName;
} {
  const table = (name: QualifiedName): QualifiedName =>
    renamesOf('table', renames).find(({ to }) => keyOf(to) === keyOf(name))?.table ?? name;
  return {
    table,
    newTable: (name) =>
      renamesOf('table', renames).find((rename) => keyOf(rename.table) === keyOf(name))?.to ?? name,
    column: (name, column) =>
      renamesOf('column', renames).find(
        (rename) => keyOf(rename.table) === keyOf(table(name)) && rename.to === column,
      )?.column ?? column,
  };
}

/** The keys of the tables that `renames` touch, by their new names. */
export function renamedTables(renames: readonly Rename[]): Set<string> {
  const tables = renamesOf('table', renames);
  return new Set(
    renames.map(({ table }) =>
      keyOf(tables.find((other) => keyOf(other.table) === keyOf(table))?.to ?? table),
    ),
  );
}
