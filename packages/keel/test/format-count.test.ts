import fc from 'fast-check';
import { formatCount } from '../src/format-count';

test('a whole number has its commas', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), (value) => {
      expect(formatCount(value)).toBe(value.toLocaleString('en-US'));
    }),
  );
});
