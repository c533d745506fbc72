import { execFile } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { cleanEnvironment } from '../support/cli';
import { NODE_MODULES, PACKAGE } from '../support/paths';
import { libraryProject, MIGRATION_NAMES, SEEDER_NAMES } from '../support/library-project';
import {
  linesOf,
  readState,
  requireSuccess,
  runProgram,
  TOOLS,
  withDatabases,
  writeFiles,
  type ProgramResult,
  type ProjectFiles,
} from '../support/projects';

// Each case runs several programs, one after the other.
jest.setTimeout(240_000);

const run = promisify(execFile);
const MINUTES = 60_000;

interface PackedFile {
  readonly path: string;
}

let base: string;
let packed: readonly PackedFile[];

/** One installation for all: the package, both versions of Sequelize, and decorators for models; no compiler. */
beforeAll(async () => {
  base = realpathSync(mkdtempSync(path.join(tmpdir(), 'keel-package-')));
  const npm = (args: readonly string[], cwd: string) =>
    run('npm', [...args, '--loglevel=error'], {
      cwd,
      env: cleanEnvironment(),
      timeout: 5 * MINUTES,
      shell: process.platform === 'win32',
    });
  // dist is built already, and other tests are running it.
  const pack = await npm(
    ['pack', '--json', '--ignore-scripts', '--pack-destination', base],
    PACKAGE,
  );
  const [result] = JSON.parse(pack.stdout) as { filename: string; files: PackedFile[] }[];
  packed = result?.files ?? [];
  writeFiles(base, { 'package.json': { name: 'base', private: true } });
  const packages = [
    `./${result?.filename ?? ''}`,
    'sequelize@6',
    'sequelize5@npm:sequelize@5',
    'sequelize-typescript@2',
    'reflect-metadata',
    'pg@8',
  ];
  const quick = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts'];
  await npm(['install', ...quick, ...packages], base);
}, 6 * MINUTES);

afterAll(() => {
  rmSync(base, { recursive: true, force: true });
});

interface InstalledProject {
  readonly root: string;
  /** Runs the installed command. */
  keel(...args: readonly string[]): Promise<ProgramResult>;
  sequelizeCli(...args: readonly string[]): Promise<ProgramResult>;
  node(...args: readonly string[]): Promise<ProgramResult>;
}

/** A project with a node_modules folder of its own, in which only the given packages are. */
async function withInstalled(
  name: string,
  options: {
    readonly files: ProjectFiles;
    readonly packages: Readonly<Record<string, string>>;
  },
  use: (project: InstalledProject, database: { readonly url: string }) => Promise<void>,
): Promise<void> {
  const root = path.join(base, 'projects', name);
  mkdirSync(path.join(root, 'node_modules', '@types'), { recursive: true });
  for (const [as, target] of Object.entries(options.packages)) {
    symlinkSync(target, path.join(root, 'node_modules', as), 'junction');
  }
  writeFiles(root, { 'package.json': { name }, ...options.files });
  await withDatabases(1, async (database) => {
    const settings = { cwd: root, env: { TEST_URL: database.url } };
    const bin = path.join(base, 'node_modules', 'sequelize-keel', 'dist', 'bin.js');
    await use(
      {
        root,
        keel: (...args) => runProgram([bin, ...args], settings),
        sequelizeCli: (...args) => runProgram([TOOLS['sequelize-cli'], ...args], settings),
        node: (...args) => runProgram(args, settings),
      },
      database,
    );
  });
}

function installed(...names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, path.join(base, 'node_modules', name)]));
}

function fromHere(...names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, path.join(NODE_MODULES, name)]));
}

/** Each must succeed; what the last one printed. */
async function inTurn(runs: readonly (() => Promise<ProgramResult>)[]): Promise<string[]> {
  let lines: string[] = [];
  for (const one of runs) {
    const result = await one();
    requireSuccess(String(one), result);
    lines = linesOf(result);
  }
  return lines;
}

const CONFIG = { 'config/config.json': { development: { use_env_variable: 'TEST_URL' } } };

test('holds the compiled command and library with their types, the documentation, and nothing else', () => {
  const names = packed.map((file) => file.path);
  expect(
    names.filter(
      (name) =>
        !/^(bin\/keel\.js|assets\/page\/[a-z]+\.(css|js)|dist\/.*\.(js|d\.ts)|package\.json|(README|CHANGELOG|docs\/[a-z-]+)\.md|LICENSE)$/.test(
          name,
        ),
    ),
  ).toEqual([]);
  expect(names).toEqual(expect.arrayContaining(['LICENSE', 'dist/bin.js', 'dist/index.js']));
  const manifest = JSON.parse(readFileSync(path.join(PACKAGE, 'package.json'), 'utf8')) as {
    exports: Readonly<Record<string, Readonly<Record<string, string>> | string>>;
    bin: Readonly<Record<string, string>>;
  };
  const targets = Object.values(manifest.exports).flatMap((target) =>
    typeof target === 'string' ? target : Object.values(target),
  );
  for (const target of [...targets, ...Object.values(manifest.bin)]) {
    expect(names).toContain(target.replace(/^\.\//, ''));
  }
  expect(existsSync(path.join(base, 'node_modules', '.bin', 'keel'))).toBe(true);
  expect(existsSync(path.join(base, 'node_modules', 'typescript'))).toBe(false);
});

test('takes over a project that sequelize-cli has made', async () => {
  const packages = installed('sequelize', 'pg', 'sequelize-keel');
  const files = {
    'use.mjs': `
    import { createKeel, KeelError } from 'sequelize-keel';
    const keel = await createKeel();
    const { migrations } = await keel.status();
    console.log(migrations.map(({ status }) => status).join(), KeelError.name);`,
  };
  await withInstalled('javascript', { files, packages }, async (project, database) => {
    requireSuccess('sequelize-cli init', await project.sequelizeCli('init'));
    writeFiles(project.root, CONFIG);
    const lines = await inTurn([
      () => project.sequelizeCli('model:generate', '--name', 'User', '--attributes', 'name:string'),
      () => project.keel('model:generate', '--name', 'Post', '--attributes', 'title:string'),
      () => project.keel('migration:generate', '--name', 'nothing'),
      () => project.keel('seed:generate', '--name', 'nothing'),
      () => project.keel('db:migrate'),
      () => project.keel('db:seed:all'),
      () => project.keel('db:migrate:undo'),
      () => project.keel('db:migrate:status'),
    ]);
    expect(
      lines.filter((line) => /^(up|down) /.test(line)).map((line) => line.split(' ')[0]),
    ).toEqual(['up', 'up', 'down']);
    expect((await readState(database)).migrations).toHaveLength(2);
    const used = await project.node('use.mjs');
    expect(used).toMatchObject({ code: 0, stdout: 'applied,applied,pending KeelError\n' });
    const required = await project.node('-p', 'typeof require("sequelize-keel").createKeel');
    expect(required.stdout).toBe('function\n');
    requireSuccess('db:migrate:undo:all', await project.keel('db:migrate:undo:all'));
  });
});

const LIBRARY_USE = `
  import { createKeel } from 'sequelize-keel';
  import type { Migration, RunResult } from 'sequelize-keel';
  import { databaseFromUrl, embeddedServer } from 'sequelize-keel/config';
  import { Sequelize } from 'sequelize';

  export const local = new Sequelize({ database: 'demo', ...embeddedServer() });
  export const remote = (): Sequelize => new Sequelize(databaseFromUrl());

  export async function migrate(): Promise<RunResult> {
    const keel = await createKeel({ env: 'test' });
    return keel.migrate({ step: 1 });
  }

  export const several = {
    up: (q, { DataTypes }) =>
      Promise.all([q.addColumn('a', 'b', DataTypes.STRING), q.bulkDelete('a', {})]),
    async down(q) { await q.removeColumn('a', 'b'); },
  } satisfies Migration;

  // @ts-expect-error -- nobody would wait for it
  export const forgotten = { up(q) { q.dropTable('a'); }, down: several.down } satisfies Migration;`;

/** As keel and sequelize-cli write it in JavaScript. */
const CHECKED = `
  /** @type {import('sequelize-keel').Migration['up']} */
  export async function up(queryInterface, Sequelize) {
    await queryInterface.createTable('a', { id: Sequelize.INTEGER, at: Sequelize.DataTypes.DATE });
  }`;

test.each([
  ['CommonJS', {}, 'commonjs', 'node10'],
  ['ES modules', { type: 'module' }, 'node16', 'node16'],
])(
  'runs a TypeScript project and is typed: %s',
  async (name, manifest, module, moduleResolution) => {
    const compilerOptions = {
      target: 'es2022',
      module,
      moduleResolution,
      strict: true,
      noEmit: true,
      rootDir: '.',
      types: ['node'],
      allowJs: true,
      checkJs: true,
      ...(module === 'commonjs' ? { ignoreDeprecations: '6.0' } : {}),
    };
    const files = {
      'package.json': { ...manifest, devDependencies: { typescript: '*' } },
      'tsconfig.json': { compilerOptions, include: ['use.ts', 'checked.js', 'migrations'] },
      'use.ts': LIBRARY_USE,
      'checked.js': CHECKED,
      ...CONFIG,
    };
    const packages = {
      ...installed('sequelize', 'pg', 'sequelize-keel'),
      ...fromHere('typescript', '@types/node'),
    };
    const folder = `typescript-${name.replaceAll(' ', '-')}`;
    await withInstalled(folder, { files, packages }, async (project, database) => {
      await inTurn([
        () => project.keel('init:models'),
        () => project.keel('init:migrations'),
        () => project.keel('model:generate', '--name', 'User', '--attributes', 'name:string'),
        () => project.keel('seed:generate', '--name', 'nothing'),
        () => project.keel('db:migrate'),
        () => project.keel('db:seed:all'),
      ]);
      const { migrations } = await readState(database);
      expect(migrations).toEqual([expect.stringMatching(/^\d{14}-create-user\.ts$/)]);
      const checked = await project.node(path.join(NODE_MODULES, 'typescript/bin/tsc'), '-p', '.');
      requireSuccess('tsc', checked);
      requireSuccess('db:migrate:undo', await project.keel('db:migrate:undo'));
    });
  },
);

test('runs a project of Sequelize 5, taking turns with sequelize-cli', async () => {
  const packages = {
    ...installed('pg', 'sequelize-keel'),
    sequelize: path.join(base, 'node_modules', 'sequelize5'),
  };
  const files = libraryProject({ seederStorage: 'sequelize' });
  await withInstalled('sequelize-5', { files, packages }, async (project, database) => {
    const [, second = ''] = MIGRATION_NAMES;
    await inTurn([
      () => project.keel('db:migrate', '--to', second),
      () => project.sequelizeCli('db:migrate'),
      () => project.keel('db:seed:all'),
    ]);
    const { objects, ...ledgers } = await readState(database);
    expect(ledgers).toEqual({ migrations: MIGRATION_NAMES, seeders: SEEDER_NAMES });
    expect(objects.length).toBeGreaterThan(0);
    await inTurn([
      () =>
        project.keel(
          'model:generate',
          '--models-path',
          '.',
          '--name',
          'A',
          '--attributes',
          'b:string',
        ),
      () => project.sequelizeCli('db:seed:undo:all'),
      () => project.keel('db:migrate'),
      () => project.keel('db:migrate:undo:all'),
    ]);
    expect(await readState(database)).toMatchObject({ migrations: [], seeders: [] });
  });
});

/** Generates the first migration from the models, and requires that nothing differs once it is applied. */
async function requireGenerated(project: InstalledProject): Promise<string> {
  await inTurn([
    () => project.keel('migration:generate', '--from-models', '--name', 'first'),
    () => project.keel('db:migrate'),
    () => project.keel('db:check'),
  ]);
  const folder = path.join(project.root, 'migrations');
  return readdirSync(folder)
    .map((name) => readFileSync(path.join(folder, name), 'utf8'))
    .join('');
}

test('generates from the models of Sequelize 5, and draws them', async () => {
  const packages = {
    ...installed('pg', 'sequelize-keel'),
    sequelize: path.join(base, 'node_modules', 'sequelize5'),
  };
  const files = {
    ...CONFIG,
    'models/user.js': `module.exports = (s, T) => {
      const User = s.define('User', {
        id: { type: T.UUID, primaryKey: true, defaultValue: T.UUIDV4 },
        name: { type: T.STRING(40), allowNull: false, unique: true, comment: "it's" },
        roles: T.ARRAY(T.ENUM('a', 'b')),
        kind: { type: T.ENUM('x'), defaultValue: 'x' },
      }, { indexes: [{ fields: ['kind'], where: { kind: 'x' } }] });
      User.associate = (models) => {
        User.hasMany(models.Post);
        User.belongsToMany(models.Post, { as: 'likes', through: 'Likes' });
      };
      return User;
    };`,
    'models/a-post.js': `module.exports = (s, T) => {
      const Post = s.define('Post', {
        slug: { type: T.STRING, unique: 'both' },
        lang: { type: T.STRING, unique: 'both' },
      }, { underscored: true, paranoid: true });
      Post.associate = (models) => {
        Post.belongsTo(models.User);
        Post.belongsToMany(models.User, { as: 'likers', through: 'Likes' });
      };
      return Post;
    };`,
  };
  await withInstalled('schema-sequelize-5', { files, packages }, async (project) => {
    const text = await requireGenerated(project);
    expect(text).toContain(`uniqueKeys: { posts_slug_lang_key: { fields: ['slug', 'lang'] } }`);
    const page = await project.keel('schema:page', '--offline');
    requireSuccess('schema:page', page);
    const html = readFileSync(path.join(project.root, '.keel', 'schema.html'), 'utf8');
    expect(html).toContain('User.belongsToMany(Post) as likes');
    expect(html).toContain('await user.addLike(post)');
    expect(html).toContain('LEFT OUTER JOIN ( \\"Likes\\"');
    writeFiles(project.root, {
      'models/user.js': files['models/user.js'].replace('T.STRING(40)', 'T.TEXT'),
      'models/a-post.js': files['models/a-post.js'].replace("'both'", "'other'"),
    });
    expect(await project.keel('db:check')).toMatchObject({ code: 2 });
    expect(await requireGenerated(project)).toContain(
      `await queryInterface.addConstraint('posts', ['`,
    );
  });
});

test('generates from the decorated classes of sequelize-typescript', async () => {
  const packages = {
    ...installed('pg', 'sequelize', 'sequelize-keel', 'sequelize-typescript', 'reflect-metadata'),
    ...fromHere('typescript'),
  };
  const files = {
    ...CONFIG,
    'models/base.ts': `import { CreatedAt, Model } from 'sequelize-typescript';
      export abstract class Base extends Model { @CreatedAt made!: Date; }`,
    'models/user.ts': `import { Column, DataType, HasMany, Table } from 'sequelize-typescript';
      import { Base } from './base';
      import { Post } from './blog/post';
      @Table({ tableName: 'users' })
      export class User extends Base {
        @Column name!: string;
        @Column({ type: DataType.ENUM('a', 'b'), defaultValue: 'a' }) role!: string;
        @HasMany(() => Post) posts!: Post[];
      }`,
    'models/blog/post.ts': `import { BelongsTo, Column, ForeignKey, Index, Table } from 'sequelize-typescript';
      import { Base } from '../base';
      import { User } from '../user';
      @Table({ tableName: 'posts', underscored: true })
      export class Post extends Base {
        @Index @Column title!: string;
        @ForeignKey(() => User) @Column userId!: number;
        @BelongsTo(() => User) user!: User;
      }`,
  };
  await withInstalled('schema-decorators', { files, packages }, async (project) => {
    const text = await requireGenerated(project);
    expect(text.match(/createTable\('\w+'/g)).toEqual([
      `createTable('users'`,
      `createTable('posts'`,
    ]);
    expect(text).toContain(`references: { model: 'users', key: 'id' },`);
    expect(text).toContain(`await queryInterface.addIndex('posts', ['title']);`);
  });
});
