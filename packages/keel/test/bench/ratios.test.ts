import { bestOf, describeLost, findLost } from '../../bench/support/ratios';

const kept = { margin: 1.25, ratios: { apply: 1.6, check: 4 } };

describe('the gate of costs', () => {
  it('lets noise pass, and names a row that has lost more', () => {
    expect(findLost(kept, { apply: 2, check: 3 })).toEqual([]);
    const [lost, ...others] = findLost(kept, { apply: 2.01, check: 5 });
    expect(others).toEqual([]);
    expect(lost && describeLost(lost, kept.margin)).toBe(
      'apply: 2.01 times, was 1.60 (allowed is 2.00).',
    );
  });

  it('does not let a row pass that nothing is kept of, nor one that was not measured', () => {
    const [lost] = findLost(kept, { clone: 1 });
    expect(lost && describeLost(lost, kept.margin)).toContain('nothing is kept of this row yet');
    expect(findLost(kept, { apply: Number.NaN })).toHaveLength(1);
  });

  it('takes the better of two measurements, row by row', () => {
    expect(bestOf({ apply: 2, check: 3 }, { apply: 1, check: 4, clone: 5 })).toEqual({
      apply: 1,
      check: 3,
      clone: 5,
    });
  });
});
