import { QueryTypes } from 'sequelize';
import type { Sequelize } from 'sequelize';
import { createKeel } from 'sequelize-keel';
import type { Keel } from 'sequelize-keel';
import { createTestDatabase } from 'sequelize-keel/testing';
import type { TestDatabase } from 'sequelize-keel/testing';
import { defineModels } from '../models';
import type { Models } from '../models/types';

let database: TestDatabase;
let sequelize: Sequelize;
let db: Models;
let keel: Keel;

beforeEach(async () => {
  database = await createTestDatabase();
  sequelize = database.sequelize();
  db = defineModels(sequelize);
  const { host, port, database: name } = database.project.connection;
  keel = await createKeel({ connection: { host, port, database: name } });
});

afterEach(() => database.drop());

const tables = ['users', 'profiles', 'posts', 'students', 'courses', 'StudentCourses'];

/** How many rows each table has. */
async function countRows(): Promise<number[]> {
  const counts = tables.map((table) => `SELECT count(*)::int AS count FROM "${table}"`);
  const rows = await sequelize.query<{ count: number }>(counts.join(' UNION ALL '), {
    type: QueryTypes.SELECT,
  });
  return rows.map(({ count }) => count);
}

test('there is a seeder for each table, and its undo deletes its rows', async () => {
  const states = [
    [0, 0, 0, 0, 0, 0],
    [3, 0, 0, 0, 0, 0],
    [3, 3, 0, 0, 0, 0],
    [3, 3, 3, 0, 0, 0],
    [3, 3, 3, 3, 0, 0],
    [3, 3, 3, 3, 3, 0],
    [3, 3, 3, 3, 3, 5],
  ];
  for (const state of states) {
    expect(await countRows()).toEqual(state);
    await keel.seed({ step: 1 });
  }
  for (const state of states.reverse()) {
    expect(await countRows()).toEqual(state);
    await keel.undoSeeds();
  }
});

test('the seeded rows are related', async () => {
  await keel.seed();
  const users = await db.User.findAll({ include: [db.Profile, db.Post], order: ['id'] });
  expect(users.map(({ name, Profile, Posts }) => [name, Profile?.bio, Posts?.length])).toEqual([
    ['Alice', 'Writes about databases', 2],
    ['Bob', 'Reads more than he writes', 1],
    ['Carol', 'New here', 0],
  ]);
  const students = await db.Student.findAll({ include: db.Course, order: ['id'] });
  expect(students.map(({ name, Courses }) => [name, Courses?.length])).toEqual([
    ['Dana', 2],
    ['Emil', 1],
    ['Fatima', 2],
  ]);
});

test('a second run seeds nothing', async () => {
  await keel.seed();
  await db.User.update({ name: 'Alicia' }, { where: { id: 1 } });
  expect((await keel.seed()).files).toEqual([]);
  expect(await countRows()).toEqual([3, 3, 3, 3, 3, 5]);
  expect((await db.User.findByPk(1))?.name).toBe('Alicia');
});

test('rows of the application get fresh ids and outlive the undo', async () => {
  await keel.seed();
  const user = await db.User.create({ name: 'Zoe' });
  const profile = await user.createProfile({ bio: 'Here to stay' });
  const post = await user.createPost({ title: 'Mine' });
  const student = await db.Student.create({ name: 'Yann' });
  const course = await db.Course.create({ title: 'Physics' });
  await student.addCourse(course);
  expect([user, profile, post, student, course].map(({ id }) => id)).toEqual([4, 4, 4, 4, 4]);

  await db.User.update({ name: 'Robert' }, { where: { id: 2 } });
  await keel.undoSeeds({ all: true });
  expect(await countRows()).toEqual([1, 1, 1, 1, 1, 1]);

  await keel.seed();
  expect((await db.User.create({ name: 'Xeno' })).id).toBe(5);
});
