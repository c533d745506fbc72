import path from 'node:path';
import fc from 'fast-check';
import { safeFileName } from '../../src/scaffold/safe-file-name';

test.each([
  ['add-phone', 'add-phone'],
  ['two words', 'two-words'],
  ['  tabs\tand\nlines ', 'tabs-and-lines'],
  ['größe_ändern', 'größe_ändern'],
  ['e\u0301te\u0301', 'été'],
  ['v1.2', 'v1.2'],
])('%j becomes %s', (name, expected) => {
  expect(safeFileName(name)).toBe(expected);
});

test.each([
  ...['', ' ', '.', '..', '---', '../x', '/etc/x', 'a/b', 'a\\b', 'C:x', 'a*', 'what?', '"x"'],
  ...['a\u0000b', '\u0007', 'x'.repeat(151), 'ä'.repeat(76)],
])('%j is refused', (name) => {
  expect(() => safeFileName(name)).toThrow(
    expect.objectContaining({ code: 'INVALID_NAME', state: 'Nothing was written.' }) as Error,
  );
});

test('whatever is accepted is one file beside the others, and stays the same when it is given again', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.string()), (name) => {
      let safe: string;
      try {
        safe = safeFileName(name);
      } catch {
        return;
      }
      const file = `20250101000000-${safe}.js`;
      expect(path.join('migrations', file)).toBe(`migrations/${file}`);
      expect(path.basename(path.win32.normalize(file))).toBe(file);
      expect(/\s/.test(safe)).toBe(false);
      expect(safeFileName(safe)).toBe(safe);
      expect(Buffer.byteLength(file)).toBeLessThan(255);
    }),
    { numRuns: 2000 },
  );
});
