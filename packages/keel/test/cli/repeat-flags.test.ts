import { repeatFlags } from '../../src/cli/render/repeat-flags';

test.each([
  ['Make it with: keel db:create', 'Make it with: keel db:create --env test --config a.js'],
  [
    'Name one with --seed, or run all with: keel db:seed:all',
    'Name one with --seed, or run all with: keel db:seed:all --env test --config a.js',
  ],
  [
    'Go back, or remove them first: keel db:seed:bulk:undo.',
    'Go back, or remove them first: keel db:seed:bulk:undo --env test --config a.js.',
  ],
  [
    'Write it with: keel migration:generate --from-models --name <name>',
    'Write it with: keel migration:generate --env test --config a.js --from-models --name <name>',
  ],
  ['See the flags with: keel db:migrate --help', 'See the flags with: keel db:migrate --help'],
  ['See the commands with: keel --help', 'See the commands with: keel --help'],
  ['Try keel init first', 'Try keel init --env test --config a.js first'],
  ['Give --env another value: keel db:url', 'Give --env another value: keel db:url --config a.js'],
  ['keel runs on PostgreSQL', 'keel runs on PostgreSQL'],
])('%s', (text, expected) => {
  expect(repeatFlags(text, { env: 'test', config: 'a.js' })).toBe(expected);
  expect(repeatFlags(text, {})).toBe(text);
});

test('values are quoted for the shell', () => {
  const text = (modelsPath: string) => repeatFlags('keel db:check', { modelsPath });
  expect(text('my models')).toBe("keel db:check --models-path 'my models'");
  expect(text("it's")).toBe(`keel db:check --models-path 'it'\\''s'`);
});

test('a password is not printed, and no shell takes its place for a pattern', () => {
  const said = repeatFlags('Make it with: keel db:create', { url: 'postgres://ann:pa$s@db/x' });
  expect(said).toBe("Make it with: keel db:create --url 'postgres://ann:***@db/x'");
});
