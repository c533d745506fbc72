import { randomUUID } from 'node:crypto';
import { evaluateInProcess, resultOf } from '../support/embedded';
import { withProject, type ProjectFiles } from '../support/projects';

/** A decorator that keeps the type which TypeScript notes for a property, as sequelize-typescript reads it. */
const DECORATED = `
  const types: Record<string, string> = {};
  Reflect.metadata = (key: string, type: Function) => (_: object, name: string) => {
    if (key === 'design:type') types[name] = type.name;
  };
  const Column = (_: object, name: string) => { types[name] ??= 'none'; };
  class User { @Column name!: string; @Column born!: Date; }
  export default { types, own: Object.keys(new User()) };`;

const FILES: ProjectFiles = {
  'package.json': { name: 'app' },
  'base.json': {
    compilerOptions: {
      baseUrl: '.',
      paths: {
        '@lib/*': ['src/lib/*'],
        only: ['./src/lib/only'],
        umzug: ['./src/lib/only'],
        '*': ['./*', 'src/types/*'],
      },
    },
  },
  'tsconfig.json': {
    extends: './base.json',
    compilerOptions: {
      target: 'es2021',
      module: 'nodenext',
      experimentalDecorators: true,
      emitDecoratorMetadata: true,
    },
  },
  'src/lib/helper.ts': `export interface Gone { a: 1 }\nexport const twice = (n: number): number => n * 2;\nexport type T = number;`,
  'src/lib/only.ts': `import { twice } from './helper.js';\nexport default class Only { value = twice(2); }`,
  'enums.ts': `
    namespace Shape { export const a = 1; export namespace Inner { export const b = a + 1; } }
    enum Kind { A = 'a', B = Kind.A + 'b' }
    const enum Size { Small = 1, Big }
    class Pair { constructor(readonly one: number, private two = 2) {} get both() { return [this.one, this.two]; } }
    import fs = require('node:fs');
    export = { up: [Shape.Inner.b, Kind.B, Size.Big, ...new Pair(1).both, typeof fs.readFileSync] };`,
  'decorated.ts': DECORATED,
  'aliases.ts': `
    import { twice, type T } from '@lib/helper';
    import Only from 'only';
    import { twice as again } from 'src/lib/helper';
    import { DataTypes } from 'sequelize';
    import Umzug from 'umzug';
    export default [twice(1 as T), new Only().value, again(4), DataTypes.STRING.key, Umzug.name];`,
  'sequelize.ts': `throw new Error('The package is meant.');`,
  'wait.mts': `
    import { twice, type Gone } from './src/lib/helper.js';
    import required from './required.cjs';
    import data from './data.json' with { type: 'json' };
    export const gone: Gone | undefined = undefined;
    export default [await Promise.resolve(twice(3)), required.kind, data.a, typeof import.meta.url];`,
  'required.cts': `enum Kind { A = 'required' }\nexport = { kind: Kind.A };`,
  'data.json': { a: 1 },
  'dynamic.ts': `export default import('./wait.mjs').then((wait) => wait.default);`,
  'broken.ts': `const a = 1;\n\nfunction ( {}`,
  'end.ts': `const a = 1;\nexport async function up( {`,
  'await.ts': `export default await Promise.resolve(1);`,
  'lines.ts': `interface Gone {\n  a: 1;\n}\n\nexport default new Error('here').stack;`,
  'lines.mts': `interface Gone {\n  a: 1;\n}\n\nexport default new Error('here').stack;`,
  'from-javascript.js': `module.exports = require('./src/lib/only').default.name;`,
  'module/package.json': { type: 'module' },
  'module/file.ts': `import { a } from './other';\nenum E { A = 'a' }\nexport default [E.A, await a];`,
  'module/alias.ts': `import { twice } from '@lib/helper';\nimport sequelize from 'sequelize';\nexport default [twice(1), sequelize.DataTypes.STRING.key];`,
  'module/broken.ts': `export default 1;\nconst = 2;`,
  'module/other.ts': `export const a: Promise<number> = Promise.resolve(1);`,
  'module/from-javascript.js': `import file from './file.ts';\nexport default file;`,
  'part/tsconfig.json': { files: [], references: [{ path: './tsconfig.app.json' }] },
  'part/tsconfig.app.json': {
    compilerOptions: { target: 'es2022', paths: { '#x': ['./x.ts'], x: ['./x.ts'] } },
    include: ['.'],
  },
  'part/x.ts': `class Own { field?: string; }\nexport const own = Object.keys(new Own());`,
  'part/file.ts': `import { own } from 'x';\nexport default own;`,
  'standard/tsconfig.json': { compilerOptions: { target: 'es2022' } },
  'standard/file.ts': `
    const seen: unknown[] = [];
    function note(_: unknown, context: { name: string; kind: string }) { seen.push(context.name, context.kind); }
    class A { @note a = 1; @note b(): void {} }
    export default [...seen, new A().a];`,
  'unreadable/tsconfig.json': { extends: './nowhere.json' },
  'unreadable/file.ts': 'export default 1;',
};

/** What each file of a project comes to, all in one process; of a failure what it says. */
function load(
  files: ProjectFiles,
  names: readonly string[],
  before = '',
): Promise<Record<string, unknown>> {
  return withProject(files, async ({ root }) => {
    const program = `(async () => {
      process.chdir(${JSON.stringify(root)});
      load('project/typescript/require-hook.js').registerRequireHook();
      ${before}
      const { loadModule, defaultExport } = load('project/load-module.js');
      const results = {};
      for (const name of ${JSON.stringify(names)})
        results[name] = await loadModule(process.cwd() + '/' + name).then(defaultExport).catch((error) =>
          ({ name: error.name, message: error.message, stack: error.stack, hint: error.hint }));
      return results;
    })()`;
    const text = JSON.stringify(await resultOf(evaluateInProcess(program)));
    return JSON.parse(text.replaceAll(root, '')) as Record<string, unknown>;
  });
}

const EXPECTED: Readonly<Record<string, unknown>> = {
  'enums.ts': { up: [2, 'ab', 2, 1, 2, 'function'] },
  'decorated.ts': { types: { name: 'String', born: 'Date' }, own: [] },
  'aliases.ts': [2, 4, 8, 'STRING', 'Only'],
  'module/alias.ts': [2, 'STRING'],
  'module/broken.ts': expect.objectContaining({
    name: 'SyntaxError',
    stack: expect.stringMatching(/^\/module\/broken\.ts:2\n/),
  }),
  'wait.mts': [6, 'required', 1, 'string'],
  'required.cts': { kind: 'required' },
  'dynamic.ts': [6, 'required', 1, 'string'],
  'lines.ts': expect.stringMatching(/^Error: here\n {4}at [^\n]*\/lines\.ts:5:16/),
  'lines.mts': expect.stringMatching(/^Error: here\n {4}at [^\n]*\/lines\.mts:5:16/),
  'broken.ts': expect.objectContaining({
    name: 'SyntaxError',
    message: 'Expected ident',
    stack: expect.stringMatching(/^\/broken\.ts:3\nfunction \( \{\}.*\n {9}\^\n\nSyntaxError: /),
  }),
  'end.ts': expect.objectContaining({
    stack: expect.stringMatching(
      /^\/end\.ts:2\nexport async function up\( \{.*\n *\^\n\nSyntaxError: /,
    ),
  }),
  'await.ts': expect.objectContaining({
    message: expect.stringContaining('say "type": "module" in package.json'),
  }),
  'from-javascript.js': 'Only',
  'module/file.ts': ['a', 1],
  'module/from-javascript.js': ['a', 1],
  'part/file.ts': ['field'],
  'standard/file.ts': ['b', 'method', 'a', 'field', 1],
  'unreadable/file.ts': expect.objectContaining({
    message: expect.stringMatching(
      /^The tsconfig\.json of \/unreadable\/file\.ts cannot be read: /,
    ),
  }),
};

test("keel's own loader runs what TypeScript projects write, compiled now and from the cache", async () => {
  const names = Object.keys(EXPECTED);
  // Texts that no earlier run has kept.
  const stamp = ` // ${randomUUID()}`;
  const files = Object.entries(FILES).map(([name, text]) => [
    name,
    typeof text === 'string' ? `${text}${stamp}` : text,
  ]);
  for (let turn = 0; turn < 2; turn += 1)
    expect(await load(Object.fromEntries(files) as ProjectFiles, names)).toEqual(EXPECTED);
});

test('a loader that is registered comes before, also one that is registered later', async () => {
  const files = { 'file.ts': 'theirs' };
  const register = `require('node:module')._extensions['.ts'] = (module) => module._compile('module.exports = "theirs"', 'x');`;
  // As ts-node and pirates do it: they let the loader before them read the file, and compile its text.
  const wrap = `const { _extensions } = require('node:module'), before = _extensions['.ts'];
    _extensions['.ts'] = (module, file) => {
      const compile = module._compile;
      module._compile = function (text, name) { compile.call(this, 'module.exports = ' + JSON.stringify(text), name); };
      before(module, file);
    };`;
  expect(await load(files, ['file.ts'], register)).toEqual({ 'file.ts': 'theirs' });
  expect(await load(files, ['file.ts'], wrap)).toEqual({ 'file.ts': 'theirs' });
});

/** TypeScript 7 is a program: what it gives to `require` is its version. */
const TYPESCRIPT_7: ProjectFiles = {
  'app/node_modules/typescript/package.json': { version: '7.0.2', main: 'version.cjs' },
  'app/node_modules/typescript/version.cjs': `exports.version = '7.0.2';`,
};

/** Fails as tsx 4.23 does where Node before version 22 requires \`tsx/esm/api\`. */
const TSX: ProjectFiles = {
  'app/node_modules/tsx/package.json': { version: '4.23.15' },
  'app/node_modules/tsx/esm/api.js': `exports.register = () => require(__dirname + '/esm/index.mjs');`,
};

test.each([
  ['.sequelizerc', `require('ts-node/register');`, /^ts-node cannot use TypeScript 7\.0\.2, /],
  ['config/config.js', `require('ts-node/register');`, /^ts-node cannot use TypeScript 7\.0\.2, /],
  [
    '.sequelizerc',
    `require('tsx/esm/api').register();`,
    /^tsx fails by itself on Node .*Cannot find/,
  ],
])('a registered loader that cannot work is named: %s %s', async (file, text, message) => {
  const files = {
    ...TYPESCRIPT_7,
    ...TSX,
    [`app/${file}`]: text,
    'app/package.json': { name: 'app' },
  };
  await withProject(files, async (project) => {
    const { code, stderr } = await project.run('keel', ['db:migrate'], { folder: 'app' });
    const [, first = '', state, hint = ''] = stderr.split('\n');
    expect(code).toBe(1);
    expect(first.replace(/^ERROR: /, '')).toMatch(message);
    expect(state).toBe('Nothing was changed.');
    expect(hint).toMatch(/^keel loads TypeScript without it: remove what registers (ts-node|tsx) /);
  });
});

test('what is installed and not registered is no matter', async () => {
  const files = {
    ...TYPESCRIPT_7,
    ...TSX,
    'app/package.json': { name: 'app', devDependencies: { 'ts-node': '*', tsx: '*' } },
    'app/file.ts': `enum Kind { A = 'a' }\nexport default Kind.A;`,
  };
  expect(await load(files, ['app/file.ts'])).toEqual({ 'app/file.ts': 'a' });
});
