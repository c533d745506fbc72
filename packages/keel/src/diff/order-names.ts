import { keyOf } from '../schema/object-names';
import type { QualifiedName } from '../schema/schema';
import type { Operation, OperationOf } from './operation';
import { orderRenames } from './order-renames';
import { asideName, stepsBetween } from './steps-between';

/** Renames of what PostgreSQL keeps in one namespace of a schema: relations, or types. */
type Renaming = OperationOf<'renameConstraint' | 'renameIndex' | 'renameSequence' | 'renameEnum'>;

/**
 * The operations with their renames in an order in which each new name is free when it is given: tables that
 * swap their names swap those of their sequences, indexes, constraints and enums too.
 *
 * The renames of tables have their order already. What makes way for a table that moves to another schema comes
 * before them, so that only what follows the last of them is put in order.
 *
 * @param takenByEnums the keys of the enums of before
 */
export function orderNames(
  operations: readonly Operation[],
  takenByEnums: Iterable<string>,
): Operation[] {
  const moved = operations.findLastIndex(({ type }) => type === 'renameTable');
  const relations = new Set(
    operations.filter(isRelation).filter((one) => operations.indexOf(one) > moved),
  );
  const enums = new Set(operations.filter(({ type }) => type === 'renameEnum'));
  return inPlace(inPlace(operations, relations), enums, takenByEnums);
}

function isRelation({ type }: Operation): boolean {
  return type === 'renameConstraint' || type === 'renameIndex' || type === 'renameSequence';
}

/** The chosen renames in their order, where the first of them stands. */
function inPlace(
  operations: readonly Operation[],
  chosen: ReadonlySet<Operation>,
  taken: Iterable<string> = [],
): Operation[] {
  const place = operations.findIndex((operation) => chosen.has(operation));
  const others = operations.filter((operation) => !chosen.has(operation));
  const renames = ordered([...chosen] as Renaming[], taken);
  return place < 0 ? others : [...others.slice(0, place), ...renames, ...others.slice(place)];
}

function ordered(renames: readonly Renaming[], taken: Iterable<string>): Operation[] {
  const now = new Set(taken);
  const names = new Map<string, QualifiedName>();
  const keep = (name: QualifiedName): string => {
    names.set(keyOf(name), name);
    return keyOf(name);
  };
  const pairs = renames.map((rename) => ({
    from: keep(nameIn(rename, rename.from)),
    to: keep(nameIn(rename, rename.to)),
    rename,
  }));
  const aside = (key: string): string => {
    const { schema, name } = names.get(key) as QualifiedName;
    return keep({ schema, name: asideName(name) });
  };
  return orderRenames(pairs, aside).flatMap(({ from, to, rename }) => {
    const steps = stepsBetween(
      names.get(from) as QualifiedName,
      names.get(to) as QualifiedName,
      now,
    );
    now.delete(from);
    now.add(to);
    return steps.map((step) => withNames(rename, step.from, step.to));
  });
}

function nameIn(rename: Renaming, name: QualifiedName | string): QualifiedName {
  if (typeof name !== 'string') return name;
  const { schema } = (rename as OperationOf<'renameIndex'>).table;
  return { schema, name };
}

function withNames(rename: Renaming, from: QualifiedName, to: QualifiedName): Operation {
  return rename.type === 'renameSequence' || rename.type === 'renameEnum'
    ? { ...rename, from, to }
    : { ...rename, from: from.name, to: to.name };
}
