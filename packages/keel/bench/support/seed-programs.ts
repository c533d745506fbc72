import { createWriteStream, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Client } from 'pg';
import { to as copyTo } from 'pg-copy-streams';

/** The tables that every tool fills: what `sync()` makes of the models below, with keys and indexes. */
export const TABLES_SQL = `
  DROP TABLE IF EXISTS "StudentCourses", courses, students, posts, profiles, users, keel.bulk_chunks, keel.bulk;
  CREATE TABLE users (id serial PRIMARY KEY, name varchar(255));
  CREATE TABLE profiles (id serial PRIMARY KEY, bio varchar(255),
    "userId" integer UNIQUE REFERENCES users ON UPDATE CASCADE ON DELETE SET NULL);
  CREATE TABLE posts (id serial PRIMARY KEY, title varchar(255), content text,
    "userId" integer REFERENCES users ON UPDATE CASCADE ON DELETE SET NULL);
  CREATE INDEX posts_user_id ON posts ("userId");
  CREATE TABLE students (id serial PRIMARY KEY, name varchar(255));
  CREATE TABLE courses (id serial PRIMARY KEY, title varchar(255));
  CREATE TABLE "StudentCourses" (
    "studentId" integer REFERENCES students ON UPDATE CASCADE ON DELETE CASCADE,
    "courseId" integer REFERENCES courses ON UPDATE CASCADE ON DELETE CASCADE,
    PRIMARY KEY ("studentId", "courseId"))`;

/** The tables in the order in which they can be filled. */
const TABLES = ['users', 'profiles', 'posts', 'students', 'courses', '"StudentCourses"'];

const MODELS = `
const { Sequelize, DataTypes } = require('sequelize');
const sequelize = new Sequelize(process.env.DATABASE_URL, { logging: false, define: { timestamps: false } });
const User = sequelize.define('User', { name: DataTypes.STRING }, { tableName: 'users' });
const Profile = sequelize.define('Profile', { bio: DataTypes.STRING }, { tableName: 'profiles' });
const Post = sequelize.define('Post', { title: DataTypes.STRING, content: DataTypes.TEXT }, { tableName: 'posts' });
const Student = sequelize.define('Student', { name: DataTypes.STRING }, { tableName: 'students' });
const Course = sequelize.define('Course', { title: DataTypes.STRING }, { tableName: 'courses' });
User.hasOne(Profile, { foreignKey: 'userId' });
Profile.belongsTo(User, { foreignKey: 'userId' });
User.hasMany(Post, { foreignKey: 'userId' });
Post.belongsTo(User, { foreignKey: 'userId' });
Student.belongsToMany(Course, { through: 'StudentCourses', foreignKey: 'studentId' });
Course.belongsToMany(Student, { through: 'StudentCourses', foreignKey: 'courseId' });
module.exports = { sequelize, User, Profile, Post, Student, Course, StudentCourses: sequelize.models.StudentCourses };
`;

/** Numbers of rows for so many posts, for the programs. */
const COUNTS = `
const posts = Number(process.argv[2]);
const users = posts / 100, students = posts / 100, courses = 100;
`;

const FLOOR = `
const { createReadStream } = require('node:fs');
const { pipeline } = require('node:stream/promises');
const { Client } = require('pg');
const { from } = require('pg-copy-streams');
(async () => {
  const client = new Client({ connectionString: process.env.DATABASE_URL });
  await client.connect();
  for (const [i, table] of ${JSON.stringify(TABLES)}.entries()) {
    await pipeline(createReadStream('rows-' + i + '.txt', { highWaterMark: 65536 }), client.query(from('COPY ' + table + ' FROM STDIN')));
  }
  await client.end();
})();
`;

/** What fills the tables row by row object, by one of Sequelize's ways; the rows cost next to nothing to make. */
const sequelizeProgram = (write: string): string => `${COUNTS}
const { sequelize, ...models } = require('./models');
const content = 'The quiet river carries the small boat along the coast every day. '.repeat(3).slice(0, 160);
async function fill(model, count, row) {
  for (let from = 0; from < count; from += 10000) {
    const rows = Array.from({ length: Math.min(10000, count - from) }, (_, i) => row(from + i));
    ${write}
  }
}
(async () => {
  await fill(models.User, users, (i) => ({ name: 'Ada Number ' + i }));
  await fill(models.Profile, users, (i) => ({ bio: 'The small bio of ' + i, userId: i + 1 }));
  await fill(models.Post, posts, (i) => ({ title: 'The title of ' + i, content, userId: ((i * 7919) % users) + 1 }));
  await fill(models.Student, students, (i) => ({ name: 'Ada Number ' + i }));
  await fill(models.Course, courses, (i) => ({ title: 'Course ' + i }));
  await fill(models.StudentCourses, students * 3, (i) => ({ studentId: Math.floor(i / 3) + 1, courseId: ((i * 31) % courses) + 1 }));
  await sequelize.close();
})();
`;

const DRIZZLE = `${COUNTS}
const { pgTable, serial, integer, varchar, text, primaryKey } = require('drizzle-orm/pg-core');
const { drizzle } = require('drizzle-orm/node-postgres');
const { seed } = require('drizzle-seed');
const pg = require('pg');
const schema = {
  users: pgTable('users', { id: serial().primaryKey(), name: varchar({ length: 255 }) }),
  profiles: pgTable('profiles', { id: serial().primaryKey(), bio: varchar({ length: 255 }), userId: integer().unique().references(() => schema.users.id) }),
  posts: pgTable('posts', { id: serial().primaryKey(), title: varchar({ length: 255 }), content: text(), userId: integer().references(() => schema.users.id) }),
  students: pgTable('students', { id: serial().primaryKey(), name: varchar({ length: 255 }) }),
  courses: pgTable('courses', { id: serial().primaryKey(), title: varchar({ length: 255 }) }),
  junction: pgTable('StudentCourses', { studentId: integer().references(() => schema.students.id), courseId: integer().references(() => schema.courses.id) }, (t) => [primaryKey({ columns: [t.studentId, t.courseId] })]),
};
(async () => {
  const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL });
  const db = drizzle(pool);
  // It draws both ends of a junction by themselves, so that pairs would clash: the junction is left out.
  const { junction, ...tables } = schema;
  await seed(db, tables).refine((f) => ({
    users: { count: users, columns: { name: f.fullName() } },
    profiles: { count: users, columns: { bio: f.loremIpsum({ sentencesCount: 1 }), userId: f.int({ minValue: 1, maxValue: users, isUnique: true }) } },
    posts: { count: posts, columns: { title: f.companyName(), content: f.loremIpsum({ sentencesCount: 3 }) } },
    students: { count: students, columns: { name: f.fullName() } },
    courses: { count: courses, columns: { title: f.companyName() } },
  }));
  await pool.end();
})().catch((error) => { console.error(error); process.exit(1); });
`;

/** Writes the programs, and a project for keel, into a folder. */
export function writePrograms(folder: string): void {
  mkdirSync(path.join(folder, 'models'), { recursive: true });
  writeFileSync(path.join(folder, 'package.json'), '{ "name": "bench-project" }');
  writeFileSync(path.join(folder, 'models', 'index.js'), MODELS);
  writeFileSync(path.join(folder, 'floor.js'), FLOOR);
  writeFileSync(
    path.join(folder, 'bulk-create.js'),
    sequelizeProgram('await model.bulkCreate(rows);'),
  );
  writeFileSync(
    path.join(folder, 'bulk-insert.js'),
    sequelizeProgram('await sequelize.getQueryInterface().bulkInsert(model.getTableName(), rows);'),
  );
  writeFileSync(path.join(folder, 'drizzle.js'), DRIZZLE);
}

/** The command line of keel that makes so many posts and what belongs to them. */
export function bulkArguments(posts: number, url: string): string[] {
  const rows = {
    User: posts / 100,
    Post: posts,
    Student: posts / 100,
    Course: 100,
    StudentCourses: (posts / 100) * 3,
  };
  const flags = Object.entries(rows).flatMap(([model, count]) => ['--rows', `${model}=${count}`]);
  return ['db:seed:bulk', '--url', url, ...flags];
}

/** Writes the tables' rows into the files that the program of the floor reads. */
export async function writeRows(client: Client, folder: string): Promise<void> {
  for (const [i, table] of TABLES.entries()) {
    const file = createWriteStream(path.join(folder, `rows-${i}.txt`));
    await pipeline(client.query(copyTo(`COPY ${table} TO STDOUT`)), file);
  }
}
