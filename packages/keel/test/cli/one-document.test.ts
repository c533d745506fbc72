import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { buildProgram } from '../../src/cli/build-program';
import { KEEL_ERROR_CODES } from '../../src/error-codes';
import { runKeel } from '../support/cli';
import { migration, withDatabaseProject } from '../support/project';
import { withProject, type ProjectFiles, type ProgramResult } from '../support/projects';

jest.setTimeout(240_000);

/** One JSON document with a known code on standard output, no stack anywhere, and a code that is not 0. */
function expectOneDocument(line: string, { stdout, stderr, code }: ProgramResult): string {
  const { error } = JSON.parse(stdout) as { error: { code: string; state?: string } };
  const known = (KEEL_ERROR_CODES as readonly string[]).includes(error.code);
  expect({ line, code: error.code, known, stack: /\n\s+at .*:\d+/.test(stderr) }).toEqual({
    line,
    code: expect.not.stringMatching('UNEXPECTED') as string,
    known: true,
    stack: false,
  });
  expect({ line, stderr }).toEqual({ line, stderr: expect.stringContaining('ERROR: ') as string });
  expect({ line, failed: code !== 0 }).toEqual({ line, failed: true });
  return error.code;
}

const GOOD = {
  'config/config.json': {
    development: { dialect: 'postgres', database: 'x', host: '127.0.0.1', port: 1 },
  },
};
const NOISE = "console.log('noise'); process.stdout.write('{}');";
const BINARY = '\u0000\u0001\ufffd\u0002'.repeat(100);

const WRONG: readonly (readonly [string, ProjectFiles, string, string])[] = [
  ['no command', {}, '', 'USAGE'],
  ['an unknown command', {}, 'db:migrat', 'USAGE'],
  ['a flag with a slip', {}, 'db:migrate --dry-rum', 'USAGE'],
  ['a value that is missing', {}, 'db:migrate --to', 'USAGE'],
  ['a value that is empty', {}, 'db:migrate --to=', 'USAGE'],
  ['two values', {}, 'db:migrate --env a --env b', 'USAGE'],
  ['a value of another kind', {}, 'db:migrate --lock-timeout soon', 'USAGE'],
  ['no config', {}, 'db:migrate', 'CONFIG_NOT_FOUND'],
  ['a config that is no JSON', { 'config/config.json': '{' }, 'db:check', 'INVALID_JSON'],
  ['a config of bytes', { 'config/config.json': BINARY }, 'db:check', 'INVALID_JSON'],
  [
    'a config that throws',
    { 'config/config.js': `${NOISE} throw new Error('x');` },
    'db:seed:all',
    'CONFIG_FAILED',
  ],
  [
    'a config that throws nothing',
    { 'config/config.js': 'throw undefined;' },
    'db:url',
    'CONFIG_FAILED',
  ],
  [
    'a config that ends the process',
    { 'config/config.js': `${NOISE} process.exit(0);` },
    'db:migrate',
    'PROCESS_ENDED',
  ],
  [
    'a config with a promise that nobody awaits',
    {
      'config/config.js': `${NOISE} Promise.reject(new Error('x'));
        module.exports = new Promise((resolve) => setTimeout(resolve, 5000));`,
    },
    'db:migrate',
    'ERROR_NOT_CAUGHT',
  ],
  [
    'a config that is never there',
    { 'config/config.js': `${NOISE} module.exports = new Promise(() => {});` },
    'db:migrate',
    'PROCESS_ENDED',
  ],
  [
    'a config that fails twice',
    { 'config/config.js': `Promise.reject(new Error('x')); require('./nope');` },
    'db:migrate',
    'CONFIG_FAILED',
  ],
  ['a config that is a folder', GOOD, 'db:migrate --config migrations', 'CONFIG_FAILED'],
  ['a config that is not there', GOOD, 'db:migrate --config nope.js', 'CONFIG_NOT_FOUND'],
  ['options that are not there', GOOD, 'db:migrate --options-path nope.js', 'RC_NOT_FOUND'],
  ['options that throw', { ...GOOD, '.sequelizerc': 'throw new Error("x");' }, 'init', 'RC_FAILED'],
  ['an unknown environment', GOOD, 'db:migrate --env nope', 'UNKNOWN_ENVIRONMENT'],
  ['a URL that is none', GOOD, 'db:migrate --url nope', 'INVALID_URL'],
  ['no server', GOOD, 'db:migrate', 'SERVER_UNREACHABLE'],
  ['a name that is none', GOOD, 'seed:generate --name ../x', 'INVALID_NAME'],
  ['a model that is none', GOOD, 'model:generate --name 1x --attributes a:string', 'INVALID_NAME'],
  [
    'an attribute that is none',
    GOOD,
    'model:generate --name X --attributes a',
    'INVALID_ATTRIBUTE',
  ],
];

test.each(WRONG)('with --json, %s is one document', async (_what, files, line, code) => {
  await withProject(files, async ({ root }) => {
    for (const folder of ['migrations', 'models'])
      mkdirSync(path.join(root, folder), { recursive: true });
    const args = line === '' ? [] : line.split(' ');
    const result = await runKeel([...args, '--json'], { cwd: root });
    expect(expectOneDocument(line, result)).toBe(code);
  });
});

const names = buildProgram({
  output: {
    json: false,
    interactive: false,
    line: () => undefined,
    note: () => undefined,
    warn: () => undefined,
    result: () => undefined,
  },
  takeSignal: () => new AbortController().signal,
  interruptedBy: () => undefined,
  exitWith: () => undefined,
}).command.commands.map((command) => ({
  name: command.name(),
  needed: command.options
    .filter(({ mandatory }) => mandatory)
    .flatMap(({ long = '' }) => [long, long === '--attributes' ? 'a:string' : 'a']),
}));

test('with --json, every command says in one document that the options file is missing', () =>
  withProject(GOOD, async ({ root }) => {
    expect(names.length).toBeGreaterThan(25);
    for (const { name, needed } of names) {
      // It speaks of keel, and reads no project.
      if (name === 'completion') continue;
      const seed = name === 'db:seed' ? ['--seed', 'x'] : [];
      const args = ['--json', name, ...needed, ...seed, '--options-path', 'nope.js'];
      const result = await runKeel(args, { cwd: root });
      expect(expectOneDocument(name, result)).toBe('RC_NOT_FOUND');
    }
  }));

const FIRST = 'migrations/20250101000001-first.js';

test('with --json, a migration cannot spoil the document, however it fails', () =>
  withDatabaseProject({}, async ({ keel, write, remove, state }) => {
    const before = await state();
    const wrong: readonly (readonly [string, string])[] = [
      [migration(`${NOISE} throw undefined;`), 'MIGRATION_FAILED'],
      [migration(`${NOISE} throw { toString() { throw new Error('x'); } };`), 'MIGRATION_FAILED'],
      [migration(`${NOISE} process.exit(0);`), 'PROCESS_ENDED'],
      [
        migration(`setTimeout(() => { throw new Error('later'); }, 1);
          await new Promise((resolve) => setTimeout(resolve, 500));`),
        'ERROR_NOT_CAUGHT',
      ],
      [BINARY, 'MIGRATION_NOT_LOADED'],
      [`${NOISE} process.exit(3);`, 'PROCESS_ENDED'],
    ];
    for (const [text, code] of wrong) {
      write({ [FIRST]: text });
      const result = await keel(['db:migrate', '--json']);
      expect(expectOneDocument(text.slice(0, 120), result)).toBe(code);
      expect(await state()).toEqual(before);
    }
    remove(FIRST);
    write({ [`${FIRST}/index.js`]: migration('') });
    const folder = await keel(['db:migrate', '--json']);
    expect(JSON.parse(folder.stdout)).toBeInstanceOf(Object);
  }));
