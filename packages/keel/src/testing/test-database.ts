import { createHash, randomBytes } from 'node:crypto';
import type pg from 'pg';
import type { Sequelize } from 'sequelize';
import { ReplayCache } from '../scratch/replay-cache';
import { readProjectSchema } from '../scratch/replay';
import { readPassword } from '../db/connection';
import { connectionUrl } from '../db/connection-url';
import { quoteIdentifier, quoteLiteral } from '../db/quote';
import { KeelError } from '../errors';
import type { ProjectFlags } from '../project/project-flags';
import { readProject, withConnection } from '../project/read-project';
import { createSequelize } from '../project/load-sequelize';
import { withServer } from '../project/with-server';
import type { Project } from '../project/project';
import { openProjectClient, withProjectClient } from '../project/with-project-client';
import { run } from '../runner/run';
import type { Schema } from '../schema/schema';

/** Which project, and where its databases are made. */
export interface TestDatabaseOptions extends ProjectFlags {
  /** False for an empty database. */
  readonly migrate?: boolean;
}

/** A database of a test suite's own. */
export interface TestDatabase {
  readonly url: string;
  /** The project, pointed at this database. */
  readonly project: Project;
  /** What the database is made of, in PostgreSQL's normal form, without the ledgers. */
  schema(): Promise<Schema>;
  /** A connection; closed by {@link TestDatabase.drop}. */
  connect(): Promise<pg.Client>;
  /** A Sequelize instance of the project's own copy; closed by {@link TestDatabase.drop}. */
  sequelize(): Sequelize;
  /** Closes every connection and drops the database. */
  drop(): Promise<void>;
}

const templatePrefix = 'keel_template_';
const databasePrefix = 'keel_kit_';

/** The name of a database of ours, with the time at which it was made; no other name is ever dropped. */
const databaseName = /^keel_kit_([0-9a-z]{8,9})_\d+_[0-9a-f]{8}$/;

/**
 * Makes a database with the project's migrations applied: a clone of a template that is made once for the
 * same migrations and used by every suite and every run. On the embedded server where the config asks for
 * it, else on the server of the config or of `url`, whose role needs CREATEDB.
 *
 * @throws KeelError where the project cannot be read or a migration fails
 * @example
 * let database: TestDatabase;
 * beforeAll(async () => { database = await createTestDatabase(); });
 * afterAll(() => database.drop());
 */
export async function createTestDatabase(options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const { migrate = true, ...flags } = options;
  const project = await withServer(await readProject(flags), { database: false });
  const name = `${databasePrefix}${Date.now().toString(36)}_${process.pid}_${randomBytes(4).toString('hex')}`;
  await withMaintenance(project, async (client) => {
    const template = migrate ? await ensureTemplate(project, client) : 'template0';
    await client.query(
      `CREATE DATABASE ${quoteIdentifier(name)} TEMPLATE ${quoteIdentifier(template)}`,
    );
    await client.query(`ALTER DATABASE ${quoteIdentifier(name)} SET synchronous_commit = off`);
  });
  return openDatabase(withConnection(project, { database: name }), name);
}

async function openDatabase(project: Project, name: string): Promise<TestDatabase> {
  const password = await readPassword(project.connection);
  const clients: pg.Client[] = [];
  const instances: Sequelize[] = [];
  return {
    url: connectionUrl({ ...project.connection, password }, { password: true }),
    project,
    schema: () => readProjectSchema(project),
    connect: async () => {
      const client = await openProjectClient(project);
      clients.push(client);
      return client;
    },
    sequelize: () => {
      const instance = createSequelize(project);
      instances.push(instance);
      return instance;
    },
    drop: async () => {
      await Promise.all(instances.map((instance) => instance.close()));
      await Promise.all(clients.map((client) => client.end().catch(() => undefined)));
      await withMaintenance(project, (client) => dropDatabase(client, name));
    },
  };
}

async function withMaintenance<T>(
  project: Project,
  use: (client: pg.Client) => Promise<T>,
): Promise<T> {
  return withProjectClient(withConnection(project, { database: 'postgres' }), use, {
    applicationName: 'keel test kit',
  });
}

/** The template of the project's migrations as they are now; made by the first of several workers. */
async function ensureTemplate(project: Project, client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ version: string }>(`SHOW server_version`);
  const cache = await ReplayCache.open(project, {
    serverVersion: rows[0]?.version ?? '',
    surroundings: undefined,
  });
  const owner = createHash('sha256').update(project.paths.root).digest('hex').slice(0, 12);
  const name = `${templatePrefix}${owner}_${cache.key.slice(0, 20)}`;
  if (await exists(client, name)) return name;
  const lock = `hashtext(${quoteLiteral(`${templatePrefix}${owner}`)})`;
  await client.query(`SELECT pg_advisory_lock(${lock})`);
  try {
    if (!(await exists(client, name))) await makeTemplate(project, client, name);
    await dropStale(client, `${templatePrefix}${owner}_`, name);
  } finally {
    await client.query(`SELECT pg_advisory_unlock(${lock})`);
  }
  return name;
}

async function exists(client: pg.Client, name: string): Promise<boolean> {
  const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [name]);
  return rowCount === 1;
}

/** Under another name until it is complete, so that nobody clones half of one. */
async function makeTemplate(project: Project, client: pg.Client, name: string): Promise<void> {
  const building = `${name}_new`;
  await dropDatabase(client, building);
  await client.query(`CREATE DATABASE ${quoteIdentifier(building)} TEMPLATE template0`);
  const target = withConnection(project, { database: building });
  await run(
    { ...target, standsFor: project.connection },
    { kind: 'migration', direction: 'up' },
    { exclusive: false },
  );
  await client.query(
    `ALTER DATABASE ${quoteIdentifier(building)} RENAME TO ${quoteIdentifier(name)}`,
  );
}

/** Templates of migrations that have changed since, and databases of runs that were killed an hour ago or more. */
async function dropStale(client: pg.Client, prefix: string, current: string): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT datname AS name FROM pg_database d
     WHERE (starts_with(datname, $1) OR starts_with(datname, $2)) AND datname <> $3
       AND pg_get_userbyid(datdba) = current_user
       AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.datname = d.datname)`,
    [prefix, databasePrefix, current],
  );
  const hour = 3_600_000;
  for (const { name } of rows) {
    const madeAt = Number.parseInt(databaseName.exec(name)?.[1] ?? 'zzzzzzzzz', 36);
    if (name.startsWith(prefix) || madeAt < Date.now() - hour)
      await client.query(`DROP DATABASE IF EXISTS ${quoteIdentifier(name)}`).catch(() => undefined);
  }
}

async function dropDatabase(client: pg.Client, name: string): Promise<void> {
  await client.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [
    name,
  ]);
  await client.query(`DROP DATABASE IF EXISTS ${quoteIdentifier(name)}`);
}

/** @throws KeelError NOT_A_DATABASE where a matcher is given something that has no schema */
export async function schemaOf(subject: unknown): Promise<Schema> {
  if (typeof subject === 'object' && subject !== null) {
    if ('tables' in subject && 'enums' in subject) return subject as Schema;
    if ('schema' in subject && typeof subject.schema === 'function')
      return (subject as TestDatabase).schema();
  }
  throw new KeelError('This is neither a database of createTestDatabase() nor a schema', {
    code: 'NOT_A_DATABASE',
    hint: 'Write for example: await expect(database).toHaveTable("users")',
  });
}
