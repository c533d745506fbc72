import { permutationOf, permuteOneOf } from '../generators/permutation';
import type { Key } from '../generators/random-draws';
import type { Relation } from '../generators/relation-of';
import type { Combination, Segment, TablePlan } from '../plan/bulk-plan';
import { leaderOf, memberSizes, product } from '../plan/combination-sizes';

/** A member of a combination, and what its values are computed from. */
export interface Membership {
  readonly plan: TablePlan;
  readonly combination: Combination;
  readonly name: string;
  readonly segments: readonly Segment[];
  readonly key: Key;
  /** The leading relation, if one leads. */
  readonly lead: Relation | undefined;
}

/**
 * Which of its values a member of a combination has in row `i`.
 *
 * The values of all members but the leading one are the digits of one number, so that each number is a distinct
 * combination. Each leading parent has its own permutation of these numbers, and its n-th child takes the n-th entry.
 * Where no member leads, the whole table has one permutation.
 */
export function memberIndex(membership: Membership): (i: number) => number {
  const { plan, combination, name, segments, key, lead } = membership;
  const sizes = segments.map((segment) => memberSizes(plan, combination, segment.parents));
  const leader = leaderOf(plan, combination);
  const position = combination.members.indexOf(name) - (leader ? 1 : 0);
  const digit = (step: number, value: number): number => {
    let rest = value;
    for (let at = 0; at < position; at += 1) rest = Math.floor(rest / sizes[step]![at]!);
    return rest % sizes[step]![position]!;
  };
  if (!leader || !lead) {
    const order = permutationOf(product(sizes[0] ?? [1]), key);
    return (i) => digit(0, order.at(i));
  }
  const own = plan.relations.find((each) => each.columns[0] === name);
  return (i) => {
    const step = lead.step(i);
    const parent = lead.parent(i);
    const drawn = digit(step, permuteOneOf(parent, lead.ordinal(i), product(sizes[step]!), key));
    if (own?.parent !== leader.parent) return drawn;
    // Both ends are rows of one table: nobody is paired with himself.
    return (parent + 1 + drawn) % segments[step]!.parents[leader.parent]!;
  };
}
