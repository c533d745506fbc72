import { power } from './exact-math';

// Looked up once: these run many times a row.
const { floor, min, max, round } = Math;

/**
 * How children are shared out among parents.
 * - `uniform`: with {min, max}, each number of children in between is equally frequent; without,
 *   each child is equally likely to have any parent.
 * - `zipf`: the r-th largest parent gets in proportion to 1 / r^exponent.
 * - `weighted`: classes of parents, each a `share` of them with a relative `weight`.
 */
export type Distribution =
  | { readonly kind: 'uniform' }
  | { readonly kind: 'zipf'; readonly exponent: number }
  | {
      readonly kind: 'weighted';
      readonly classes: readonly { readonly share: number; readonly weight: number }[];
    };

/**
 * Ranks [0, count) in order of falling size, as runs of ranks with equal size ("tiers"). Holds a
 * few thousand numbers however many ranks there are.
 */
export interface Tiers {
  readonly count: number;
  /** The sum of all sizes. */
  readonly total: number;
  readonly size: Float64Array;
  readonly firstRank: Float64Array;
  readonly firstSlot: Float64Array;
}

/** Where a slot in [0, total) lies. */
export interface Place {
  rank: number;
  /** The slot's number within its rank. */
  within: number;
  size: number;
}

// Neighbouring ranks whose sizes differ by less share a tier; integers below 1024 stay exact.
const STEP = 1 - 1 / 1024;

/** The tiers of integer sizes between 0 and `most` that follow a distribution. */
export function boundedTiers(count: number, most: number, distribution: Distribution): Tiers {
  const weight = weightOf(distribution, count, 'bounded');
  if (distribution.kind === 'uniform') {
    return tiersOf(count, (rank) => floor((most + 1) * weight(rank)));
  }
  return tiersOf(count, (rank) => round(most * weight(rank)));
}

/** One tier: every rank has the same size. */
export function evenTiers(count: number, size: number): Tiers {
  return assemble(count, [size], [0]);
}

/** The tiers of real-valued weights, for draws that know no upper bound. */
export function weightTiers(count: number, distribution: Distribution): Tiers {
  return tiersOf(count, weightOf(distribution, count, 'free'));
}

/** What is left of `most` for each rank. */
export function complementOf(tiers: Tiers, most: number): Tiers {
  const sizes = Array.from(tiers.size, (size) => most - size);
  return assemble(tiers.count, sizes, Array.from(tiers.firstRank));
}

/** Finds the rank that a slot belongs to; writes into `place` so that nothing is allocated per row. */
export function locate(tiers: Tiers, slot: number, place: Place): void {
  const { firstSlot, firstRank, size, count } = tiers;
  let low = 0;
  let high = firstSlot.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (firstSlot[middle]! <= slot) low = middle;
    else high = middle - 1;
  }
  const offset = slot - firstSlot[low]!;
  const each = size[low]!;
  const end = low + 1 < firstRank.length ? firstRank[low + 1]! : count;
  const step = each > 0 ? min(floor(offset / each), end - 1 - firstRank[low]!) : 0;
  place.rank = firstRank[low]! + step;
  place.within = max(0, floor(offset - step * each));
  place.size = each;
}

function weightOf(
  distribution: Distribution,
  count: number,
  mode: 'bounded' | 'free',
): (rank: number) => number {
  switch (distribution.kind) {
    case 'uniform':
      return mode === 'free' ? () => 1 : (rank) => 1 - (rank + 0.5) / count;
    case 'zipf':
      return (rank) => power(rank + 1, -distribution.exponent);
    case 'weighted': {
      const classes = [...distribution.classes].sort((x, y) => y.weight - x.weight);
      const shares = classes.reduce((sum, each) => sum + each.share, 0);
      const heaviest = classes[0]?.weight ?? 1;
      return (rank) => {
        let left = ((rank + 0.5) / count) * shares;
        for (const each of classes) {
          if (left < each.share) return each.weight / heaviest;
          left -= each.share;
        }
        return (classes.at(-1)?.weight ?? 1) / heaviest;
      };
    }
  }
}

function tiersOf(count: number, sizeAt: (rank: number) => number): Tiers {
  const sizes: number[] = [];
  const firstRanks: number[] = [];
  for (let rank = 0; rank < count;) {
    const size = sizeAt(rank);
    const end =
      size === 0 ? count : endOfTier(rank, count, (other) => sizeAt(other) >= size * STEP);
    firstRanks.push(rank);
    sizes.push(end - rank > 1 ? sizeAt(rank + ((end - rank) >>> 1)) : size);
    rank = end;
  }
  return assemble(count, sizes, firstRanks);
}

/** The first rank after `start` that no longer belongs to it: doubling steps, then bisection. */
function endOfTier(start: number, count: number, belongs: (rank: number) => boolean): number {
  let inside = start;
  let step = 1;
  while (inside + step < count && belongs(inside + step)) {
    inside += step;
    step *= 2;
  }
  let outside = min(inside + step, count);
  while (outside - inside > 1) {
    const middle = inside + floor((outside - inside) / 2);
    if (belongs(middle)) inside = middle;
    else outside = middle;
  }
  return outside;
}

function assemble(count: number, sizes: readonly number[], firstRanks: readonly number[]): Tiers {
  const firstSlot = new Float64Array(sizes.length);
  let total = 0;
  sizes.forEach((size, tier) => {
    firstSlot[tier] = total;
    total += size * ((firstRanks[tier + 1] ?? count) - firstRanks[tier]!);
  });
  return {
    count,
    total,
    size: Float64Array.from(sizes),
    firstRank: Float64Array.from(firstRanks),
    firstSlot,
  };
}
