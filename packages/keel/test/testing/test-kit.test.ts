import { createTestDatabase, describeMigrations, type TestDatabase } from '../../src/testing';
import { withClient } from '../support/database';
import { ASSOCIATIONS } from '../support/paths';
import { withDatabaseProject, migration } from '../support/project';
import { serverUrl } from '../support/server';

/** The associations fixture, on the server of the tests. */
const project = { url: serverUrl(), cwd: ASSOCIATIONS };

describe('createTestDatabase()', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase(project);
  });

  afterAll(() => database.drop());

  it('makes a clone of its own, without the ledger', async () => {
    const other = await createTestDatabase(project);
    try {
      const client = await other.connect();
      await client.query('DROP TABLE posts');
      await expect(other).not.toHaveTable('posts');
      await expect(database).toHaveTable('posts');
      await expect(database).not.toHaveTable('SequelizeMeta');
      await expect(expect(other).toMatchModels()).rejects.toThrow(/table posts is in the models/);
    } finally {
      await other.drop();
    }
  });

  it('has what surrounds the database of the project', () =>
    withDatabaseProject(
      {
        'migrations/1-a.js': migration(
          `await q.sequelize.query("CREATE TABLE a (b app.citext, flavour text DEFAULT current_setting('keel.flavour'))");`,
        ),
      },
      async ({ root, database: { connection, url } }) => {
        await withClient(connection, (client) =>
          client.query(`CREATE SCHEMA app; CREATE EXTENSION citext SCHEMA app;
            ALTER DATABASE ${connection.database} SET keel.flavour = 'sweet'`),
        );
        const options = { cwd: root, url: `${url}?options=-c%20search_path%3Dapp` };
        const kit = await createTestDatabase(options);
        try {
          expect((await kit.schema()).tables.map((table) => table.schema)).toEqual(['app']);
          const rows = await kit.sequelize().query(`SHOW keel.flavour`);
          expect(JSON.stringify(rows)).toContain('"keel.flavour":"sweet"');
        } finally {
          await kit.drop();
        }
      },
    ));

  it('makes an empty one, with a Sequelize of the project, and drops it while it is in use', async () => {
    const empty = await createTestDatabase({ ...project, migrate: false });
    await empty.sequelize().query('CREATE TABLE notes ()');
    const client = await empty.connect();
    client.on('error', () => undefined);
    expect((await empty.schema()).tables.map(({ name }) => name)).toEqual(['notes']);
    await empty.drop();
    const left = await (
      await database.connect()
    ).query('SELECT FROM pg_database WHERE datname = $1', [empty.project.connection.database]);
    expect(left.rowCount).toBe(0);
  });

  it('has matchers that say what is there instead', async () => {
    const column = expect(database).toHaveColumn('users', 'name', { type: 'text' });
    await expect(column).rejects.toThrow(/name character varying\(255\)/);
    await expect(expect(database).toHaveTable('people')).rejects.toThrow(/The tables are: .*users/);
    const key = expect(database).toHaveForeignKey('posts', {
      columns: ['userId'],
      references: { table: 'users' },
      onDelete: 'CASCADE',
    });
    await expect(key).rejects.toThrow(/ON DELETE SET NULL/);
    const unique = expect(database).toHaveUnique('posts', ['userId']);
    await expect(unique).rejects.toThrow(/posts_pkey/);
    const index = expect(database).toHaveIndex('posts', { columns: ['userId'], unique: true });
    await expect(index).rejects.toThrow(/posts_user_id/);
    await expect(expect({}).toHaveTable('users')).rejects.toMatchObject({ code: 'NOT_A_DATABASE' });
  });
});

describe('describeMigrations()', () => {
  type Tests = Record<string, () => Promise<void>>;

  /** The tests that it would define, by name. */
  function testsOf(options: Parameters<typeof describeMigrations>[0]): Tests {
    const tests: Tests = {};
    const own = { describe, it };
    Object.assign(globalThis, {
      describe: (_: string, define: () => void) => {
        define();
      },
      it: (name: string, run: () => Promise<void>) => (tests[name] = run),
    });
    try {
      describeMigrations(options);
    } finally {
      Object.assign(globalThis, own);
    }
    return tests;
  }

  it('finds what is wrong with migrations', () =>
    withDatabaseProject(
      {
        'migrations/20250101000001-a.js': migration(
          `await q.createTable('a', { kind: S.ENUM('x') });`,
          `await q.dropTable('a');`,
        ),
        'migrations/20250101000001-b.js': migration(`await q.createTable('b', {});`),
        'models/a.js': `module.exports = (s, T) => s.define('a', { kind: T.ENUM('x', 'y') },
          { tableName: 'a', timestamps: false }).removeAttribute('id');`,
      },
      async ({ root, database }) => {
        const options = { cwd: root, url: database.url, env: 'development' };
        const {
          'have names that put them into one order': order,
          'each go up, down and up again, and leave nothing behind': roundTrips,
          'build what the models describe': models,
        } = testsOf(options);
        await expect(order?.()).rejects.toThrow(/-a\.js and .*-b\.js begin with the same number/);
        await expect(roundTrips?.()).rejects.toThrow(/-a\.js: undoing it.*\+ CREATE TYPE/s);
        await expect(models?.()).rejects.toThrow(/enum enum_a_kind: \(x, y\) in the models/);
        const irreversible = ['20250101000001-a.js', '20250101000001-b.js'];
        const excused = testsOf({ ...options, models: false, irreversible });
        expect(Object.keys(excused)).toHaveLength(2);
        await excused['each go up, down and up again, and leave nothing behind']?.();
      },
    ));
});
