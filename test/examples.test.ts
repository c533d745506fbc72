import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { createTestDatabase } from 'sequelize-keel/testing';
import type { TestDatabase } from 'sequelize-keel/testing';
import { defineModels } from '../models';

const run = promisify(execFile);
let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(() => database.drop());

/** What an example prints, as `npm run demo` runs it. */
async function runExample(name: string): Promise<string> {
  // The examples have a database of their own on the server of DATABASE_URL.
  const env = { ...process.env, DATABASE_URL: database.url };
  const keel = require
    .resolve('sequelize-keel/package.json')
    .replace('package.json', 'bin/keel.js');
  await run(process.execPath, [keel, 'db:create', '--if-not-exists', '--env', 'examples'], { env });
  const program = ['-r', 'ts-node/register', `examples/${name}.ts`];
  const { stdout, stderr } = await run(process.execPath, program, { env });
  expect(stderr).toBe('');
  return stdout;
}

test('one to one', async () => {
  expect(await runExample('one-to-one')).toBe(`\
One-to-one: a user and their profile
Alice: Writes about databases
{
  "id": 1,
  "name": "Alice",
  "Profile": {
    "id": 1,
    "bio": "Writes about databases",
    "userId": 1
  }
}
`);
});

test('one to many', async () => {
  expect(await runExample('one-to-many')).toBe(`\
One-to-many: a user and all their posts
{
  "id": 1,
  "name": "Alice",
  "Posts": [
    {
      "id": 1,
      "title": "Hello",
      "content": "My first post.",
      "userId": 1
    },
    {
      "id": 2,
      "title": "Associations",
      "content": "A user has many posts.",
      "userId": 1
    }
  ]
}
`);
});

test('many to many', async () => {
  expect(await runExample('many-to-many')).toBe(`\
Many-to-many: students and their courses
[
  {
    "id": 1,
    "name": "Dana",
    "Courses": [
      {
        "id": 1,
        "title": "Databases"
      },
      {
        "id": 2,
        "title": "History"
      }
    ]
  },
  {
    "id": 2,
    "name": "Emil",
    "Courses": [
      {
        "id": 1,
        "title": "Databases"
      }
    ]
  }
]
In Databases: Dana, Emil
`);
});

test('the rows of the application are left alone', async () => {
  const { User } = defineModels(database.sequelize());
  const user = await User.create({ name: 'Here before' });
  await runExample('one-to-one');
  expect((await user.reload()).name).toBe('Here before');
  expect(await User.count()).toBe(1);
});
