import { withClient } from '../support/database';
import { migration, withDatabaseProject, type DatabaseProject } from '../support/project';
import { model } from '../support/drifted-project';

async function execute({ database }: DatabaseProject, sql: string): Promise<void> {
  await withClient(database.connection, (client) => client.query(sql));
}

const people = migration(
  `await q.createTable('people', { id: { type: S.INTEGER, primaryKey: true, autoIncrement: true }, name: S.STRING });`,
);

const person = (kinds: string): string =>
  model(
    'Person',
    `{ kind: DataTypes.ENUM(${kinds}) }`,
    '',
    `tableName: 'people', timestamps: false`,
  );

describe('db:check', () => {
  it('says what there is not, and passes straight after keel init', () =>
    withDatabaseProject({}, async ({ keel, write }) => {
      const config = { development: { use_env_variable: 'DATABASE_URL', dialect: 'postgres' } };
      expect((await keel(['init', '--force'])).code).toBe(0);
      write({ 'config/config.json': config });
      const { code, stdout, stderr } = await keel(['db:check']);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toContain('Models: there are none to compare');
      expect(stdout).toContain('Migrations: there are none yet');
    }));

  it('says where to begin anew if the first tables were made by sync(), and the way leads there', () =>
    withDatabaseProject(
      { 'migrations/1-age.js': migration(`await q.addColumn('people', 'age', S.INTEGER);`) },
      async (project) => {
        const { keel, remove } = project;
        await execute(project, 'CREATE TABLE people (id serial PRIMARY KEY)');
        expect((await keel(['db:migrate'])).code).toBe(0);
        const { code, stderr } = await keel(['db:check']);
        expect(code).toBe(1);
        expect(stderr).toMatch(/relation "public\.people" does not exist[^]*docs\/adopting\.md/);
        remove('migrations/1-age.js');
        await execute(project, 'DELETE FROM "SequelizeMeta"');
        const baseline = ['migration:generate', '--from-database', '--name', 'baseline'];
        expect((await keel(baseline)).code).toBe(0);
        expect((await keel(['db:check'])).stdout).toContain('same     Database and migrations');
        await execute(project, 'DELETE FROM "SequelizeMeta"');
        expect((await keel(['db:migrate', '--fake'])).code).toBe(0);
        expect((await keel(['db:check'])).code).toBe(0);
      },
    ));

  it('names every model that cannot be built, and compares the rest', () =>
    withDatabaseProject(
      {
        'migrations/1-people.js': people,
        'models/person.js': model(
          'Person',
          `{ name: DataTypes.STRING, extra: DataTypes.TEXT }`,
          '',
          `tableName: 'people', timestamps: false`,
        ),
        'models/wrong.js': model('Wrong', `{ name: 'no_such_type' }`),
        'models/worse.js': model('Worse', `{ name: 'no_other_type' }`),
      },
      async (project) => {
        const { keel } = project;
        expect((await keel(['db:migrate'])).code).toBe(0);
        await execute(project, 'ALTER TABLE people ADD COLUMN by_hand int');
        const { code, stdout, stderr } = await keel(['db:check']);
        expect(code).toBe(1 + 2 + 4);
        expect(stderr).toContain('no_such_type');
        expect(stderr).toContain('no_other_type');
        expect(stderr).toMatch(/^Correct the model, or let a migration create/m);
        expect(stdout).toContain('column extra (text) is in the models but not in the migrations');
        expect(stdout).toContain('column by_hand (integer) is in the database');
        const generated = await keel(['migration:generate', '--from-models', '--name', 'next']);
        expect(generated.code).toBe(1);
        expect(generated.stderr).toContain('no_such_type');
        expect(generated.stderr).toContain('no_other_type');
      },
    ));

  it('replays the migrations before the models have changed anything in the process', () =>
    withDatabaseProject(
      {
        'shared/kind.js': `module.exports = { column: 'name' };`,
        'migrations/1-people.js': migration(
          `await q.createTable('people', { [require('../shared/kind').column]: S.STRING });`,
        ),
        'models/person.js': `require('../shared/kind').column = 'title';
          throw new Error('the models want a server');`,
      },
      async (project) => {
        expect((await project.keel(['db:migrate'])).code).toBe(0);
        const { code, stdout, stderr } = await project.keel(['db:check', '--no-cache']);
        expect({ code, stdout }).toMatchObject({
          code: 1,
          stdout: expect.stringMatching(/same/i) as string,
        });
        expect(stderr).toContain('the models want a server');
      },
    ));

  it('takes what no replay can repeat for no change of the database', () =>
    withDatabaseProject(
      {
        'migrations/1-times.js': migration(
          `await q.createTable('times', {
             id: { type: S.UUID, primaryKey: true, defaultValue: require('crypto').randomUUID() },
             at: { type: S.DATE, defaultValue: new Date() } });
           await q.sequelize.query("CREATE VIEW recent AS SELECT * FROM times WHERE at > '" + new Date().toISOString() + "'");
           await q.sequelize.query("ALTER TABLE times ADD CONSTRAINT young CHECK (at > '" + new Date().toISOString() + "')");`,
        ),
      },
      async (project) => {
        const { keel } = project;
        expect((await keel(['db:migrate'])).code).toBe(0);
        const { code, stdout } = await keel(['db:check']);
        expect(stdout).toContain('default of column at');
        expect(stdout).toContain('every replay makes another');
        expect(code).toBe(0);
        await execute(
          project,
          `ALTER TABLE times ALTER COLUMN at DROP DEFAULT, ADD COLUMN extra int`,
        );
        const changed = await keel(['db:check']);
        expect(changed.code).toBe(4);
        expect(changed.stdout).toContain('column extra (integer) is in the database');
      },
    ));

  it('replays where somebody made schemas and extensions by hand, and a migration makes others', () =>
    withDatabaseProject(
      {
        'migrations/1-a.js': migration(
          `await q.sequelize.query('CREATE SCHEMA other; CREATE TABLE a (id int)');`,
        ),
        'migrations/2-b.js': migration(
          `await q.sequelize.query('CREATE EXTENSION pgcrypto; CREATE TABLE app.b (m app.citext)');`,
        ),
      },
      async (project) => {
        const { keel } = project;
        await execute(project, 'CREATE SCHEMA app; CREATE EXTENSION citext SCHEMA app');
        expect(await keel(['db:migrate'])).toMatchObject({ code: 0, stderr: '' });
        const { stdout, stderr } = await keel(['db:check']);
        expect({ stdout: stdout.includes('same     Database and migrations'), stderr }).toEqual({
          stdout: true,
          stderr: '',
        });
      },
    ));

  it('says the true reason of a replay that fails, not that of its second try', () =>
    withDatabaseProject(
      {
        'migrations/1-a.js': migration(`await q.sequelize.query('CREATE TABLE a (id int)');`),
        'migrations/2-b.js': migration(
          `await q.sequelize.query('CREATE TABLE b (m no_such_type)');`,
        ),
      },
      async (project) => {
        await execute(project, 'CREATE SCHEMA app; CREATE EXTENSION citext SCHEMA app');
        const { code, stderr } = await project.keel(['db:check']);
        expect(code).toBe(1);
        expect(stderr).toContain('2-b.js failed: type "no_such_type" does not exist');
        // The first try fails at citext, in the same file.
        project.write({
          'migrations/2-b.js': migration(
            `await q.sequelize.query('CREATE TABLE b (c app.citext, m no_such_type)');`,
          ),
        });
        expect((await project.keel(['db:check'])).stderr).toContain('"no_such_type"');
        expect(stderr).not.toContain('applied already');
      },
    ));

  it('gives the scratch databases the search path and the settings of the real one', () =>
    withDatabaseProject(
      {
        'migrations/1-a.js': migration(
          `await q.sequelize.query("CREATE TABLE a (at text DEFAULT current_setting('keel.flavour'))");
           await q.sequelize.query("CREATE TABLE b (id int, flavour text)");
           const [[{ f }]] = await q.sequelize.query("SELECT current_setting('keel.flavour') AS f");
           await q.sequelize.query("ALTER TABLE b ALTER COLUMN flavour SET DEFAULT '" + f + "'");
           await q.createTable('people', { id: { type: S.INTEGER, primaryKey: true, autoIncrement: true }, kind: S.ENUM('a') });`,
        ),
        'models/person.js': person(`'a'`),
      },
      async (project) => {
        const { database, keel } = project;
        const name = new URL(database.url).pathname.slice(1);
        await execute(
          project,
          `CREATE SCHEMA app; ALTER DATABASE ${name} SET keel.flavour = 'sweet'`,
        );
        const url = `${database.url}?options=-c%20search_path%3Dapp`;
        expect(await keel(['db:migrate', '--url', url])).toMatchObject({ code: 0 });
        const check = await keel(['db:check', '--url', url]);
        expect({ code: check.code, stderr: check.stderr, stdout: check.stdout }).toMatchObject({
          code: 0,
          stderr: '',
        });
        const generate = ['migration:generate', '--from-models', '--name', 'x', '--url', url];
        expect((await keel(generate)).stdout).toContain('there is nothing to write');
        // Sequelize makes the enum in public all the same.
        project.write({ 'models/person.js': person(`'a', 'b'`) });
        expect(await keel(generate)).toMatchObject({ code: 0, stderr: '' });
      },
    ));
});
