import { createTestDatabase, describeMigrations } from 'sequelize-keel/testing';
import type { Schema, TestDatabase } from 'sequelize-keel/testing';
import { defineModels } from '../models';

let database: TestDatabase;
let schema: Schema;

beforeAll(async () => {
  database = await createTestDatabase();
  schema = await database.schema();
});

afterAll(() => database.drop());

const tables = ['users', 'profiles', 'posts', 'students', 'courses', 'StudentCourses'];

test('there are six tables and nothing else', () => {
  expect(schema.tables.map(({ name }) => name).sort()).toEqual([...tables].sort());
  expect(schema).toMatchObject({ enums: [], others: [] });
});

test.each(tables.slice(0, 5))('%s: a number of its own for each row', async (table) => {
  await expect(schema).toHaveUnique(table, ['id']);
  await expect(schema).toHaveColumn(table, 'id', {
    type: 'int',
    nullable: false,
    default: `nextval('public.${table}_id_seq'::regclass)`,
  });
});

test.each(tables)('%s: when each row was made and changed', async (table) => {
  const moment = { type: 'timestamptz', nullable: false, default: null };
  await expect(schema).toHaveColumn(table, 'createdAt', moment);
  await expect(schema).toHaveColumn(table, 'updatedAt', moment);
});

test.each([
  ['users', 'name', 'varchar(255)'],
  ['profiles', 'bio', 'varchar(255)'],
  ['posts', 'title', 'varchar(255)'],
  ['posts', 'content', 'text'],
  ['students', 'name', 'varchar(255)'],
  ['courses', 'title', 'varchar(255)'],
])('%s: an optional %s, %s', async (table, column, type) => {
  await expect(schema).toHaveColumn(table, column, { type, nullable: true, default: null });
});

test('one to one: profiles."userId", a unique foreign key', async () => {
  await expect(schema).toHaveColumn('profiles', 'userId', { type: 'int', nullable: true });
  await expect(schema).toHaveUnique('profiles', ['userId']);
  await expect(schema).toHaveForeignKey('profiles', {
    columns: ['userId'],
    references: { table: 'users', columns: ['id'] },
    onUpdate: 'CASCADE',
    onDelete: 'SET NULL',
  });
});

test('one to many: posts."userId", an indexed foreign key', async () => {
  await expect(schema).toHaveColumn('posts', 'userId', { type: 'int', nullable: true });
  await expect(schema).not.toHaveUnique('posts', ['userId']);
  await expect(schema).toHaveIndex('posts', { columns: ['userId'], unique: false, where: null });
  await expect(schema).toHaveForeignKey('posts', {
    columns: ['userId'],
    references: { table: 'users', columns: ['id'] },
    onUpdate: 'CASCADE',
    onDelete: 'SET NULL',
  });
});

test.each([
  ['studentId', 'students'],
  ['courseId', 'courses'],
])('many to many: "StudentCourses"."%s", a foreign key to %s', async (column, table) => {
  await expect(schema).toHaveColumn('StudentCourses', column, { type: 'int', nullable: false });
  await expect(schema).toHaveForeignKey('StudentCourses', {
    columns: [column],
    references: { table, columns: ['id'] },
    onUpdate: 'CASCADE',
    onDelete: 'CASCADE',
  });
});

test('many to many: each pair once', async () => {
  await expect(schema).toHaveUnique('StudentCourses', ['studentId', 'courseId']);
});

test('the migrations build what the models describe', async () => {
  await expect(database).toMatchModels();
});

test('sync({ force: true }) builds the same as the migrations, columns in the same order', async () => {
  const synced = await createTestDatabase({ migrate: false });
  try {
    const sequelize = synced.sequelize();
    defineModels(sequelize);
    await sequelize.sync({ force: true });
    expect(await synced.schema()).toEqual(schema);
  } finally {
    await synced.drop();
  }
});

// Each migration goes up, down and up again, and leaves nothing behind.
describeMigrations();
