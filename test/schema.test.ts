import { defineModels } from '../models/define-models';
import {
  createTestDatabase,
  describeMigrations,
  type TestDatabase,
} from '../packages/keel/src/testing';
import { describeTables, listObjects } from '../packages/keel/test/support/catalog';
import { readMigrationFiles } from '../packages/keel/test/support/migration-files';
import { serverUrl } from '../packages/keel/test/support/server';

const project = { url: serverUrl() };

describe('the schema', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase(project);
  });

  afterAll(() => database.drop());

  it.each(['users', 'profiles', 'posts', 'students', 'courses'])('numbers %s', async (table) => {
    await expect(database).toHaveTable(table);
    await expect(database).toHaveUnique(table, ['id']);
    await expect(database).toHaveColumn(table, 'id', {
      type: 'int',
      nullable: false,
      default: `nextval('public.${table}_id_seq'::regclass)`,
    });
  });

  it.each(['users', 'profiles', 'posts', 'students', 'courses', 'StudentCourses'])(
    'dates %s',
    async (table) => {
      const moment = { type: 'timestamptz', nullable: false, default: null };
      await expect(database).toHaveColumn(table, 'createdAt', moment);
      await expect(database).toHaveColumn(table, 'updatedAt', moment);
    },
  );

  it.each([
    ['users', 'name', 'varchar(255)'],
    ['profiles', 'bio', 'varchar(255)'],
    ['posts', 'title', 'varchar(255)'],
    ['posts', 'content', 'text'],
    ['students', 'name', 'varchar(255)'],
    ['courses', 'title', 'varchar(255)'],
  ])('keeps in %s an optional %s', async (table, column, type) => {
    await expect(database).toHaveColumn(table, column, { type, nullable: true, default: null });
  });

  it('one to one: keeps one profile for a user', async () => {
    await expect(database).toHaveColumn('profiles', 'userId', { type: 'int', nullable: true });
    await expect(database).toHaveUnique('profiles', ['userId']);
    await expect(database).toHaveForeignKey('profiles', {
      columns: ['userId'],
      references: { table: 'users', columns: ['id'] },
      onUpdate: 'CASCADE',
      onDelete: 'SET NULL',
    });
  });

  it('one to many: finds the posts of a user by an index', async () => {
    await expect(database).toHaveColumn('posts', 'userId', { type: 'int', nullable: true });
    await expect(database).toHaveForeignKey('posts', {
      columns: ['userId'],
      references: { table: 'users', columns: ['id'] },
      onUpdate: 'CASCADE',
      onDelete: 'SET NULL',
    });
    await expect(database).toHaveIndex('posts', {
      columns: ['userId'],
      unique: false,
      where: null,
    });
  });

  it('many to many: joins students and courses, each pair once', async () => {
    await expect(database).toHaveUnique('StudentCourses', ['studentId', 'courseId']);
    for (const [column, table] of [
      ['studentId', 'students'],
      ['courseId', 'courses'],
    ] as const) {
      await expect(database).toHaveColumn('StudentCourses', column, {
        type: 'int',
        nullable: false,
      });
      await expect(database).toHaveForeignKey('StudentCourses', {
        columns: [column],
        references: { table, columns: ['id'] },
        onUpdate: 'CASCADE',
        onDelete: 'CASCADE',
      });
    }
  });

  it('has these tables alone', async () => {
    const { tables, enums, others } = await database.schema();
    expect(tables.map(({ name }) => name)).toEqual([
      'StudentCourses',
      'courses',
      'posts',
      'profiles',
      'students',
      'users',
    ]);
    expect({ enums, others }).toEqual({ enums: [], others: [] });
  });

  it('is what the models describe', () => expect(database).toMatchModels());
});

describeMigrations(project);

describe('by what PostgreSQL itself says', () => {
  const migrations = readMigrationFiles('migrations');
  let database: TestDatabase;

  beforeEach(async () => {
    database = await createTestDatabase({ ...project, migrate: false });
  });

  afterEach(() => database.drop());

  it('the migrations and sync({ force: true }) build the same, object by object', async () => {
    const [client, sequelize] = [await database.connect(), database.sequelize()];
    for (const migration of migrations) await migration.up(sequelize);
    const tables = await describeTables(client);
    const objects = await listObjects(client);
    for (const migration of [...migrations].reverse()) await migration.down(sequelize);

    defineModels(sequelize);
    await sequelize.sync({ force: true });

    const synced = await describeTables(client);
    expect(synced).toEqual(tables);
    // PostgreSQL keeps the order of columns, and so does their description.
    expect(JSON.stringify(synced)).toBe(JSON.stringify(tables));
    expect(await listObjects(client)).toEqual(objects);
  });

  it('undoing the migrations leaves exactly what was there before, step by step', async () => {
    const [client, sequelize] = [await database.connect(), database.sequelize()];
    await client.query(`
      CREATE TYPE mood AS ENUM ('calm', 'curious');
      CREATE TABLE notes (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, mood mood);
      CREATE FUNCTION answer() RETURNS integer LANGUAGE sql AS 'SELECT 42'`);
    const states = [await listObjects(client)];
    for (const migration of migrations) {
      await migration.up(sequelize);
      states.push(await listObjects(client));
    }
    for (const migration of [...migrations].reverse()) {
      expect(await listObjects(client)).toEqual(states.pop());
      await migration.down(sequelize);
    }
    expect(await listObjects(client)).toEqual(states.pop());
  });
});
