import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { Client } from 'pg';
import { listObjects } from '../packages/keel/test/support/catalog';
import { cleanEnvironment } from '../packages/keel/test/support/cli';
import { createMigratedModels } from '../packages/keel/test/support/migrated-models';
import type { MigratedModels } from '../packages/keel/test/support/migrated-models';

const root = path.join(__dirname, '..', '..');
const outputs = {
  'one-to-one': `\
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
`,
  'one-to-many': `\
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
`,
  'many-to-many': `\
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
`,
};

let db: MigratedModels;

beforeAll(async () => {
  db = await createMigratedModels();
});

afterAll(() => db.drop());

function start(...args: string[]) {
  const child = spawn(process.execPath, ['-r', 'ts-node/register/transpile-only', ...args], {
    cwd: root,
    env: { ...cleanEnvironment(), DATABASE_URL: db.url },
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  const ended = once(child, 'close').then(([code]: (number | null)[]) => ({ ...output, code }));
  return { child, ended };
}

/** Runs a program of a line or two on a scratch database, whose name it prints. */
function startProgram(body: string) {
  return start(
    '-e',
    `require('./examples/scratch-database').runExamples(async ({ database }) => {
       console.log(database);
       ${body}
     })`,
  );
}

const hang = 'await new Promise((resolve) => setTimeout(resolve, 60_000));';

/** The first line that a hanging program prints. */
async function printedName(child: ChildProcessWithoutNullStreams): Promise<string> {
  const [line] = (await once(child.stdout, 'data')) as [string];
  return line.trim();
}

async function databaseExists(name: string): Promise<boolean> {
  const [rows] = await db.sequelize.query('SELECT FROM pg_database WHERE datname = $1', {
    bind: [name],
  });
  return rows.length > 0;
}

test.each(Object.entries(outputs))('%s prints its result', async (name, stdout) => {
  expect(await start(`examples/${name}.ts`).ended).toEqual({ stdout, stderr: '', code: 0 });
});

test('all of them, one after the other, leave the migrated database alone', async () => {
  const client = new Client({ connectionString: db.url });
  await client.connect();
  try {
    const user = await db.User.create({ name: 'Here before' });
    const before = await listObjects(client);
    const { stdout, code } = await start('examples/all.ts').ended;
    expect(stdout).toBe(Object.values(outputs).join(''));
    expect(code).toBe(0);
    expect(await listObjects(client)).toEqual(before);
    expect((await user.reload()).name).toBe('Here before');
    expect(await db.User.count()).toBe(1);
  } finally {
    await client.end();
  }
});

test('the scratch database is dropped when the program ends and when it throws', async () => {
  const ended = await startProgram('').ended;
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  expect(ended.stdout).toMatch(/^keel_example_[0-9a-f]{12}\n$/);
  expect(await databaseExists(ended.stdout.trim())).toBe(false);

  const thrown = await startProgram(`throw new Error('on purpose');`).ended;
  expect(thrown.code).toBe(1);
  expect(thrown.stderr).toContain('on purpose');
  expect(await databaseExists(thrown.stdout.trim())).toBe(false);
});

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('the scratch database is dropped on %s', async (signal, code) => {
  const { child, ended } = startProgram(hang);
  const database = await printedName(child);
  expect(await databaseExists(database)).toBe(true);
  child.kill(signal);
  expect(await ended).toMatchObject({ code, stderr: '' });
  expect(await databaseExists(database)).toBe(false);
});

test('what a killed program left behind is dropped by the next one, what another uses is not', async () => {
  const killed = startProgram(hang);
  const left = await printedName(killed.child);
  const other = startProgram(hang);
  const used = await printedName(other.child);
  killed.child.kill('SIGKILL');
  await killed.ended;
  expect(await databaseExists(left)).toBe(true);

  await startProgram('').ended;
  expect(await databaseExists(left)).toBe(false);
  expect(await databaseExists(used)).toBe(true);
  other.child.kill('SIGINT');
  await other.ended;
});
