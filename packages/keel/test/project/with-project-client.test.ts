import { readFileSync } from 'node:fs';
import { withDatabase } from '../support/database';
import { PACKAGE } from '../support/paths';
import { migration } from '../support/project';
import { requireSuccess, withProject, type ProjectFiles } from '../support/projects';

/** Lets no module of keel's load a `pg` of its own: only what resolves from the project is loaded. */
const hook = `
  const Module = require('node:module');
  const load = Module._load;
  Module._load = function (request, parent, ...rest) {
    if (request === 'pg' && parent?.filename.startsWith(${JSON.stringify(PACKAGE)}))
      throw new Error(\`keel loads its own pg in \${parent.filename}\`);
    return load.call(this, request, parent, ...rest);
  };`;

const files: ProjectFiles = {
  'hook.js': hook,
  'app/package.json': { name: 'app' },
  'app/node_modules/pg/index.js': `
    const real = require('../../../node_modules/pg');
    class Client extends real.Client {
      constructor(config) {
        require('node:fs').appendFileSync('connections.txt', config.application_name + '\\n');
        super(config);
      }
    }
    module.exports = Object.create(real, { Client: { value: Client } });`,
  'app/config/config.json': {
    development: { use_env_variable: 'DATABASE_URL', dialect: 'postgres' },
  },
  'app/models/user.js': `module.exports = (sequelize, DataTypes) =>
    sequelize.define('User', { email: DataTypes.STRING }, { tableName: 'users', timestamps: false });`,
  'app/migrations/1-users.js': migration(
    `await q.createTable('users', { id: { type: S.INTEGER, primaryKey: true, autoIncrement: true } });
     await q.sequelize.query('INSERT INTO users SELECT FROM generate_series(1, 2)');`,
  ),
};

const unique = migration(
  `await q.sequelize.query('CREATE UNIQUE INDEX CONCURRENTLY twice ON users ((true))');`,
);

/** Whether the file was committed is asked after its connection broke. */
const lost = migration(`await q.sequelize.query('SELECT pg_terminate_backend(pg_backend_pid())');`);

it('connects with the copy of pg that the project has, in every command', () =>
  withDatabase((database) =>
    withProject(files, async (project) => {
      const env = {
        DATABASE_URL: database.url,
        NODE_OPTIONS: `--require ${JSON.stringify(`${project.root}/hook.js`)}`,
      };
      const keel = (...args: string[]) => project.run('keel', args, { env, folder: 'app' });
      const succeed = async (...args: string[]): Promise<string> => {
        const result = await keel(...args);
        requireSuccess(args.join(' '), result);
        return result.stdout;
      };
      await succeed('db:migrate');
      await succeed('db:migrate:status');
      await succeed('migration:generate', '--from-models', '--name', 'email');
      await succeed('db:migrate');
      await succeed('db:check');
      await succeed('db:seed:bulk', '--rows', 'User=5');
      expect(await succeed('db:seed:bulk:undo')).toContain('5');

      // What is asked after a failure is asked over the same pg.
      project.write({ 'app/migrations/30000101000000-unique.js': unique });
      const failed = await keel('db:migrate');
      expect(failed.stderr).toContain('remove it with: DROP INDEX CONCURRENTLY public.twice;');
      project.write({ 'app/migrations/30000101000000-unique.js': lost });
      expect((await keel('db:migrate')).stderr).not.toContain('is not known');

      const names = readFileSync(`${project.root}/app/connections.txt`, 'utf8').split('\n');
      expect(names).toEqual(
        expect.arrayContaining([
          'keel db:migrate',
          'keel db:check',
          'keel lock',
          'keel db:seed:bulk',
          'keel db:seed:bulk:undo',
        ]),
      );
    }),
  ));
