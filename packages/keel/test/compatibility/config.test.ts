import path from 'node:path';
import {
  linesOf,
  queryDatabase,
  readLedger,
  requireSuccess,
  withDatabases,
  withProject,
  type ProjectFiles,
  type RunSettings,
} from '../support/projects';

// Each case runs several programs, one after the other.
jest.setTimeout(240_000);

const MIGRATION = `
module.exports = {
  up: (queryInterface, Sequelize) => queryInterface.createTable('Things', { id: Sequelize.INTEGER }),
  down: (queryInterface) => queryInterface.dropTable('Things'),
};
`;

/** One way to say where a project's database is. */
interface Form {
  readonly files: ProjectFiles;
  /** The environment of the process, besides TEST_URL. */
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  /** The ledger, as SQL; `"SequelizeMeta"` where undefined. */
  readonly ledger?: string;
  /** The migrations' folder. */
  readonly migrations?: string;
}

const URL_FIELDS = `{
  username: decodeURIComponent(new URL(process.env.TEST_URL).username),
  password: decodeURIComponent(new URL(process.env.TEST_URL).password),
  host: new URL(process.env.TEST_URL).hostname,
  port: new URL(process.env.TEST_URL).port,
  database: new URL(process.env.TEST_URL).pathname.slice(1),
  dialect: 'postgres',
}`;
const USE_VARIABLE = { use_env_variable: 'TEST_URL' };
const MODULE = { 'package.json': { name: 'project', type: 'module' } };
const COMMONJS_FOLDER = { 'migrations/package.json': { type: 'commonjs' } };

/** The forms that both tools take. */
const FORMS: Readonly<Record<string, Form>> = {
  'config.json with use_env_variable': {
    files: { 'config/config.json': { development: USE_VARIABLE } },
  },
  'config.js, an object with fields': {
    files: { 'config/config.js': `module.exports = { development: ${URL_FIELDS} };` },
  },
  'config.js before config.json': {
    files: {
      'config/config.js': `module.exports = { development: { url: process.env.TEST_URL } };`,
      'config/config.json': { development: { url: 'postgres://nobody@localhost:1/nothing' } },
    },
  },
  'config.js, a promise': {
    files: {
      'config/config.js': `module.exports = Promise.resolve({ development: { url: process.env.TEST_URL } });`,
    },
  },
  'config.js, an async function': {
    files: {
      'config/config.js': `module.exports = async () => ({ development: { url: process.env.TEST_URL } });`,
    },
  },
  'config.js, a function with a callback': {
    files: {
      'config/config.js': `module.exports = (done) => setTimeout(() => done(null, { development: { url: process.env.TEST_URL } }), 1);`,
    },
  },
  'config.js, flat': {
    files: { 'config/config.js': `module.exports = ${URL_FIELDS};` },
  },
  'flags in camelCase, and an empty path in .sequelizerc': {
    files: {
      'db/config.json': { development: USE_VARIABLE },
      '.sequelizerc': `module.exports = { 'seeders-path': '' };`,
    },
    args: ['--migrationsPath=db/migrations', '--config', 'db/config.json'],
    migrations: 'db/migrations',
  },
  'the default export of an ES module': {
    files: {
      ...MODULE,
      ...COMMONJS_FOLDER,
      'config/config.js': `export default { development: { url: process.env.TEST_URL } };`,
    },
  },
  'config.cjs in an ES module package': {
    files: {
      ...MODULE,
      ...COMMONJS_FOLDER,
      'config/config.cjs': `module.exports = { development: { url: process.env.TEST_URL } };`,
    },
    args: ['--config', 'config/config.cjs'],
  },
  'config.mjs': {
    files: {
      'config/config.mjs': `export default async () => ({ development: { url: process.env.TEST_URL } });`,
    },
    args: ['--config=config/config.mjs'],
  },
  'an environment of its own by --env, before the command': {
    files: { 'config/config.json': { 'staging-eu': USE_VARIABLE } },
    args: ['--env', 'staging-eu'],
  },
  'an environment of its own by NODE_ENV': {
    files: { 'config/config.json': { ci: USE_VARIABLE } },
    env: { NODE_ENV: 'ci' },
  },
  'dialectOptions and pool': {
    files: {
      'config/config.json': {
        development: {
          ...USE_VARIABLE,
          dialectOptions: { application_name: 'library', statement_timeout: 60_000 },
          pool: { max: 1 },
          logging: false,
        },
      },
    },
  },
  'define.schema': {
    files: {
      'config/config.json': {
        development: { ...USE_VARIABLE, define: { schema: 'shelf', underscored: true } },
      },
    },
    ledger: 'shelf."SequelizeMeta"',
  },
  'a record whose name is not quoted': {
    files: { 'config/config.json': { development: { ...USE_VARIABLE, quoteIdentifiers: false } } },
    ledger: 'sequelizemeta',
  },
  'a password from a hook': {
    files: {
      'config/config.js': `const { password, ...rest } = ${URL_FIELDS};
        module.exports = { ...rest, hooks: { beforeConnect: async (config) => { config.password = password; } } };`,
    },
  },
  'a password from a function': {
    files: {
      'config/config.js': `const { password, ...rest } = ${URL_FIELDS};
        module.exports = { ...rest, password: async () => password };`,
    },
  },
  'a schema for the record': {
    files: {
      'config/config.json': {
        development: { ...USE_VARIABLE, migrationStorageTableSchema: 'records' },
      },
    },
    ledger: 'records."SequelizeMeta"',
  },
  'a table of another name, with timestamps': {
    files: {
      'config/config.json': {
        development: {
          ...USE_VARIABLE,
          migrationStorageTableName: 'knex.Migrations',
          migrationStorageTimestamps: true,
          migrationTimestamps: true,
        },
      },
    },
    ledger: '"knex.Migrations"',
  },
  'searchPath with prependSearchPath': {
    files: {
      'config/config.json': {
        development: {
          ...USE_VARIABLE,
          searchPath: 'shelf',
          dialectOptions: { prependSearchPath: true },
        },
      },
    },
    ledger: 'shelf."SequelizeMeta"',
  },
  '.sequelizerc with paths and a url': {
    files: {
      '.sequelizerc': `
        const path = require('path');
        process.env.LOADED = '1';
        module.exports = {
          url: ['x', process.env.TEST_URL].pop(),
          'migrations-path': path.resolve('db', 'migrations'),
          'seeders-path': '',
        };`,
    },
    migrations: 'db/migrations',
  },
  '.sequelizerc with camelCase keys and side effects': {
    files: {
      '.sequelizerc': `
        process.env.LATER_URL = process.env.TEST_URL;
        module.exports = { config: 'settings/database.json', migrationsPath: 'db', seedersPath: 'seeds', env: 'live' };`,
      'settings/database.json': { live: { use_env_variable: 'LATER_URL' } },
    },
    migrations: 'db',
  },
  '--options-path': {
    files: {
      'settings/rc.js': `module.exports = { 'config': 'settings/config.js' };`,
      'settings/config.js': `module.exports = { development: { url: process.env.TEST_URL } };`,
    },
    args: ['--options-path', 'settings/rc.js'],
  },
  '--options-path, JSON, with flags over it': {
    files: {
      'settings/rc.json': { config: 'nowhere.json', 'migrations-path': 'nowhere' },
      'config/config.json': { development: USE_VARIABLE },
    },
    args: [
      '--options-path',
      './settings/rc.json',
      '--config',
      'config/config.json',
      '--migrations-path',
      './migrations',
    ],
  },
};

/** The forms that only keel takes. */
const MORE_FORMS: Readonly<Record<string, Form>> = {
  'config.ts': {
    files: {
      'config/config.ts': `
        const settings: Record<string, { url?: string }> = { development: { url: process.env.TEST_URL } };
        export default settings;`,
    },
  },
  '.sequelizerc in CommonJS in an ES module package': {
    files: {
      ...MODULE,
      ...COMMONJS_FOLDER,
      '.sequelizerc': `
        const path = require('node:path');
        module.exports = { config: path.resolve('config', 'config.cjs') };`,
      'config/config.cjs': `module.exports = { development: { url: process.env.TEST_URL } };`,
    },
  },
  '.sequelizerc as an ES module': {
    files: {
      ...MODULE,
      ...COMMONJS_FOLDER,
      '.sequelizerc': `
        import path from 'node:path';
        export default { config: path.resolve('settings/config.js') };`,
      'settings/config.js': `export default { development: { url: process.env.TEST_URL } };`,
    },
  },
};

async function runForm(
  { files, env = {}, args = [], ledger = '"SequelizeMeta"', migrations = 'migrations' }: Form,
  use: (
    run: (tool: 'keel' | 'sequelize-cli', command: string) => Promise<string[]>,
  ) => Promise<void>,
): Promise<void> {
  await withProject(
    { [path.join(migrations, '20200101-things.js')]: MIGRATION, ...files },
    (project) =>
      withDatabases(1, async (database) => {
        await queryDatabase(database, 'CREATE SCHEMA shelf');
        const settings: RunSettings = { env: { ...env, TEST_URL: database.url } };
        await use(async (tool, command) => {
          const result = await project.run(tool, [...args, command], settings);
          requireSuccess(`${tool} ${command}`, result);
          return linesOf(result).map((line) => line.replaceAll(database.url, 'URL'));
        });
        expect(await readLedger(database, ledger)).toEqual(['20200101-things.js']);
      }),
  );
}

test.each(Object.entries(FORMS))('both find the same database and record: %s', async (_, form) => {
  await runForm(form, async (run) => {
    expect(await run('keel', 'db:migrate')).toContain('== 20200101-things: migrated (time)');
    expect(await run('sequelize-cli', 'db:migrate:status')).toContain('up 20200101-things.js');
  });
});

test.each(Object.entries(MORE_FORMS))('keel alone reads %s', async (_, form) => {
  await runForm(form, async (run) => {
    expect(await run('keel', 'db:migrate')).toContain('== 20200101-things: migrated (time)');
  });
});
