import fc from 'fast-check';
import { arrangeArguments, type FlagValue } from '../../src/cli/flags/arrange-arguments';
import { suggestCommands } from '../../src/cli/flags/suggest-commands';

const COMMANDS = ['db:migrate', 'db:seed', 'migration:generate', 'model:generate'];
const VALUES: Readonly<Record<string, FlagValue>> = {
  '--env': 'always',
  '--seed': 'always',
  '--migrations-path': 'always',
  '--json': 'never',
  '--force': 'maybe',
};

const arrange = (line: string): string =>
  arrangeArguments(line.split(' '), {
    isCommand: (word) => COMMANDS.includes(word),
    valueOf: (flag) => VALUES[flag] ?? 'maybe',
  }).join(' ');

test.each([
  ['db:seed --seed a b', 'db:seed --seed a b'],
  ['--seeders-path s --seed a.js db:seed', 'db:seed --seeders-path s --seed a.js'],
  ['--migrationsPath=m db:migrate --json', 'db:migrate --migrations-path=m --json'],
  ['--seed a b db:seed', 'db:seed --seed a b'],
  ['--env db:migrate db:seed', 'db:seed --env db:migrate'],
  ['--env=db:migrate db:seed', 'db:seed --env=db:migrate'],
  ['--force db:migrate', 'db:migrate --force'],
  ['--force true model:generate', 'model:generate --force true'],
  ['--json db:migrate', 'db:migrate --json'],
  ['--env test migrat', 'migrat --env test'],
  ['--tto x db:migrate', 'db:migrate --tto x'],
  ['db:migrate extra db:seed', 'db:migrate extra db:seed'],
  ['--json -- db:seed', '--json -- db:seed'],
  ['--json -- --migrationsPath', '--json -- --migrationsPath'],
  ['--json', '--json'],
])('%s is read as %s', (line, expected) => {
  expect(arrange(line)).toBe(expected);
});

test('wherever the command stands among its flags, it is found, and the flags keep their order', () => {
  const value = fc.oneof(fc.constantFrom(...COMMANDS), fc.stringMatching(/^[a-z./][a-z./-]*$/));
  const flag = fc.oneof(
    fc.tuple(fc.constantFrom('--env', '--seed', '--migrations-path'), value),
    fc
      .tuple(fc.constantFrom('--env', '--seed'), value)
      .map(([name, text]): [string] => [`${name}=${text}`]),
    fc.constant<[string]>(['--json']),
  );
  fc.assert(
    fc.property(
      fc.array(flag),
      fc.array(flag),
      fc.constantFrom(...COMMANDS),
      (before, after, command) => {
        const line = [...before.flat(), command, ...after.flat()];
        expect(arrange(line.join(' '))).toBe(
          [command, ...before.flat(), ...after.flat()].join(' '),
        );
      },
    ),
  );
});

const NAMES = [
  ...['db:migrate', 'db:migrate:undo', 'db:migrate:undo:all', 'db:migrate:status', 'db:seed'],
  ...['db:seed:undo', 'db:create', 'init'],
].map((name): [string] => [name]);

test.each([
  ['migrat', 'db:migrate'],
  ['migrate', 'db:migrate'],
  ['db:migrat', 'db:migrate'],
  ['db-migrate', 'db:migrate'],
  ['DB:Migrate', 'db:migrate'],
  ['undo', 'db:migrate:undo db:seed:undo'],
  ['undo:all', 'db:migrate:undo:all'],
  ['status', 'db:migrate:status'],
  ['db:migrate:stauts', 'db:migrate:status'],
  ['seed', 'db:seed'],
  ['creat', 'db:create'],
  ['inti', 'init'],
  ['generate', 'migration:generate model:generate'],
  ['model:creat', 'model:generate'],
  ['xyz', ''],
  ['...', ''],
  ['', ''],
])('"%s" may mean "%s"', (typed, expected) => {
  const commands = [
    ...NAMES,
    ['migration:generate', 'migration:create'] as const,
    ['model:generate', 'model:create'] as const,
  ];
  expect(suggestCommands(typed, commands).join(' ')).toBe(expected);
});
