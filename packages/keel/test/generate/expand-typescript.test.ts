import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { withClient } from '../support/database';
import { NODE_MODULES } from '../support/paths';
import { withDatabaseProject } from '../support/project';

const TABLES = `
  CREATE TABLE users (id serial PRIMARY KEY, name varchar(80) NOT NULL DEFAULT 'nobody' UNIQUE CHECK (name <> ''));
  CREATE INDEX users_lower ON users (lower(name)) WHERE name <> 'x';
  CREATE TABLE people (id serial PRIMARY KEY, "full" text NOT NULL) PARTITION BY RANGE (id);
  CREATE TABLE people_1 PARTITION OF people DEFAULT;
  CREATE TABLE towns (id serial PRIMARY KEY, place text)`;

const MODELS = `
  const sequelize = new Sequelize('postgres://localhost/none', { logging: false });
  const plain = { timestamps: false };
  sequelize.define('User', { id: { type: DataTypes.BIGINT, primaryKey: true, autoIncrement: true },
    name: { type: DataTypes.TEXT, allowNull: false, defaultValue: 'nobody', unique: true } }, { tableName: 'users', ...plain });
  sequelize.define('Person', { first: { type: DataTypes.TEXT, allowNull: false }, last: DataTypes.TEXT },
    { tableName: 'people', ...plain, indexes: [{ fields: ['last', 'first'] }] });
  sequelize.define('Town', { zip: DataTypes.TEXT, town: DataTypes.TEXT }, { tableName: 'towns', ...plain });`;

const EXPAND = [
  'users.id',
  'users.name',
  `people.full:people.first=split_part("full", ' ', 1)`,
  `people.full:people.last=split_part("full", ' ', 2)`,
  `people.full=concat_ws(' ', first, last)`,
  // Without expressions: the files have a place for each.
  'towns.place:towns.zip',
  'towns.place:towns.town',
].flatMap((value) => ['--expand', value]);

const STRICT = {
  target: 'es2022',
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  noUnusedLocals: true,
  noUnusedParameters: true,
  isolatedModules: true,
  skipLibCheck: true,
  types: [],
  noEmit: true,
};

const body = (up: string, down: string): string =>
  `{ async up(q) { await q.sequelize.query(\`${up}\`); }, async down(q) { await q.sequelize.query(\`${down}\`); } }`;
const FIRST = body(TABLES, 'DROP TABLE users, people, towns');

const STYLES = {
  'ES modules': {
    type: 'module',
    first: `import type { Migration } from 'sequelize-keel';\nexport default ${FIRST} satisfies Migration;`,
    models: `import { DataTypes, Sequelize } from 'sequelize';${MODELS}\nexport default { sequelize };`,
    // The same syntax is compiled to CommonJS where nothing forbids it.
    settings: [
      { module: 'nodenext', verbatimModuleSyntax: true },
      {
        module: 'commonjs',
        moduleResolution: 'node10',
        ignoreDeprecations: '6.0',
        esModuleInterop: true,
      },
    ],
  },
  'import x = require()': {
    type: 'commonjs',
    first: `import keel = require('sequelize-keel');\nconst migration: keel.Migration = ${FIRST};\nexport = migration;`,
    models: `const { DataTypes, Sequelize } = require('sequelize');${MODELS}\nmodule.exports = { sequelize };`,
    settings: [{ module: 'nodenext', verbatimModuleSyntax: true }],
  },
};

test.each(Object.entries(STYLES))(
  'the TypeScript files of a change beside the old column compile under strict settings and run: %s',
  async (_, { type, first, models, settings }) => {
    const tsconfig = (one: object): object => ({
      compilerOptions: { ...STRICT, ...one },
      include: ['migrations'],
    });
    const files = {
      'package.json': { name: 'project', type, devDependencies: { typescript: '*' } },
      'tsconfig.json': tsconfig(settings[0] as object),
      'migrations/20200101000000-tables.ts': first,
      'models/index.js': models,
    };
    await withDatabaseProject(files, async ({ keel, root, write, database }) => {
      expect(await keel(['db:migrate'])).toMatchObject({ code: 0, stderr: '' });
      const rows = (sql: string) =>
        withClient(database.connection, async (client) => (await client.query<object>(sql)).rows);
      await rows(
        `INSERT INTO users (name) VALUES ('Ada'); INSERT INTO people ("full") VALUES ('Ada Lovelace')`,
      );
      const generated = await keel([
        'migration:generate',
        '--from-models',
        '--name',
        'x',
        ...EXPAND,
      ]);
      expect(generated).toMatchObject({ code: 0, stderr: '' });
      for (const one of settings) {
        write({ 'tsconfig.json': tsconfig(one) });
        expect(await compile(root)).toBe('');
      }
      write({ 'tsconfig.json': tsconfig(settings[0] as object) });
      const folder = path.join(root, 'migrations');
      for (const name of readdirSync(folder)) {
        const file = path.join(folder, name);
        const text = readFileSync(file, 'utf8').replaceAll(
          'atLeast: undefined',
          `atLeast: '2.0.0'`,
        );
        writeFileSync(file, text);
      }
      expect(await keel(['db:migrate'])).toMatchObject({ code: 0, stderr: '' });
      expect(await rows(`SELECT first, last FROM people`)).toEqual([
        { first: 'Ada', last: 'Lovelace' },
      ]);
      const undone = await keel([
        'db:migrate:undo:all',
        '--to',
        readdirSync(folder).sort()[1] ?? '',
      ]);
      expect(undone).toMatchObject({ code: 0, stderr: '' });
      expect(await rows(`SELECT "full", name FROM people, users`)).toEqual([
        { full: 'Ada Lovelace', name: 'Ada' },
      ]);
    });
  },
);

/** What the compiler has to say of the project. */
async function compile(root: string): Promise<string> {
  const tsc = path.join(NODE_MODULES, 'typescript', 'bin', 'tsc');
  return promisify(execFile)(process.execPath, [tsc, '-p', '.'], { cwd: root }).then(
    ({ stdout }) => stdout,
    (error: unknown) => (error as { stdout: string }).stdout,
  );
}
