import fc from 'fast-check';
import { keyOf } from '../../../src/bulk/generators/random-draws';
import {
  drawnRows,
  relationOf,
  roomFor,
  type Growth,
  type RelationShape,
} from '../../../src/bulk/generators/relation-of';
import { isAbsent, treeRelation } from '../../../src/bulk/generators/self-relation';
import type { Distribution } from '../../../src/bulk/generators/distribution';

const uniform: Distribution = { kind: 'uniform' };

function degreesOf(shape: RelationShape, growth: readonly Growth[]): number[] {
  const relation = relationOf(keyOf('degrees'), shape, growth);
  const last = growth.at(-1)!;
  const degrees = new Array<number>(last.parents).fill(0);
  for (let i = 0; i < last.to; i += 1) degrees[relation.parent(i)]! += 1;
  return degrees;
}

const distributions = fc.oneof(
  fc.constant(uniform),
  fc
    .double({ min: 0.2, max: 3, noNaN: true })
    .map((exponent): Distribution => ({ kind: 'zipf', exponent })),
  fc
    .array(
      fc.record({ share: fc.integer({ min: 1, max: 9 }), weight: fc.integer({ min: 1, max: 9 }) }),
      {
        minLength: 1,
        maxLength: 4,
      },
    )
    .map((classes): Distribution => ({ kind: 'weighted', classes })),
);

const shapes = fc
  .record({
    min: fc.integer({ min: 0, max: 3 }),
    extra: fc.integer({ min: 0, max: 9 }),
    share: fc.constantFrom(1, 0.5),
    distribution: distributions,
  })
  .map(({ min, extra, share, distribution }): RelationShape => ({
    min,
    max: Math.max(1, min + extra),
    share,
    distribution,
  }));

test('degrees lie within {min, max} for any number of rows between the least and the most', () => {
  fc.assert(
    fc.property(
      shapes,
      fc.integer({ min: 1, max: 200 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (shape, parents, part) => {
        const taking = Math.max(1, Math.floor(parents * shape.share));
        const least = shape.min * taking;
        const room = roomFor(parents, shape, Infinity);
        const to = least + Math.floor(part * (room - least));
        const degrees = degreesOf(shape, [{ from: 0, to, parents, ordinals: Infinity }]);
        const some = degrees.filter((degree) => degree > 0);
        expect(some.length).toBeLessThanOrEqual(taking);
        expect(Math.max(0, ...degrees)).toBeLessThanOrEqual(shape.max!);
        if (shape.min > 0) expect(some).toHaveLength(taking);
        expect(Math.min(...some, Infinity)).toBeGreaterThanOrEqual(shape.min);
      },
    ),
    { numRuns: 100 },
  );
});

test('children of one parent have different ordinals, also as tables grow step by step', () => {
  fc.assert(
    fc.property(
      shapes,
      fc.array(
        fc.record({
          parents: fc.integer({ min: 0, max: 40 }),
          part: fc.double({ min: 0, max: 1, noNaN: true }),
        }),
        {
          minLength: 1,
          maxLength: 4,
        },
      ),
      (shape, steps) => {
        const growth: Growth[] = [];
        let [parents, rows] = [1, 0];
        for (const step of steps) {
          parents += step.parents;
          // What all groups of parents have room for together; each takes part by its own share.
          const before = growth.map((each, at) => each.parents - (growth[at - 1]?.parents ?? 0));
          const groups = [...before, parents - before.reduce((sum, each) => sum + each, 0)];
          const room = groups.reduce((sum, each) => sum + roomFor(each, shape, Infinity), 0);
          const to = rows + Math.floor(step.part * (room - rows));
          growth.push({ from: rows, to, parents, ordinals: Infinity });
          rows = to;
        }
        const relation = relationOf(keyOf('grow'), shape, growth);
        const seen = new Set<string>();
        for (let i = 0; i < rows; i += 1) {
          seen.add(`${relation.parent(i)}/${relation.ordinal(i)}`);
          if (relation.ordinal(i) >= shape.max! || relation.parent(i) >= parents)
            throw new Error(`row ${i}`);
        }
        expect(seen.size).toBe(rows);
      },
    ),
    { numRuns: 100 },
  );
});

test('a row keeps its parent when more rows follow, whichever rows are asked for first', () => {
  for (const shape of [
    { min: 1, max: 9, share: 1, distribution: uniform },
    { min: 1, share: 1, distribution: { kind: 'zipf', exponent: 1 } },
  ] satisfies RelationShape[]) {
    const first: Growth = { from: 0, to: 500, parents: 200, ordinals: Infinity };
    const second: Growth = { from: 500, to: 900, parents: 260, ordinals: Infinity };
    const short = relationOf(keyOf('stable'), shape, [first]);
    const long = relationOf(keyOf('stable'), shape, [first, second]);
    const parents = Array.from({ length: 500 }, (_, i) => short.parent(i));
    for (let i = 899; i >= 500; i -= 1) long.parent(i);
    const again = parents.map((_, at) => long.parent(499 - at)).reverse();
    expect(again).toEqual(parents);
  }
});

test('one to one is a permutation of the parents', () => {
  const shape: RelationShape = { min: 0, share: 1, distinct: true, distribution: uniform };
  const degrees = degreesOf(shape, [{ from: 0, to: 5000, parents: 5000, ordinals: 1 }]);
  expect(new Set(degrees)).toEqual(new Set([1]));
});

test('without bounds, each row is equally likely to have any parent', () => {
  const degrees = degreesOf({ min: 0, share: 1, distribution: uniform }, [
    { from: 0, to: 100_000, parents: 500, ordinals: Infinity },
  ]);
  const chiSquare = degrees.reduce((sum, n) => sum + (n - 200) ** 2 / 200, 0);
  // 499 degrees of freedom: mean 499, deviation 31.6.
  expect(Math.abs(chiSquare - 499)).toBeLessThan(4 * 31.6);
});

test('with {min, max}, each number of children in between is equally frequent', () => {
  const shape: RelationShape = { min: 2, max: 11, share: 1, distribution: uniform };
  const to = drawnRows(10_000, shape, Infinity);
  const degrees = degreesOf(shape, [{ from: 0, to, parents: 10_000, ordinals: Infinity }]);
  for (let degree = 2; degree <= 11; degree += 1) {
    expect(degrees.filter((each) => each === degree)).toHaveLength(1000);
  }
});

test('zipf gives the r-th largest parent in proportion to 1 / r', () => {
  const to = 200_000;
  const parents = 1000;
  const degrees = degreesOf({ min: 0, share: 1, distribution: { kind: 'zipf', exponent: 1 } }, [
    { from: 0, to, parents, ordinals: Infinity },
  ]).sort((a, b) => b - a);
  const harmonic = Array.from({ length: parents }, (_, r) => 1 / (r + 1)).reduce(
    (sum, each) => sum + each,
    0,
  );
  for (const rank of [1, 2, 3, 10, 50]) {
    const expected = to / harmonic / rank;
    expect(Math.abs(degrees[rank - 1]! - expected)).toBeLessThan(5 * Math.sqrt(expected));
  }
});

test('weighted classes get rows in proportion to their weight', () => {
  const distribution: Distribution = {
    kind: 'weighted',
    classes: [
      { share: 0.2, weight: 8 },
      { share: 0.8, weight: 0.5 },
    ],
  };
  const degrees = degreesOf({ min: 0, share: 1, distribution }, [
    { from: 0, to: 100_000, parents: 1000, ordinals: Infinity },
  ]).sort((a, b) => b - a);
  const heavy = degrees.slice(0, 200).reduce((sum, each) => sum + each, 0);
  expect(heavy / 100_000).toBeCloseTo(0.8, 1);
});

test('a tree has its parents before its children, and absences come at their rate', () => {
  const tree = treeRelation(keyOf('tree'));
  expect(tree.parent(0)).toBe(-1);
  const rows = Array.from({ length: 2000 }, (_, i) => i + 1);
  expect(rows.filter((i) => tree.parent(i) < 0 || tree.parent(i) >= i)).toEqual([]);
  const absent = Array.from({ length: 20_000 }, (_, i) => isAbsent(keyOf('null'), i, 0.3)).filter(
    Boolean,
  );
  expect(absent.length / 20_000).toBeCloseTo(0.3, 1);
});
