import { keyOf, truncateName } from '../schema/object-names';
import type { QualifiedName } from '../schema/schema';

/** The name of what waits for its new name to become free. */
export function asideName(name: string): string {
  return `${truncateName(name, 55)}_renamed`;
}

/**
 * The renames that lead from one name to another. PostgreSQL changes the schema and the name of an object one at a
 * time, so one that changes both goes by the way in between that is free.
 */
export function stepsBetween(
  from: QualifiedName,
  to: QualifiedName,
  taken: ReadonlySet<string>,
): { readonly from: QualifiedName; readonly to: QualifiedName }[] {
  if (from.schema === to.schema || from.name === to.name) return [{ from, to }];
  const ways: QualifiedName[] = [
    { schema: to.schema, name: from.name },
    { schema: from.schema, name: to.name },
    { schema: from.schema, name: asideName(to.name) },
  ];
  const between = ways.find((name) => !taken.has(keyOf(name))) ?? to;
  const last = { schema: to.schema, name: between.name };
  const way = [from, between, ...(keyOf(between) === keyOf(last) ? [] : [last]), to];
  return way.slice(1).flatMap((target, at) => {
    const source = way[at];
    return source === undefined || keyOf(source) === keyOf(target)
      ? []
      : [{ from: source, to: target }];
  });
}
