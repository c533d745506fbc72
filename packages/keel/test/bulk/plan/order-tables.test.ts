import fc from 'fast-check';
import { orderTables, type Dependency } from '../../../src/bulk/plan/order-tables';
import { missingRanges, rowsIn } from '../../../src/bulk/plan/row-ranges';

const dependencies = fc.array(
  fc.record({
    child: fc.constantFrom('a', 'b', 'c', 'd'),
    parent: fc.constantFrom('a', 'b', 'c', 'd'),
    column: fc.constantFrom('x', 'y'),
    canWait: fc.boolean(),
  }),
  { maxLength: 8 },
);

test('every table comes after its parents, but for what a second pass fills; else a cycle is named', () => {
  fc.assert(
    fc.property(dependencies, (given: readonly Dependency[]) => {
      const { order, late, stuck } = orderTables(['a', 'b', 'c', 'd'], given);
      if (stuck.length > 0) {
        // Each of the cycle needs the next, and nothing in it can wait.
        for (const [at, child] of stuck.entries()) {
          const parent = stuck[(at + 1) % stuck.length];
          const needs = given.filter((each) => each.child === child && each.parent === parent);
          expect(needs.length).toBeGreaterThan(0);
        }
        expect(given.some((each) => !each.canWait)).toBe(true);
        return;
      }
      expect([...order].sort()).toEqual(['a', 'b', 'c', 'd']);
      expect(late.every((each) => each.canWait)).toBe(true);
      for (const each of given) {
        if (each.child === each.parent || late.includes(each)) continue;
        expect(order.indexOf(each.parent)).toBeLessThan(order.indexOf(each.child));
      }
    }),
  );
});

test('missing ranges and those that are done are all rows, each once', () => {
  const cut = fc.uniqueArray(fc.integer({ min: 0, max: 200 }), { maxLength: 10 });
  fc.assert(
    fc.property(
      cut,
      fc.integer({ min: 0, max: 200 }),
      fc.integer({ min: 1, max: 50 }),
      (cuts, rows, chunk) => {
        const ends = cuts.filter((each) => each <= rows).sort((a, b) => a - b);
        const done = ends.flatMap((to, at) => (at % 2 === 1 ? [{ from: ends[at - 1]!, to }] : []));
        const missing = missingRanges(done, rows, chunk);
        expect(missing.every(({ from, to }) => to > from && to - from <= chunk)).toBe(true);
        const all = [...done, ...missing].sort((a, b) => a.from - b.from);
        expect(rowsIn(all)).toBe(rows);
        expect(all.every(({ from }, at) => from === (all[at - 1]?.to ?? 0))).toBe(true);
      },
    ),
  );
});
