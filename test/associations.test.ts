import { ForeignKeyConstraintError, QueryTypes, UniqueConstraintError } from 'sequelize';
import type { Sequelize } from 'sequelize';
import { createTestDatabase } from 'sequelize-keel/testing';
import type { TestDatabase } from 'sequelize-keel/testing';
import { defineModels } from '../models';
import type { Models } from '../models/types';

let database: TestDatabase;
let sequelize: Sequelize;
let db: Models;

beforeAll(async () => {
  database = await createTestDatabase();
  sequelize = database.sequelize();
  db = defineModels(sequelize);
});

afterEach(async () => {
  await sequelize.query(
    'TRUNCATE users, profiles, posts, students, courses, "StudentCourses" RESTART IDENTITY',
  );
});

afterAll(() => database.drop());

/** The error of a statement that the database refuses. */
async function refusal(statement: Promise<unknown>): Promise<unknown> {
  return statement.then(
    () => 'not refused',
    (error: unknown) => error,
  );
}

describe('one-to-one: a user has one profile', () => {
  test('setProfile sets the userId, and both sides include each other', async () => {
    const user = await db.User.create({ name: 'Alice' });
    const profile = await db.Profile.create({ bio: 'Writes' });
    expect(profile.userId).toBeNull();

    await user.setProfile(profile);
    expect(profile.userId).toBe(user.id);

    const found = await db.User.findOne({ include: db.Profile, rejectOnEmpty: true });
    expect([found.name, found.Profile?.bio]).toEqual(['Alice', 'Writes']);
    const owned = await db.Profile.findOne({ include: db.User, rejectOnEmpty: true });
    expect(owned.User?.name).toBe('Alice');
    expect((await user.getProfile())?.id).toBe(profile.id);
    expect((await profile.getUser())?.id).toBe(user.id);
  });

  test('the profile names its user as well: setUser and createUser', async () => {
    const profile = await db.Profile.create({ bio: 'Writes' });
    const user = await profile.createUser({ name: 'Alice' });
    expect((await user.getProfile())?.id).toBe(profile.id);
    await profile.setUser(null);
    expect(await user.getProfile()).toBeNull();
  });

  test('the database refuses a second profile, by the name of the constraint', async () => {
    const user = await db.User.create({ name: 'Alice' });
    await user.createProfile({ bio: 'first' });

    const error = await refusal(db.Profile.create({ bio: 'second', userId: user.id }));
    expect(error).toBeInstanceOf(UniqueConstraintError);
    expect(error).toHaveProperty('parent.constraint', 'profiles_userId_key');
    expect(await db.Profile.count()).toBe(1);
  });

  test('setProfile with another profile sets the first one free', async () => {
    const user = await db.User.create({ name: 'Alice' });
    const first = await user.createProfile({ bio: 'first' });
    await user.setProfile(await db.Profile.create({ bio: 'second' }));

    expect((await first.reload()).userId).toBeNull();
    expect((await user.getProfile())?.bio).toBe('second');
  });

  test('many profiles may belong to nobody yet', async () => {
    await db.Profile.bulkCreate([{ bio: 'a' }, { bio: 'b' }, { bio: null }]);
    expect(await db.Profile.count({ where: { userId: null } })).toBe(3);
  });

  test('deleting the user keeps the profile, without a user', async () => {
    const user = await db.User.create({ name: 'Alice' });
    const profile = await user.createProfile({ bio: 'Writes' });
    await user.destroy();
    expect((await profile.reload()).userId).toBeNull();
  });
});

describe('one-to-many: a user has many posts', () => {
  test('addPost and createPost set the userId, and both sides include each other', async () => {
    const user = await db.User.create({ name: 'Alice' });
    const post = await db.Post.create({ title: 'Hello', content: 'x'.repeat(10_000) });
    await user.addPost(post);
    await user.createPost({ title: 'Again' });
    expect((await post.reload()).userId).toBe(user.id);

    const found = await db.User.findOne({
      include: db.Post,
      order: [[db.Post, 'id', 'ASC']],
      rejectOnEmpty: true,
    });
    expect(found.Posts?.map(({ title }) => title)).toEqual(['Hello', 'Again']);
    expect(found.Posts?.[0]?.content).toHaveLength(10_000);
    expect(await user.countPosts()).toBe(2);
    expect((await post.getUser())?.name).toBe('Alice');
  });

  test('hasPost looks, and the post names its user as well: setUser and createUser', async () => {
    const user = await db.User.create({ name: 'Alice' });
    const [first, second] = [
      await db.Post.create({ title: 'Hello' }),
      await user.createPost({ title: 'Again' }),
    ];
    expect(await user.hasPosts([first, second])).toBe(false);
    await first.setUser(user);
    expect([await user.hasPost(first), await user.hasPosts([first, second])]).toEqual([true, true]);
    await second.createUser({ name: 'Bob' });
    expect(await user.hasPost(second)).toBe(false);
    await user.removePosts([first]);
    expect(await user.countPosts()).toBe(0);
  });

  test('removePost and setPosts only detach', async () => {
    const user = await db.User.create({ name: 'Alice' });
    const posts = await db.Post.bulkCreate([{ title: 'a' }, { title: 'b' }, { title: 'c' }]);
    await user.addPosts(posts);
    await user.removePost(posts[0]);
    expect(await user.countPosts()).toBe(2);
    await user.setPosts([]);
    expect(await user.countPosts()).toBe(0);
    expect(await db.Post.count({ where: { userId: null } })).toBe(3);
  });

  test('deleting the user keeps the posts, without a user', async () => {
    const user = await db.User.create({ name: 'Alice' });
    const post = await user.createPost({ title: 'Hello' });
    await user.destroy();
    expect((await post.reload()).userId).toBeNull();
  });

  test('the database refuses a user who does not exist', async () => {
    const error = await refusal(db.Post.create({ title: 'Hello', userId: 404 }));
    expect(error).toBeInstanceOf(ForeignKeyConstraintError);
    expect(error).toHaveProperty('index', 'posts_userId_fkey');
  });

  test('a changed user id is followed by the profile and the posts', async () => {
    const user = await db.User.create({ name: 'Alice' });
    const post = await user.createPost({ title: 'Hello' });
    const profile = await user.createProfile({ bio: 'Writes' });
    await db.User.update({ id: 77 }, { where: { id: user.id } });
    expect((await post.reload()).userId).toBe(77);
    expect((await profile.reload()).userId).toBe(77);
  });
});

describe('many-to-many: students and courses', () => {
  /** The rows of the junction, as pairs. */
  async function pairs(): Promise<[number, number][]> {
    const rows = await sequelize.query<{ studentId: number; courseId: number }>(
      'SELECT "studentId", "courseId" FROM "StudentCourses" ORDER BY 1, 2',
      { type: QueryTypes.SELECT },
    );
    return rows.map(({ studentId, courseId }) => [studentId, courseId]);
  }

  async function createBoth() {
    const [dana, emil] = [
      await db.Student.create({ name: 'Dana' }),
      await db.Student.create({ name: 'Emil' }),
    ];
    const [databases, history] = [
      await db.Course.create({ title: 'Databases' }),
      await db.Course.create({ title: 'History' }),
    ];
    await dana.addCourses([databases, history]);
    await databases.addStudent(emil);
    return { dana, emil, databases, history };
  }

  test('addCourse and addStudent add to the junction, and both sides include each other', async () => {
    const { dana, emil, databases } = await createBoth();
    expect(await pairs()).toEqual([
      [1, 1],
      [1, 2],
      [2, 1],
    ]);

    const student = await db.Student.findByPk(dana.id, { include: db.Course, rejectOnEmpty: true });
    expect(student.Courses?.map(({ title }) => title).sort()).toEqual(['Databases', 'History']);
    const course = await db.Course.findByPk(databases.id, {
      include: db.Student,
      rejectOnEmpty: true,
    });
    expect(course.Students?.map(({ name }) => name).sort()).toEqual(['Dana', 'Emil']);
    expect((await emil.getCourses()).map(({ title }) => title)).toEqual(['Databases']);
    expect(await databases.countStudents()).toBe(2);
  });

  test('both sides have, make and remove each other', async () => {
    const { dana, emil, databases, history } = await createBoth();
    expect([await dana.countCourses(), await emil.countCourses()]).toEqual([2, 1]);
    expect([await emil.hasCourse(databases), await emil.hasCourses([history])]).toEqual([
      true,
      false,
    ]);
    expect([await history.hasStudent(dana), await history.hasStudents([emil])]).toEqual([
      true,
      false,
    ]);
    await dana.createCourse({ title: 'Art' });
    await history.createStudent({ name: 'Finn' });
    await history.addStudents([emil, dana]);
    await dana.removeCourses([databases]);
    await databases.removeStudent(emil);
    expect(await pairs()).toEqual([
      [1, 2],
      [1, 3],
      [2, 2],
      [3, 2],
    ]);
    await history.removeStudents([dana, emil]);
    await databases.setStudents([emil]);
    expect(await pairs()).toEqual([
      [1, 3],
      [2, 1],
      [3, 2],
    ]);
  });

  test('a query includes a part of the courses, with the columns of the junction', async () => {
    await createBoth();
    const [student, ...others] = await db.Student.findAll({
      include: {
        model: db.Course,
        where: { title: 'History' },
        through: { attributes: ['courseId'] },
      },
    });
    expect(student?.name).toBe('Dana');
    expect(student?.Courses?.[0]).toHaveProperty('StudentCourses.courseId', 2);
    expect(others).toEqual([]);
  });

  test('adding a course again adds nothing, and the database refuses the pair', async () => {
    const { dana, databases } = await createBoth();
    await dana.addCourse(databases);
    expect(await pairs()).toHaveLength(3);

    const error = await refusal(
      sequelize.query('INSERT INTO "StudentCourses" VALUES (now(), now(), 1, 1)'),
    );
    expect(error).toBeInstanceOf(UniqueConstraintError);
    expect(error).toHaveProperty('parent.constraint', 'StudentCourses_pkey');
  });

  test('removeCourse and setCourses change only the junction', async () => {
    const { dana, emil, databases, history } = await createBoth();
    await dana.removeCourse(databases);
    await emil.setCourses([history]);
    expect(await pairs()).toEqual([
      [1, 2],
      [2, 2],
    ]);
    expect([await db.Student.count(), await db.Course.count()]).toEqual([2, 2]);
  });

  test('deleting a student or a course deletes their pairs and nothing else', async () => {
    const { dana, databases } = await createBoth();
    await dana.destroy();
    expect(await pairs()).toEqual([[2, 1]]);
    expect(await db.Course.count()).toBe(2);

    await databases.destroy();
    expect(await pairs()).toEqual([]);
    expect(await db.Student.count()).toBe(1);
  });

  test('changed ids are followed by the junction', async () => {
    await createBoth();
    await db.Student.update({ id: 77 }, { where: { id: 1 } });
    await db.Course.update({ id: 88 }, { where: { id: 2 } });
    expect(await pairs()).toEqual([
      [2, 1],
      [77, 1],
      [77, 88],
    ]);
  });
});
