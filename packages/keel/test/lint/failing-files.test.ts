import type { Hit } from '../../src/lint/rules/rule';
import { transactionRules } from '../../src/lint/rules/transaction-rules';
import { refuseOnScratch } from '../../src/runner/watch/scratch-programs';

const MISSING =
  'a.js failed: relation "users" does not exist\nStatement: ALTER TABLE users …\nCode: 42P01';

function hitOf(error: string, without: readonly string[]): Hit | undefined {
  const rule = transactionRules.find(({ id }) => id === 'fails');
  const file = { error, without, statements: [] };
  return rule?.file?.({ file } as unknown as Parameters<typeof rule.file>[0])[0];
}

const messageOf = (error: string, without: readonly string[]): string | undefined =>
  hitOf(error, without)?.message;

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

test('a program that is not started on a scratch database is no fault of the file', () => {
  const project = { settings: { programs: [] } } as unknown as Parameters<
    typeof refuseOnScratch
  >[0];
  const refused = `2.js failed: ${refuseOnScratch(project, 'node build/rows.js') ?? ''}`;
  expect(hitOf(refused, ['1.js'])).toMatchObject({
    severity: 'notice',
    message: `The file was not looked at: ${refused}`,
  });
});
