import fc from 'fast-check';
import { maskSecrets, rememberSecret } from '../src/mask-secrets';

const SECRET = 'hunter2-of-the-test';

test.each([
  ['postgres://me:secret@host/db', 'postgres://me:***@host/db'],
  ['see "postgres://:p@ss:w@rd@host:5432/db".', 'see "postgres://:***@host:5432/db".'],
  ['x+y.z-1://u:s@h', 'x+y.z-1://u:***@h'],
  ['http://host:3000/path and ://u:s@h', 'http://host:3000/path and ://u:s@h'],
  [`ALTER ROLE r PASSWORD  'it''s' x`, `ALTER ROLE r PASSWORD  '***' x`],
  ['password = $a$ se\ncret $a$ end', `password = '***' end`],
  ["password='never closed", "password='***'"],
])('of %p only the password is hidden', (text, masked) => {
  expect(maskSecrets(text)).toBe(masked);
});

test('a password that is known is hidden wherever it stands as a word', () => {
  rememberSecret(SECRET, []);
  const plain = fc.stringMatching(/^[ a-zA-Z0-9_,;.()[\]{}]*$/);
  fc.assert(
    fc.property(plain, plain, (before, after) => {
      const masked = maskSecrets(`${before} ${SECRET} ${after} postgres://u:${SECRET}@h/d`);
      expect(masked).not.toContain(SECRET);
      expect(masked).toContain(`${before} ***`);
    }),
  );
});

// A pattern that begins at each letter of a word takes hours for these.
test.each(['x', 'http://', 'a:', 'http://a:1/,', 'password ', "password '", ' ', '$', '@'])(
  'two megabytes of %p are looked through as well',
  (piece) => {
    const text = piece.repeat(2_000_000 / piece.length);
    expect(maskSecrets(`${text} postgres://u:s@h`)).toContain('postgres://u:***@h');
  },
);
