import { permutationOf } from './permutation';
import { drawBelow, drawUnit, keyOf, type Key } from './random-draws';
import {
  boundedTiers,
  complementOf,
  evenTiers,
  locate,
  weightTiers,
  type Distribution,
  type Place,
  type Tiers,
} from './distribution';

// Looked up once: these run many times a row.
const { floor } = Math;

/** How the rows of one table (children) choose their rows in another (parents). */
export interface RelationShape {
  /** Each parent that takes part has at least this many children, as far as there are enough rows. */
  readonly min: number;
  /** And at most this many; absent where there is no bound. */
  readonly max?: number;
  /** Whether a parent's children must be told apart, which bounds them by {@link Growth.ordinals}. */
  readonly distinct?: boolean;
  /** The part of the parents that have children at all, above 0 and at most 1. */
  readonly share: number;
  readonly distribution: Distribution;
}

/**
 * One step of a table's growth: its rows [from, to) were planned when there were `parents` parents,
 * and at most `ordinals` children of one parent could be told apart (see {@link Relation.ordinal}).
 */
export interface Growth {
  readonly from: number;
  readonly to: number;
  readonly parents: number;
  readonly ordinals: number;
}

/** Computes the parent of any child row. */
export interface Relation {
  /** The index of the parent of child row `i`. */
  parent(i: number): number;
  /** Which of its parent's children row `i` is: distinct within a parent where `max` is known. */
  ordinal(i: number): number;
  /** The number of the growth step in which that parent appeared. */
  step(i: number): number;
}

/** How many rows a full draw of the shape gives for so many parents. */
export function drawnRows(parents: number, shape: RelationShape, ordinals: number): number {
  const taking = takingPart(parents, shape.share);
  if (taking === 0) return 0;
  const most = mostOf(shape, ordinals);
  const min = Math.min(shape.min, most);
  return min * taking + tiersFor(shape, taking, most - min).total;
}

/** The most rows that so many parents can have; Infinity where there is no bound. */
export function roomFor(parents: number, shape: RelationShape, ordinals: number): number {
  if (parents === 0) return 0;
  return isBounded(shape) ? takingPart(parents, shape.share) * mostOf(shape, ordinals) : Infinity;
}

/** The most children of one parent. */
function mostOf(shape: RelationShape, ordinals: number): number {
  return Math.min(shape.max ?? Infinity, shape.distinct ? ordinals : Infinity);
}

function isBounded(shape: RelationShape): boolean {
  return shape.max !== undefined || shape.distinct === true;
}

function tiersFor(shape: RelationShape, taking: number, most: number): Tiers {
  // Without {max} every distinct child is equally likely, whichever parent it belongs to.
  if (shape.max === undefined && shape.distribution.kind === 'uniform')
    return evenTiers(taking, most);
  return boundedTiers(taking, most, shape.distribution);
}

/**
 * The relation of a table that grew in the given steps. Rows of an earlier step never change when a
 * later one is added. Without a `max` every row draws by itself; with one, the children of a group
 * of parents are a keyed permutation of its slots, so that any number of them keeps the bounds.
 */
export function relationOf(
  seedKey: Key,
  shape: RelationShape,
  growth: readonly Growth[],
): Relation {
  const pieces = isBounded(shape)
    ? boundedPieces(seedKey, shape, growth)
    : growth.flatMap((step, number) =>
        freePieces(seedKey, shape, step, growth[number - 1]?.parents ?? 0),
      );
  const found: Found = { parent: -1, ordinal: 0, step: 0 };
  let known = -1;
  let piece = pieces[0];
  const find = (i: number): Found => {
    if (i === known) return found;
    if (!piece || i < piece.from || i >= piece.to)
      piece = pieces.find((each) => i >= each.from && i < each.to);
    if (!piece) throw new RangeError(`Row ${i} has not been planned`);
    piece.find(i, found);
    known = i;
    return found;
  };
  return {
    parent: (i) => find(i).parent,
    ordinal: (i) => find(i).ordinal,
    step: (i) => find(i).step,
  };
}

interface Found {
  parent: number;
  ordinal: number;
  step: number;
}

interface Piece {
  readonly from: number;
  readonly to: number;
  find(i: number, found: Found): void;
}

function takingPart(parents: number, share: number): number {
  return parents === 0 ? 0 : Math.max(1, floor(parents * share));
}

function subKey(key: Key, name: string, number: number): Key {
  return keyOf(key.a, key.b, name, number);
}

function freePieces(key: Key, shape: RelationShape, step: Growth, before: number): Piece[] {
  const added = Math.max(0, step.parents - before);
  const addedTaking = takingPart(added, shape.share);
  const addedRanks = permutationOf(added, subKey(key, 'ranks of added', step.from));
  const firstEnd = Math.min(step.to, step.from + shape.min * addedTaking);
  const taking = takingPart(step.parents, shape.share);
  const tiers = weightTiers(taking, shape.distribution);
  const plain = tiers.size.length === 1 && taking === step.parents;
  const ranks = permutationOf(step.parents, subKey(key, 'ranks', step.parents));
  const draws = subKey(key, 'draws', 0);
  const place: Place = { rank: 0, within: 0, size: 0 };
  return [
    {
      from: step.from,
      to: firstEnd,
      find: (i, found) => {
        found.parent = before + addedRanks.at((i - step.from) % addedTaking);
      },
    },
    {
      from: firstEnd,
      to: step.to,
      find: (i, found) => {
        if (plain) {
          found.parent = drawBelow(draws, i, step.parents);
          return;
        }
        locate(tiers, drawUnit(draws, i) * tiers.total, place);
        found.parent = ranks.at(place.rank);
      },
    },
  ];
}

/** Parents that appeared in the same step, and the sequence of slots that their children take. */
interface Group {
  /** Slots by the shape's own draw, and in all. */
  readonly drawn: number;
  readonly room: number;
  find(t: number, found: Found): void;
}

function groupOf(
  key: Key,
  shape: RelationShape,
  first: number,
  step: Growth,
  number: number,
): Group {
  const count = step.parents - first;
  const most = mostOf(shape, step.ordinals);
  const min = Math.min(shape.min, most);
  const taking = takingPart(count, shape.share);
  const own = subKey(key, 'group', first);
  const ranks = permutationOf(count, subKey(own, 'ranks', count));
  const tiers = tiersFor(shape, taking, most - min);
  const rest = complementOf(tiers, most - min);
  const drawnSlots = permutationOf(tiers.total, subKey(own, 'slots', 1));
  const restSlots = permutationOf(rest.total, subKey(own, 'slots', 2));
  const must = min * taking;
  const drawn = must + tiers.total;
  const place: Place = { rank: 0, within: 0, size: 0 };
  const find = (t: number, found: Found): void => {
    let rank: number;
    if (t < must) {
      rank = t % taking;
      found.ordinal = floor(t / taking);
    } else if (t < drawn) {
      locate(tiers, drawnSlots.at(t - must), place);
      rank = place.rank;
      found.ordinal = min + place.within;
    } else {
      locate(rest, restSlots.at(t - drawn), place);
      rank = place.rank;
      found.ordinal = most - place.size + place.within;
    }
    found.parent = first + ranks.at(rank);
    found.step = number;
  };
  return { drawn, room: taking * most, find };
}

function boundedPieces(key: Key, shape: RelationShape, growth: readonly Growth[]): Piece[] {
  const groups: Group[] = [];
  const used: number[] = [];
  const pieces: Piece[] = [];
  let parents = 0;
  for (const [number, step] of growth.entries()) {
    if (step.parents > parents) {
      groups.push(groupOf(key, shape, parents, step, number));
      used.push(0);
      parents = step.parents;
    }
    let from = step.from;
    const take = (number: number, limit: number): void => {
      const group = groups[number]!;
      const start = used[number]!;
      const count = Math.min(step.to - from, Math.max(0, limit - start));
      if (count === 0) return;
      const offset = from - start;
      pieces.push({ from, to: from + count, find: (i, found) => group.find(i - offset, found) });
      used[number] = start + count;
      from += count;
    };
    // The newest parents first, up to their own draw; then whoever has room, the oldest first.
    for (let number = groups.length - 1; number >= 0; number -= 1)
      take(number, groups[number]!.drawn);
    for (let number = 0; number < groups.length; number += 1) take(number, groups[number]!.room);
  }
  return pieces;
}
