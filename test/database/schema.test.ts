import { Client } from 'pg';
import { Sequelize } from 'sequelize';
import { defineModels } from '../../models/define-models';
import { describeTables, listObjects } from '../support/catalog';
import type { TableDescription } from '../support/catalog';
import { createDatabase } from '../support/database';
import type { TestDatabase } from '../support/database';
import { readMigrationFiles } from '../support/migration-files';

const timestamps = {
  createdAt: 'timestamp with time zone NOT NULL',
  updatedAt: 'timestamp with time zone NOT NULL',
};

/** A table with a generated `id`, `createdAt` and `updatedAt`, and what it has besides them. */
function tableWithId(
  name: string,
  columns: TableDescription['columns'],
  more: Partial<TableDescription> = {},
): TableDescription {
  return {
    columns: {
      id: `integer NOT NULL DEFAULT nextval('${name}_id_seq'::regclass)`,
      ...columns,
      ...timestamps,
    },
    constraints: { [`${name}_pkey`]: 'PRIMARY KEY (id)', ...more.constraints },
    indexes: {
      [`${name}_pkey`]: `CREATE UNIQUE INDEX ${name}_pkey ON public.${name} USING btree (id)`,
      ...more.indexes,
    },
    sequences: { [`${name}_id_seq`]: 'id' },
  };
}

/** The tables in the order of their migrations. */
const expected: readonly (readonly [string, TableDescription])[] = [
  ['users', tableWithId('users', { name: 'character varying(255)' })],
  [
    'profiles',
    tableWithId(
      'profiles',
      { bio: 'character varying(255)', userId: 'integer' },
      {
        constraints: {
          profiles_userId_key: 'UNIQUE ("userId")',
          profiles_userId_fkey:
            'FOREIGN KEY ("userId") REFERENCES users(id) ON UPDATE CASCADE ON DELETE SET NULL',
        },
        indexes: {
          profiles_userId_key:
            'CREATE UNIQUE INDEX "profiles_userId_key" ON public.profiles USING btree ("userId")',
        },
      },
    ),
  ],
  [
    'posts',
    tableWithId(
      'posts',
      { title: 'character varying(255)', content: 'text', userId: 'integer' },
      {
        constraints: {
          posts_userId_fkey:
            'FOREIGN KEY ("userId") REFERENCES users(id) ON UPDATE CASCADE ON DELETE SET NULL',
        },
        indexes: {
          posts_user_id: 'CREATE INDEX posts_user_id ON public.posts USING btree ("userId")',
        },
      },
    ),
  ],
  ['students', tableWithId('students', { name: 'character varying(255)' })],
  ['courses', tableWithId('courses', { title: 'character varying(255)' })],
  [
    'StudentCourses',
    {
      columns: { ...timestamps, studentId: 'integer NOT NULL', courseId: 'integer NOT NULL' },
      constraints: {
        StudentCourses_pkey: 'PRIMARY KEY ("studentId", "courseId")',
        StudentCourses_studentId_fkey:
          'FOREIGN KEY ("studentId") REFERENCES students(id) ON UPDATE CASCADE ON DELETE CASCADE',
        StudentCourses_courseId_fkey:
          'FOREIGN KEY ("courseId") REFERENCES courses(id) ON UPDATE CASCADE ON DELETE CASCADE',
      },
      indexes: {
        StudentCourses_pkey:
          'CREATE UNIQUE INDEX "StudentCourses_pkey" ON public."StudentCourses" ' +
          'USING btree ("studentId", "courseId")',
      },
      sequences: {},
    },
  ],
];

const migrations = readMigrationFiles('migrations');
let database: TestDatabase;
let client: Client;
let sequelize: Sequelize;

beforeEach(async () => {
  database = await createDatabase();
  sequelize = new Sequelize(database.url, { logging: false });
  client = new Client({ connectionString: database.url });
  await client.connect();
});

afterEach(async () => {
  await sequelize.close();
  await client.end();
  await database.drop();
});

test('each migration builds its one table', async () => {
  expect(migrations).toHaveLength(expected.length);
  for (const [index, migration] of migrations.entries()) {
    await migration.up(sequelize);
    expect(await describeTables(client)).toEqual(Object.fromEntries(expected.slice(0, index + 1)));
  }
});

test('the columns are in the order of the models', async () => {
  for (const migration of migrations) await migration.up(sequelize);
  const tables = await describeTables(client);
  for (const [name, { columns }] of expected) {
    expect(Object.keys(tables[name]?.columns ?? {})).toEqual(Object.keys(columns));
  }
});

test('each step up, undone and taken again, leaves what it did not make as it was', async () => {
  for (const migration of migrations) {
    const before = await listObjects(client);
    await migration.up(sequelize);
    const after = await listObjects(client);
    await migration.down(sequelize);
    expect(await listObjects(client)).toEqual(before);
    await migration.up(sequelize);
    expect(await listObjects(client)).toEqual(after);
  }
});

test('undoing all leaves exactly what was there before, step by step', async () => {
  await client.query(`
    CREATE TYPE mood AS ENUM ('calm', 'curious');
    CREATE TABLE notes (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, mood mood);
    CREATE FUNCTION answer() RETURNS integer LANGUAGE sql AS 'SELECT 42'`);
  const before = await listObjects(client);
  const states = [before];
  for (const migration of migrations) {
    await migration.up(sequelize);
    states.push(await listObjects(client));
  }
  for (const migration of [...migrations].reverse()) {
    expect(await listObjects(client)).toEqual(states.pop());
    await migration.down(sequelize);
  }
  expect(await listObjects(client)).toEqual(before);
});

test('the migrations and sync({ force: true }) build the same, object by object', async () => {
  for (const migration of migrations) await migration.up(sequelize);
  const tables = await describeTables(client);
  const objects = await listObjects(client);
  for (const migration of [...migrations].reverse()) await migration.down(sequelize);

  defineModels(sequelize);
  await sequelize.sync({ force: true });

  expect(await describeTables(client)).toEqual(tables);
  expect(await listObjects(client)).toEqual(objects);
});
