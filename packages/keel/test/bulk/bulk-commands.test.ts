import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runKeel } from '../support/cli';
import { connectTo } from '../support/bulk';
import { createDatabase, type TestDatabase } from '../support/database';
import { NODE_MODULES, REPOSITORY } from '../support/paths';

const MODELS = `
const { Sequelize, DataTypes } = require('sequelize');
const sequelize = new Sequelize('postgres://nobody@localhost/none');
const User = sequelize.define('User', { name: DataTypes.STRING }, { tableName: 'users', timestamps: false });
const Post = sequelize.define('Post', { title: DataTypes.STRING }, { tableName: 'posts', timestamps: false });
User.hasMany(Post, { foreignKey: 'userId' });
Post.belongsTo(User, { foreignKey: 'userId' });
module.exports = { sequelize, User, Post };
`;

const PLAN = `
module.exports = {
  models: {
    User: { rows: 10 },
    Post: {
      rows: 100,
      references: { userId: { min: 5, max: 15 } },
    },
  },
};
`;

let database: TestDatabase;
let folder: string;

beforeEach(async () => {
  database = await createDatabase();
  folder = mkdtempSync(join(tmpdir(), 'keel-bulk-'));
  mkdirSync(join(folder, 'models'));
  symlinkSync(NODE_MODULES, join(folder, 'node_modules'));
  writeFileSync(join(folder, 'models/index.js'), MODELS);
  writeFileSync(join(folder, 'package.json'), '{}');
  await sql('CREATE TABLE users (id serial PRIMARY KEY, name varchar(255))');
  await sql(
    'CREATE TABLE posts (id serial PRIMARY KEY, title varchar(255), "userId" int REFERENCES users)',
  );
});

afterEach(async () => {
  rmSync(folder, { recursive: true });
  await database.drop();
});

async function sql<T>(text: string): Promise<T[]> {
  const client = await connectTo(database.url);
  const { rows } = await client.query<T & object>(text);
  await client.end();
  return rows;
}

const keel = (...args: string[]): ReturnType<typeof runKeel> =>
  runKeel([...args, '--url', database.url], { cwd: folder });

const writePlan = (text: string): void => {
  mkdirSync(join(folder, 'seeders/bulk'), { recursive: true });
  writeFileSync(join(folder, 'seeders/bulk/plan.js'), text);
};

test('rows by model, again, more, and undone', async () => {
  const made = await keel('db:seed:bulk', '--rows', 'User=20', '--rows', 'Post=300');
  expect([made.code, made.stderr]).toEqual([0, '']);
  expect(made.stdout).toMatch(
    /== Post: 300 rows =+\n== public\.posts: filled \(300 rows, [\d.]+s\)/,
  );
  expect(made.stdout).toContain('320 rows made in');
  const again = await keel('db:seed:bulk', '--rows', 'User=20', '--rows', 'Post=300');
  expect(again.stdout).toContain('Nothing to do: every row of this plan is there.');
  const more = await keel('db:seed:bulk', '--rows', 'User=20', '--rows', 'Post=350', '--json');
  expect(JSON.parse(more.stdout)).toMatchObject({
    seed: 1,
    tables: [{ written: 0 }, { model: 'Post', written: 50, rows: 350 }],
  });
  const events = more.stderr
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { event: string });
  expect(events.map(({ event }) => event)).toEqual(
    expect.arrayContaining(['plan', 'table', 'progress', 'done']),
  );
  const changed = await keel(
    'db:seed:bulk',
    '--rows',
    'User=20',
    '--rows',
    'Post=350',
    '--seed',
    '7',
  );
  expect(changed.code).toBe(1);
  expect(changed.stderr).toContain('Post: the seed was 1, now 7');
  const undone = await keel('db:seed:bulk:undo');
  expect(undone.stdout.match(/^(?!Parsed url).*(posts|users|Post|User).*$/gm)).toEqual([
    '== public.posts: emptied (350 rows)',
    '== public.users: emptied (20 rows)',
  ]);
  expect(undone.stdout).toContain('370 rows removed.');
  expect(await sql('SELECT 1 FROM users UNION ALL SELECT 1 FROM posts')).toEqual([]);
});

test('the plan file of the folder is used, scaled, shown, and its mistakes are named by line', async () => {
  writePlan(PLAN);
  const shown = await keel('db:seed:bulk', '--dry-run');
  expect(shown.stdout).toMatch(/1 +User +public\.users +10 +10/);
  expect(shown.stdout).toMatch(/2 +Post +public\.posts +100 +100/);
  expect(shown.stdout).toContain('Nothing was written.');
  expect(await sql("SELECT 1 FROM pg_tables WHERE tablename LIKE '%bulk%'")).toEqual([]);
  await keel('db:seed:bulk', '--rows', '1000');
  const [degrees] = await sql<object>(
    'SELECT count(*)::int AS users, min(n)::int >= 5 AND max(n)::int <= 15 AS held, sum(n)::int AS posts FROM (SELECT count(*) AS n FROM posts GROUP BY "userId") AS d',
  );
  expect(degrees).toEqual({ users: 100, held: true, posts: 1000 });
  writePlan(PLAN.replace('userId:', 'writer:'));
  const wrong = await keel('db:seed:bulk');
  expect(wrong.code).toBe(1);
  expect(wrong.stderr).toContain(
    'seeders/bulk/plan.js:7: Post.references.writer is not a foreign key of public.posts; there is: userId.',
  );
  writePlan(PLAN.replace('rows: 10,', 'rows: 10 10,').replace('{ rows: 10 }', '{ rows: 10 10 }'));
  const broken = await keel('db:seed:bulk');
  expect(broken.code).toBe(1);
  expect(broken.stderr).toMatch(/plan\.js cannot be loaded[^]*plan\.js:4/);
});

test('production asks for --force, and bad flags are usage errors', async () => {
  const refused = await keel('db:seed:bulk', '--rows', 'User=1', '--env', 'production');
  expect([refused.code, refused.stderr]).toEqual([
    1,
    expect.stringContaining('Bulk data is not made in production without --force.'),
  ]);
  expect(
    (await keel('db:seed:bulk', '--rows', 'User=1', '--env', 'production', '--force')).code,
  ).toBe(0);
  expect((await keel('db:seed:bulk:undo', '--env', 'production')).code).toBe(1);
  expect((await keel('db:seed:bulk', '--rows', 'User=many')).stderr).toContain(
    'It must be a model and a whole number, such as User=1000.',
  );
  expect((await keel('db:seed:bulk', '--rows', 'User=1', '--rows', '5')).stderr).toContain(
    '--rows is given both with a model and without one.',
  );
});

test('a seeder that writes by the models is rolled back whole, although bulk data loads them before it', async () => {
  const models = MODELS.replace("'postgres://nobody@localhost/none'", 'process.env.DATABASE_URL');
  writeFileSync(join(folder, 'models/index.js'), models);
  mkdirSync(join(folder, 'seeders'));
  writeFileSync(
    join(folder, 'seeders/1-users.js'),
    `const { User } = require('../models');
     module.exports = { up: async () => { await User.create({ name: 'Ada' }); if (process.env.FAIL) throw new Error('no'); }, down: async () => {} };`,
  );
  const seed = (env: Record<string, string>): ReturnType<typeof runKeel> =>
    runKeel(['db:seed:all', '--rows', 'Post=5', '--url', database.url], {
      cwd: folder,
      env: { DATABASE_URL: database.url, ...env },
    });
  expect((await seed({ FAIL: '1' })).code).toBe(1);
  expect(await sql('SELECT 1 FROM users')).toEqual([]);
  expect(await seed({})).toMatchObject({ code: 0 });
  expect(await sql('SELECT name FROM users')).toEqual([{ name: 'Ada' }]);
  expect(await sql('SELECT count(*)::int AS n FROM posts')).toEqual([{ n: 5 }]);
});

test("this repository's seed command makes bulk data of the associations after the seeders", async () => {
  await sql('DROP TABLE posts, users');
  const here = (...args: string[]): ReturnType<typeof runKeel> =>
    runKeel(args, { cwd: REPOSITORY, env: { DATABASE_URL: database.url } });
  expect((await here('db:setup')).code).toBe(0);
  const seeded = await here('db:seed:all', '--rows', '20000', '--json');
  expect([seeded.code, JSON.parse(seeded.stdout)]).toMatchObject([
    0,
    { seeders: { files: [], pending: 0 }, bulk: { tables: { length: 6 } } },
  ]);
  const [counts] = await sql(`SELECT
    (SELECT count(*)::int FROM users) AS users, (SELECT count(*)::int FROM profiles) AS profiles,
    (SELECT count(DISTINCT "userId")::int FROM profiles) AS "usersWithProfile",
    (SELECT count(*)::int FROM posts) AS posts, (SELECT count(*)::int FROM posts p JOIN users u ON u.id = p."userId") AS "postsOfUsers",
    (SELECT count(*)::int FROM students) AS students, (SELECT count(*)::int FROM courses) AS courses,
    (SELECT array[min(n), max(n)]::int[] FROM (SELECT count(*) AS n FROM "StudentCourses" GROUP BY "studentId") AS d) AS "coursesEach"`);
  // Three of each, and two courses or one for each student, are the seeders'.
  expect(counts).toEqual({
    users: 200 + 3,
    profiles: 180 + 3,
    usersWithProfile: 180 + 3,
    posts: 20_000 + 3,
    postsOfUsers: 20_000 + 3,
    students: 100 + 3,
    courses: 8 + 3,
    coursesEach: [1, 6],
  });
  // Zipf: the r-th largest has 1/r of the largest one's posts.
  const degrees = await sql<{ n: number }>(
    'SELECT count(*)::int AS n FROM posts GROUP BY "userId" ORDER BY n DESC LIMIT 10',
  );
  expect(degrees[0]!.n / degrees[1]!.n).toBeCloseTo(2, 0);
  expect(degrees[0]!.n / degrees[9]!.n).toBeGreaterThan(8);
  // What is impossible whatever the seeders add is refused before they run; the rest says that they have run.
  for (const [rows, said] of [
    ['Nobody=5', /^ERROR: Nobody is not a model; .*\nNothing was written\.$/m],
    ['Course=1', /The seeders have run\. Bulk data: Nothing was written\./],
  ] as const) {
    const wrong = await here('db:seed:all', '--rows', rows);
    expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringMatching(said)]);
  }
  await here('db:seed:bulk:undo');
  const small = await here('db:seed:bulk', '--rows', '1000', '--json');
  const { tables } = JSON.parse(small.stdout) as { tables: { model: string; written: number }[] };
  // In proportion it were less than half a course.
  expect(tables.map(({ model, written }) => [model, written])).toEqual(
    expect.arrayContaining([
      ['Post', 1000],
      ['Course', 1],
      ['StudentCourses', 5],
    ]),
  );
});
