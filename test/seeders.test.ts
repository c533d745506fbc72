import { QueryTypes } from 'sequelize';
import { readMigrationFiles } from '../packages/keel/test/support/migration-files';
import { createMigratedModels } from '../packages/keel/test/support/migrated-models';
import type { MigratedModels } from '../packages/keel/test/support/migrated-models';

const tables = ['users', 'profiles', 'posts', 'students', 'courses', 'StudentCourses'];
const seeders = readMigrationFiles('seeders');
let db: MigratedModels;

beforeEach(async () => {
  db = await createMigratedModels();
});

afterEach(() => db.drop());

async function seed(): Promise<void> {
  for (const seeder of seeders) await seeder.up(db.sequelize);
}

async function unseed(): Promise<void> {
  for (const seeder of [...seeders].reverse()) await seeder.down(db.sequelize);
}

/** All rows of each table. */
async function readRows(): Promise<Record<string, object[]>> {
  const rows: Record<string, object[]> = {};
  for (const table of tables) {
    rows[table] = await db.sequelize.query(`SELECT * FROM "${table}" ORDER BY 1, 2, 3, 4`, {
      type: QueryTypes.SELECT,
    });
  }
  return rows;
}

async function readSequences(): Promise<object[]> {
  return db.sequelize.query('SELECT sequencename, last_value FROM pg_sequences ORDER BY 1', {
    type: QueryTypes.SELECT,
  });
}

async function countRows(): Promise<number[]> {
  const rows = await readRows();
  return tables.map((table) => rows[table]?.length ?? 0);
}

test('there is a seeder for each table, and its undo deletes its rows', async () => {
  const counts = [];
  for (const seeder of seeders) {
    await seeder.up(db.sequelize);
    counts.push(await countRows());
  }
  expect(counts).toEqual([
    [3, 0, 0, 0, 0, 0],
    [3, 3, 0, 0, 0, 0],
    [3, 3, 3, 0, 0, 0],
    [3, 3, 3, 3, 0, 0],
    [3, 3, 3, 3, 3, 0],
    [3, 3, 3, 3, 3, 5],
  ]);
  for (const seeder of [...seeders].reverse()) {
    expect(await countRows()).toEqual(counts.pop());
    await seeder.down(db.sequelize);
  }
  expect(await countRows()).toEqual([0, 0, 0, 0, 0, 0]);
});

test('the seeded rows are related', async () => {
  await seed();
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

test('seeding again changes nothing, and puts back only what is missing', async () => {
  await seed();
  const rows = await readRows();
  const sequences = await readSequences();
  await seed();
  expect(await readRows()).toEqual(rows);
  expect(await readSequences()).toEqual(sequences);

  await db.Post.destroy({ where: { id: 2 } });
  await db.User.update({ name: 'Alicia' }, { where: { id: 1 } });
  await seed();
  expect(await db.Post.count()).toBe(3);
  expect((await db.User.findByPk(1))?.name).toBe('Alicia');
});

test('rows of the application get fresh ids and outlive the undo', async () => {
  await seed();
  const user = await db.User.create({ name: 'Zoe' });
  const profile = await user.createProfile({ bio: 'Here to stay' });
  const post = await user.createPost({ title: 'Mine' });
  const student = await db.Student.create({ name: 'Yann' });
  const course = await db.Course.create({ title: 'Physics' });
  await student.addCourse(course);
  expect([user, profile, post, student, course].map(({ id }) => id)).toEqual([4, 4, 4, 4, 4]);

  await seed();
  await unseed();
  expect(await countRows()).toEqual([1, 1, 1, 1, 1, 1]);

  await seed();
  expect((await db.User.create({ name: 'Xeno' })).id).toBe(5);
});

test('undo also deletes seeded rows that were edited, but nothing that only has their id', async () => {
  const own = await db.User.create({ name: 'First of all' });
  expect(own.id).toBe(1);
  await seed();
  await db.User.update({ name: 'Robert' }, { where: { id: 2 } });
  await unseed();
  const left = await db.User.findAll();
  expect(left.map(({ name }) => name)).toEqual(['First of all']);
});
