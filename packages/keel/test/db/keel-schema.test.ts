import { Client } from 'pg';
import { CREATE_KEEL_SCHEMA, findKeelTable, holdsKeelOnly } from '../../src/db/keel-schema';
import { readSchema } from '../../src/schema/read-schema';
import { createDatabase, type TestDatabase } from '../support/database';

let database: TestDatabase;
let client: Client;

beforeEach(async () => {
  database = await createDatabase();
  client = await connect();
});

afterEach(async () => {
  await client.end();
  await database.drop();
});

async function connect(): Promise<Client> {
  const made = new Client({ connectionString: database.url });
  await made.connect();
  return made;
}

const tables = async (): Promise<string[]> =>
  (await readSchema(client)).tables.map(({ schema, name }) => `${schema}.${name}`);

test('is made once by many at the same moment', async () => {
  const clients = await Promise.all(Array.from({ length: 8 }, connect));
  await Promise.all(clients.map((other) => other.query(CREATE_KEEL_SCHEMA)));
  await Promise.all(clients.map((other) => other.end()));
  expect(await findKeelTable(client, 'history', undefined)).toMatchObject({
    table: '"keel"."history"',
    exists: false,
    inKeelSchema: true,
  });
});

test('is no part of what a project has, but what the project puts into it is', async () => {
  await client.query(`${CREATE_KEEL_SCHEMA}; CREATE TABLE keel.history (id int PRIMARY KEY);
    CREATE TABLE public.keel_bulk (id int); CREATE TABLE public.keel_of_a_ship (id int)`);
  expect(await tables()).toEqual(['public.keel_of_a_ship']);
  expect((await readSchema(client)).namespaces).toEqual([]);
  await client.query('CREATE TABLE keel.things (id int)');
  expect(await tables()).toEqual(['keel.things', 'public.keel_of_a_ship']);
  expect((await readSchema(client)).namespaces).toEqual(['keel']);
});

test('a function alone makes the schema one of the project', async () => {
  await client.query(CREATE_KEEL_SCHEMA);
  const holds = `SELECT ${holdsKeelOnly('n')} AS only FROM pg_namespace n WHERE nspname = 'keel'`;
  expect((await client.query<{ only: boolean }>(holds)).rows).toEqual([{ only: true }]);
  await client.query('CREATE FUNCTION keel.one() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$');
  expect((await client.query<{ only: boolean }>(holds)).rows).toEqual([{ only: false }]);
});

test("is not claimed where it is the project's own", async () => {
  await client.query('CREATE SCHEMA keel; CREATE TABLE keel.history (id int)');
  await client.query(CREATE_KEEL_SCHEMA);
  expect(await tables()).toEqual(['keel.history']);
  expect(await findKeelTable(client, 'history', undefined)).toEqual({
    table: '"public"."keel_history"',
    exists: false,
    inKeelSchema: false,
    own: undefined,
    beside: undefined,
    besideSchema: 'public',
  });
});

test('is looked for with no right but to connect, and only used where the role may', async () => {
  const role = `keel_role_${process.pid}`;
  await client.query(`CREATE ROLE ${role}; CREATE SCHEMA app; GRANT ALL ON SCHEMA app TO ${role};
    ${CREATE_KEEL_SCHEMA}; CREATE TABLE keel.history (id int); CREATE TABLE app.keel_history (id int);
    REVOKE ALL ON SCHEMA keel FROM PUBLIC; GRANT ALL ON app.keel_history TO ${role}; SET ROLE ${role}`);
  try {
    expect(await findKeelTable(client, 'history', 'app')).toEqual({
      table: '"app"."keel_history"',
      exists: true,
      inKeelSchema: false,
      own: undefined,
      beside: '"app"."keel_history"',
      besideSchema: 'app',
    });
    await client.query(`RESET ROLE; GRANT USAGE ON SCHEMA keel TO ${role};
      GRANT SELECT, INSERT ON keel.history TO ${role}; SET ROLE ${role}`);
    expect(await findKeelTable(client, 'history', 'app')).toMatchObject({
      table: '"keel"."history"',
      own: '"keel"."history"',
      beside: '"app"."keel_history"',
    });
  } finally {
    await client.query(`RESET ROLE; DROP OWNED BY ${role}; DROP ROLE ${role}`);
  }
});
