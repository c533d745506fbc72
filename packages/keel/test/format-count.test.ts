import fc from 'fast-check';
import { counted, formatCount } from '../src/format-count';

test('a whole number has its commas', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), (value) => {
      expect(formatCount(value)).toBe(value.toLocaleString('en-US'));
    }),
  );
});

test('a noun is in the plural but for one', () => {
  expect([0, 1, 1000].map((count) => counted(count, 'row'))).toEqual([
    '0 rows',
    '1 row',
    '1,000 rows',
  ]);
});
