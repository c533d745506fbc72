import { transactionRules } from '../../src/lint/rules/transaction-rules';

const MISSING =
  'a.js failed: relation "users" does not exist\nStatement: ALTER TABLE users …\nCode: 42P01';

function messageOf(error: string, without: readonly string[]): string | undefined {
  const rule = transactionRules.find(({ id }) => id === 'fails');
  const file = { error, without, statements: [] };
  return rule?.file?.({ file } as unknown as Parameters<typeof rule.file>[0])[0]?.message;
}

test('the first file that misses a table gets the way on, and those after it a line', () => {
  const first = messageOf(MISSING, []);
  expect(first).toMatch(
    /^The file fails: a\.js failed: .*\nStatement: .*\nCode: 42P01\n.*sync\(\)/,
  );
  expect(messageOf('a.js failed: by hand', [])).toBe('The file fails: a.js failed: by hand');
  expect(messageOf(MISSING, ['1.js', '2.js'])).toBe(
    'The file fails without 1.js, 2.js, which fail before it: a.js failed: relation "users" does not exist',
  );
  const forty = Array.from({ length: 40 }, (_, n) => `${n}.js`);
  expect(messageOf(MISSING, forty)?.split('\n')).toEqual([
    'The file fails without 0.js, 1.js, … 39.js (40), which fail before it: a.js failed: relation "users" does not exist',
  ]);
});
