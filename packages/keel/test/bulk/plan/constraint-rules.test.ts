import fc from 'fast-check';
import type { ColumnRules } from '../../../src/bulk/plan/column-rules';
import { constraintRulesOf } from '../../../src/bulk/plan/constraint-rules';
import { parseExpression } from '../../../src/bulk/plan/parse-expression';

/** The rules for each column, without those that ask nothing. */
const rulesOf = (sql: string): Readonly<Record<string, ColumnRules>> => {
  const { columns } = constraintRulesOf([parseExpression(sql)!]);
  const asks = (rule: unknown): boolean => rule !== undefined && (rule as unknown[]).length !== 0;
  return Object.fromEntries(
    [...columns].map(([name, rules]) => [
      name,
      Object.fromEntries(Object.entries(rules).filter(([, rule]) => asks(rule))),
    ]),
  );
};

test.each<[string, Readonly<Record<string, ColumnRules>>]>([
  ['(price > 0)', { price: { low: [{ text: '0', strict: true }] } }],
  ['((5)::numeric >= "a b")', { 'a b': { high: [{ text: '5', strict: false }] } }],
  [
    "((kind)::text = ANY ((ARRAY['a'::character varying, 'it''s'::character varying])::text[]))",
    { kind: { values: ['a', "it's"] } },
  ],
  ['active', { active: { values: ['true'] } }],
  ['(NOT active)', { active: { values: ['false'] } }],
  ['(length(code) = 4)', { code: { shortest: 4, longest: 4 } }],
  ['((cardinality(tags) > 1) AND (cardinality(tags) < 5))', { tags: { shortest: 2, longest: 4 } }],
  ["((state = 'a'::text) OR (state = 'b'::text))", { state: { values: ['a', 'b'] } }],
  ['(a IS NULL)', { a: { null: true } }],
  // Ranges that follow on one another are one; a gap between them leaves the first.
  [
    '((a >= 10 AND a < 20) OR (a >= 0 AND a < 10) OR (a >= 20 AND a < 30))',
    {
      a: {
        low: [{ text: '0', strict: false }],
        high: [{ text: '30', strict: true }],
      },
    },
  ],
  ['((a < 5) OR (a > 5))', { a: { high: [{ text: '5', strict: true }] } }],
  ['((a < 5) OR (a >= 5))', { a: {} }],
  // What is not understood asks nothing.
  ["(jsonb_typeof(data) = 'object'::text)", {}],
  ["(name ~ '^[a-z]+$'::text)", {}],
])('%s', (sql, expected) => {
  expect(rulesOf(sql)).toEqual(expected);
});

test.each(["E'\\\\x'", '(SELECT 1)', 'a COLLATE "C"', 'CASE WHEN a THEN 1 END', '(a', 'a)', ''])(
  '%s is not read',
  (sql) => {
    expect(parseExpression(sql)).toBeUndefined();
  },
);

test('whatever is joined from ranges holds no value that none of them has', () => {
  const bound = fc.integer({ min: 0, max: 9 });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(bound, bound, fc.boolean(), fc.boolean()), { minLength: 2, maxLength: 4 }),
      (ranges) => {
        const sql = ranges
          .map(
            ([a, b, open, closed]) =>
              `((x ${open ? '>' : '>='} ${Math.min(a, b)}) AND (x ${closed ? '<=' : '<'} ${Math.max(a, b)}))`,
          )
          .join(' OR ');
        const { low, high } = rulesOf(sql).x!;
        const within = (x: number): boolean =>
          (low ?? []).every((each) =>
            each.strict ? x > Number(each.text) : x >= Number(each.text),
          ) &&
          (high ?? []).every((each) =>
            each.strict ? x < Number(each.text) : x <= Number(each.text),
          );
        const allowed = (x: number): boolean =>
          ranges.some(
            ([a, b, open, closed]) =>
              (open ? x > Math.min(a, b) : x >= Math.min(a, b)) &&
              (closed ? x <= Math.max(a, b) : x < Math.max(a, b)),
          );
        for (let x = 0; x <= 9; x += 0.5) if (within(x)) expect(allowed(x)).toBe(true);
      },
    ),
  );
});
