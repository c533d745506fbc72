import type { Combination, RelationPlan, TablePlan } from './bulk-plan';

export const product = (numbers: readonly number[]): number =>
  numbers.reduce((all, each) => all * each, 1);

/** The relation that leads a combination, if one does. */
export function leaderOf(plan: TablePlan, combination: Combination): RelationPlan | undefined {
  if (!combination.leads) return undefined;
  return plan.relations.find((each) => each.columns[0] === combination.members[0]);
}

/** How many values each member that does not lead can take. */
export function memberSizes(
  plan: TablePlan,
  combination: Combination,
  parents: Readonly<Record<string, number>>,
): number[] {
  const leader = leaderOf(plan, combination);
  return combination.members.slice(leader ? 1 : 0).map((name) => {
    const relation = plan.relations.find((each) => each.columns[0] === name);
    if (!relation) return combination.sizes[name] ?? 1;
    const count = parents[relation.parent] ?? 0;
    return relation.parent === leader?.parent ? Math.max(0, count - 1) : count;
  });
}

/** How many children of one leading parent can be told apart. */
export function ordinalsOf(
  plan: TablePlan,
  combination: Combination,
  parents: Readonly<Record<string, number>>,
): number {
  return Math.min(2 ** 52, product(memberSizes(plan, combination, parents)));
}
