/** One table's need of another. */
export interface Dependency {
  readonly child: string;
  readonly parent: string;
  /** The first column of the relation. */
  readonly column: string;
  /** Whether the child's rows can be written before the parent's, with NULL for now. */
  readonly canWait: boolean;
}

/** An order to fill tables in, and the dependencies that a second pass has to fill. */
export interface FillOrder {
  readonly order: readonly string[];
  readonly late: readonly Dependency[];
  /** Tables that need one another and none of them can wait; empty where all is well. */
  readonly stuck: readonly string[];
}

/** Orders tables, parents first. Where that is impossible, one dependency that can wait is put off. */
export function orderTables(
  tables: readonly string[],
  dependencies: readonly Dependency[],
): FillOrder {
  const order: string[] = [];
  const late: Dependency[] = [];
  let open = dependencies.filter(
    (each) => each.child !== each.parent && tables.includes(each.parent),
  );
  const left = new Set(tables);
  while (left.size > 0) {
    const ready = [...left].find((table) => !open.some((each) => each.child === table));
    if (ready !== undefined) {
      order.push(ready);
      left.delete(ready);
      open = open.filter((each) => each.parent !== ready);
      continue;
    }
    // All tables that are left are in a cycle or wait for one: put off one dependency of the cycle that can wait.
    const cycle = findCycle([...left], open);
    const free = open.find(
      (each) => each.canWait && cycle.includes(each.child) && cycle.includes(each.parent),
    );
    if (!free) return { order, late, stuck: cycle };
    late.push(free);
    open = open.filter((each) => each !== free);
  }
  return { order, late, stuck: [] };
}

function findCycle(tables: readonly string[], dependencies: readonly Dependency[]): string[] {
  const path: string[] = [];
  let table = tables[0];
  while (table !== undefined) {
    const seen = path.indexOf(table);
    if (seen >= 0) return path.slice(seen);
    path.push(table);
    const current: string = table;
    // Follow what cannot wait first: a cycle of only such dependencies has no solution.
    const next =
      dependencies.find((each) => each.child === current && !each.canWait) ??
      dependencies.find((each) => each.child === current);
    table = next?.parent;
  }
  return path;
}
