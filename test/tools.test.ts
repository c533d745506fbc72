import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { createKeel } from 'sequelize-keel';
import { createTestDatabase } from 'sequelize-keel/testing';
import type { TestDatabase } from 'sequelize-keel/testing';
import type { QueryInterface } from 'sequelize';
import { SequelizeStorage, Umzug } from 'umzug';
import { defineModels } from '../models';

const run = promisify(execFile);
let database: TestDatabase;

beforeEach(async () => {
  database = await createTestDatabase({ migrate: false });
});

afterEach(() => database.drop());

const tools = {
  keel: require.resolve('sequelize-keel/package.json').replace('package.json', 'bin/keel.js'),
  'sequelize-cli': require.resolve('sequelize-cli/lib/sequelize'),
};

const migrations = [
  '20250101000001-create-users.ts',
  '20250101000002-create-profiles.ts',
  '20250101000003-create-posts.ts',
  '20250101000004-create-students.ts',
  '20250101000005-create-courses.ts',
  '20250101000006-create-student-courses.ts',
];

/** Runs a command of a tool on the test's database, and returns what it prints. */
async function command(tool: keyof typeof tools, ...args: string[]): Promise<string> {
  const env = { ...process.env, NODE_ENV: 'development', DATABASE_URL: database.url };
  const { stdout, stderr } = await run(process.execPath, [tools[tool], ...args], { env });
  expect(stderr).toBe('');
  return stdout;
}

/** The lines of a status that say up or down. */
function linesOf(status: string): string[] {
  return status.split('\n').filter((line) => /^(up|down) /.test(line));
}

async function readTables(): Promise<string[]> {
  const schema = await database.schema();
  return schema.tables.map(({ name }) => name);
}

test('keel and sequelize-cli go on from where the other stopped', async () => {
  const up = migrations.map((name) => `up ${name}`);
  await command('keel', 'db:migrate');
  expect(linesOf(await command('sequelize-cli', 'db:migrate:status'))).toEqual(up);
  await command('sequelize-cli', 'db:migrate:undo');
  expect(linesOf(await command('keel', 'db:migrate:status'))).toEqual([
    ...up.slice(0, 5),
    `down ${migrations[5]}`,
  ]);
  await command('sequelize-cli', 'db:migrate');
  expect(linesOf(await command('keel', 'db:migrate:status'))).toEqual(up);

  await command('sequelize-cli', 'db:seed', '--seed', '20250101000001-users.ts');
  await command('keel', 'db:seed:all');
  expect(await command('sequelize-cli', 'db:seed:all')).toContain('No seeders found.');
  const { User } = defineModels(database.sequelize());
  expect((await User.create({ name: 'Zoe' })).id).toBe(4);
  await command('sequelize-cli', 'db:seed:undo:all');
  expect(await User.count()).toBe(1);

  await command('keel', 'db:migrate:undo', '--step', '3');
  await command('sequelize-cli', 'db:migrate:undo:all');
  expect(await readTables()).toEqual([]);
});

test('Umzug runs the migrations by itself, and keel finds them applied', async () => {
  const sequelize = database.sequelize();
  const umzug = new Umzug({
    migrations: {
      glob: 'migrations/*.ts',
      resolve: ({ name, path: file = '', context }) => {
        const migration = jest.requireActual<Migration>(file);
        return { name, up: () => migration.up(context), down: () => migration.down(context) };
      },
    },
    context: sequelize.getQueryInterface(),
    storage: new SequelizeStorage({ sequelize }),
    logger: undefined,
  });

  expect((await umzug.up()).map(({ name }) => name)).toEqual(migrations);
  await expect(database).toMatchModels();
  const { host, port, database: name } = database.project.connection;
  const keel = await createKeel({ connection: { host, port, database: name } });
  expect(await keel.status()).toMatchObject({ pending: 0, missing: 0 });

  await keel.undo({ step: 2 });
  expect((await umzug.down({ to: 0 })).map(({ name }) => name)).toEqual(
    migrations.slice(0, 4).reverse(),
  );
  expect(await readTables()).toEqual([]);
});

interface Migration {
  up(queryInterface: QueryInterface): Promise<void>;
  down(queryInterface: QueryInterface): Promise<void>;
}

test('the picture in the README is the one that keel draws', async () => {
  const picture = await readFile('.github/schema.svg', 'utf8');
  // To draw it anew: npm run page -- --format svg --output .github/schema.svg
  expect(await command('keel', 'schema:page', '--format', 'svg')).toBe(picture);
});

test('production without DATABASE_URL is an error that says so, under both tools', async () => {
  for (const tool of [tools.keel, tools['sequelize-cli']]) {
    const env = { ...process.env, DATABASE_URL: '' };
    const args = [tool, 'db:migrate:status', '--env', 'production'];
    await expect(run(process.execPath, args, { env })).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('The environment variable DATABASE_URL is not set.'),
    });
  }
});
