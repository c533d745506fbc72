import { Client } from 'pg';
import pg from 'pg';
import { createDatabase, dropDatabase, openMaintenance, withMaintenance } from '../../src/db/admin';
import type { Connection } from '../../src/db/connection';
import {
  dropLeftovers,
  dropTemplates,
  noteUse,
  ownDatabases,
  templatePrefix,
} from '../../src/db/keel-databases';
import { startTemporaryServer, type TemporaryServer } from '../../src/embedded/temporary-server';
import { PACKAGE } from '../support/paths';

let server: TemporaryServer;
const clients: Client[] = [];

const connectionTo = (database: string, user = server.user): Connection => ({
  ...{ host: server.host, port: server.port, database, user },
  password: user === server.user ? server.password : 'x',
  ssl: undefined,
  options: {},
});

async function connect(database = 'postgres', user = server.user): Promise<Client> {
  const { host, port, password } = connectionTo(database, user);
  const client = new Client({ host, port, database, user, password });
  client.on('error', () => undefined);
  await client.connect();
  clients.push(client);
  return client;
}

async function listDatabases(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT datname AS name FROM pg_database WHERE datname LIKE 'keel%' ORDER BY 1`,
  );
  return rows.map(({ name }) => name);
}

// The tests change who may connect to which database.
beforeAll(async () => {
  server = await startTemporaryServer({ root: PACKAGE });
});

afterAll(async () => {
  await Promise.all(clients.map((client) => client.end()));
  await server.stop();
});

test('a temporary database lives as long as its owner, and no longer', async () => {
  const client = await connect();
  const make = async (name: string): Promise<string> => {
    await client.query(`CREATE DATABASE ${name}`);
    return name;
  };
  // The sign of life is seen from another database than the owner's.
  await make('elsewhere');
  const owner = await connect('elsewhere');
  const crashed = await connect();
  const nameOf = await ownDatabases(owner, 'scratch');
  const living = [await make(nameOf(0)), await make(nameOf(11))];
  const left = [
    await make((await ownDatabases(crashed, 'kit'))(0)),
    await make('keel_scratch_abc_1_def_0'),
    await make('keel_kit_mb4vz0a1_77_0123abcd'),
  ];
  const others = [await make('keel_kit_mine'), await make('keel_scratchpad'), await make('keel')];

  // A session that still uses one is not ended: the owner may be gone and its tests not.
  const user = await connect(left[1]);
  await dropLeftovers(client);
  expect(await listDatabases(client)).toEqual([...living, left[0], left[1], ...others].sort());
  const { rows } = await crashed.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  await client.query('SELECT pg_terminate_backend($1, 5000)', [rows[0]?.pid]);
  await dropLeftovers(client);
  expect(await listDatabases(client)).toEqual([...living, left[1], ...others].sort());
  await user.end();
  await owner.end();
  // The server notices both ends a little later.
  for (
    let tries = 50;
    tries > 0 && (await listDatabases(client)).length > others.length;
    tries -= 1
  )
    await dropLeftovers(client);
  expect(await listDatabases(client)).toEqual([...others].sort());
  for (const name of others) await client.query(`DROP DATABASE ${name}`);
});

test('a template goes after a week without use, or with its project', async () => {
  const client = await connect();
  const [mine, other] = [templatePrefix('/mine'), templatePrefix('/other')];
  const names = [`${mine}new`, `${mine}old`, `${other}fresh`, `${other}unknown`];
  for (const name of names) await client.query(`CREATE DATABASE ${name}`);
  const comment = (name: string | undefined, text: string): Promise<unknown> =>
    client.query(`COMMENT ON DATABASE ${String(name)} IS '${text}'`);
  const daysAgo = (days: number): string =>
    new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);
  await noteUse(client, names[0] ?? '');
  await comment(names[1], `sequelize-keel, last used ${daysAgo(9)}`);
  await comment(names[2], `sequelize-keel, last used ${daysAgo(6)}`);
  await dropLeftovers(client);
  await dropLeftovers(client);
  expect(await listDatabases(client)).toEqual([names[0], names[2], names[3]].sort());
  // The one that said nothing has begun its week.
  await comment(names[3], `sequelize-keel, last used ${daysAgo(8)}`);
  await noteUse(client, names[2] ?? '');
  await dropLeftovers(client);
  expect(await listDatabases(client)).toEqual([names[0], names[2]].sort());
  expect(await dropTemplates(client, '/other', names[2])).toBe(0);
  expect(await dropTemplates(client, '/mine')).toBe(1);
  expect(await listDatabases(client)).toEqual([names[2]]);
  await client.query(`DROP DATABASE ${String(names[2])}`);
});

test('databases are made and dropped where a role is let into none of the usual ones', async () => {
  const client = await connect();
  const where = (connection: Connection): Promise<string | undefined> =>
    withMaintenance(connection, { pg }, async (maintenance) => {
      const { rows } = await maintenance.query<{ name: string }>(
        'SELECT current_database() AS name',
      );
      return rows[0]?.name;
    });
  await client.query(`CREATE ROLE app LOGIN CREATEDB PASSWORD 'x'; `);
  await client.query('CREATE DATABASE app OWNER app');
  expect(await where(connectionTo('app', 'app'))).toBe('postgres');
  await client.query('REVOKE CONNECT ON DATABASE postgres FROM PUBLIC');
  expect(await where(connectionTo('app', 'app'))).toBe('app');
  expect(await where(connectionTo('gone', 'app'))).toBe('template1');
  await client.query('ALTER DATABASE template1 ALLOW_CONNECTIONS false');
  expect(await where(connectionTo('app', 'app'))).toBe('app');
  expect(await where(connectionTo('app'))).toBe('postgres');

  const fresh = connectionTo('fresh', 'app');
  await expect(createDatabase(fresh, {}, { pg })).rejects.toMatchObject({
    message: expect.stringMatching(/permission denied for database "postgres"/),
  });
  await client.query('ALTER DATABASE template1 ALLOW_CONNECTIONS true');
  expect(await createDatabase(fresh, {}, { pg })).toBe(true);
  expect(await createDatabase(fresh, {}, { pg })).toBe(false);
  expect(await dropDatabase(fresh, { force: false }, { pg })).toBe(true);
  expect(await dropDatabase(fresh, { force: false }, { pg })).toBe(false);
  await expect(openMaintenance({ ...fresh, password: 'wrong' }, { pg })).rejects.toMatchObject({
    code: 'LOGIN_REFUSED',
  });
});
