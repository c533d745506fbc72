import { evaluateInProcess, resultOf } from '../support/embedded';
import { withProject, type ProjectFiles } from '../support/projects';

/** What Node's own stripping of types cannot run. */
const FILE = `enum Kind { A = 'a' }\nexport default { kind: Kind.A };`;

/** TypeScript 7 is a program: what it gives to `require` is its version. */
const TYPESCRIPT_7: ProjectFiles = {
  'app/node_modules/typescript/package.json': { version: '7.0.2', main: 'version.cjs' },
  'app/node_modules/typescript/version.cjs': `exports.version = '7.0.2';`,
};

const COMPILE = `const { readFileSync } = require('node:fs');
  const typescript = require('../../../node_modules/typescript');
  exports.compile = (file, module) => typescript.transpileModule(readFileSync(file, 'utf8'),
    { compilerOptions: { module: typescript.ModuleKind[module] } }).outputText;`;

/** In the shape of tsx 4.23: what \`require\` is given of \`tsx/esm/api\` looks for a file that is not beside it. */
const TSX: ProjectFiles = {
  'app/node_modules/tsx/compile.cjs': COMPILE,
  'app/node_modules/tsx/package.json': {
    exports: {
      './package.json': './package.json',
      './cjs': './cjs.cjs',
      './esm/api': {
        import: { types: './api.d.mts', default: './esm/api.mjs' },
        require: { types: './api.d.cts', default: './esm/api.cjs' },
      },
    },
  },
  'app/node_modules/tsx/cjs.cjs': `const { compile } = require('./compile.cjs');
    require('node:module')._extensions['.ts'] = (module, file) => module._compile(compile(file, 'CommonJS'), file);`,
  'app/node_modules/tsx/esm/api.cjs': `exports.register = () => require('./index.mjs');`,
  'app/node_modules/tsx/esm/api.mjs': `import Module from 'node:module';
    export const register = () => { Module.register('./hooks.mjs', import.meta.url); };`,
  'app/node_modules/tsx/esm/hooks.mjs': `import compiler from '../compile.cjs';
    import { fileURLToPath } from 'node:url';
    export const load = (url, context, next) => url.endsWith('.ts')
      ? { format: 'module', source: compiler.compile(fileURLToPath(url), 'ESNext'), shortCircuit: true }
      : next(url, context);`,
};

/** What a file of a project comes to; of a failure its message and hint. */
function load(files: ProjectFiles, type: 'commonjs' | 'module'): Promise<unknown> {
  const all = { 'app/file.ts': FILE, 'app/package.json': { name: 'app', type }, ...files };
  return withProject(all, ({ root }) =>
    resultOf(
      evaluateInProcess(`load('project/load-module.js')
        .loadModule(${JSON.stringify(`${root}/app/file.ts`)}, ${JSON.stringify(`${root}/app`)})
        .then((exported) => load('project/load-module.js').defaultExport(exported),
          ({ message, hint }) => [message, hint])`),
    ),
  );
}

test.each<[string, 'commonjs' | 'module', ProjectFiles]>([
  ['ts-node with the compiler of the project', 'commonjs', {}],
  [
    'ts-node alone cannot use TypeScript 7, and tsx is there',
    'commonjs',
    { ...TYPESCRIPT_7, ...TSX },
  ],
  ['the tsx of ES modules', 'module', { ...TYPESCRIPT_7, ...TSX }],
  ['the compiler for ES modules where there is no tsx', 'module', {}],
])('%s', async (_, type, files) => {
  expect(await load(files, type)).toEqual({ kind: 'a' });
});

const stripped = Boolean((process.features as { typescript?: unknown }).typescript);

test.each(['commonjs', 'module'] as const)('nothing can run it (%s)', async (type) => {
  const said = await load({ ...TYPESCRIPT_7, 'app/file.ts': 'export default 1;' }, type);
  // From version 22.18 on Node strips types by itself.
  expect(said).toEqual(
    stripped
      ? 1
      : [
          expect.stringMatching(/file\.ts is TypeScript, and ts-node cannot use .* version 7 /),
          'Run: npm install --save-dev tsx (or typescript@5)',
        ],
  );
});
