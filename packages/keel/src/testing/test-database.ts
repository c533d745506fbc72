import type pg from 'pg';
import type { Sequelize } from 'sequelize';
import { ReplayCache } from '../scratch/replay-cache';
import { leastHandMade, makeByHand } from '../scratch/hand-made';
import { readProjectSchema, replay } from '../scratch/replay';
import type { ReplayServer } from '../scratch/replay-inputs';
import {
  applySettings,
  createSurrounded,
  readSurroundings,
  type Surroundings,
} from '../scratch/surroundings';
import { dropAtOnce, openMaintenance, withMaintenance } from '../db/admin';
import { lockKey } from '../db/advisory-lock';
import { close, serverVersion } from '../db/client';
import { readPassword } from '../db/connection';
import { connectionUrl } from '../db/connection-url';
import {
  dropLeftovers,
  dropTemplates,
  noteUse,
  ownDatabases,
  templatePrefix,
} from '../db/keel-databases';
import { quoteIdentifier } from '../db/quote';
import { streamOf } from '../db/wire';
import { KeelError } from '../errors';
import type { ProjectFlags } from '../project/project-flags';
import { readProject, withConnection } from '../project/read-project';
import { createSequelize, loadPg } from '../project/load-sequelize';
import { withServer } from '../project/with-server';
import type { Project } from '../project/project';
import { openProjectClient, withProjectClient } from '../project/with-project-client';
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
  const how = { pg: loadPg(project.paths.root), applicationName: 'keel test kit' };
  // Meanwhile: a connection takes as long as all the rest but the cloning itself.
  const reading = readProjectSurroundings(project);
  const owner = await openMaintenance(project.connection, how);
  try {
    const asking = reading.then((found) => ({
      serverVersion: serverVersion(owner) ?? '',
      surroundings: found,
    }));
    const keeping = migrate ? ReplayCache.open(project, asking) : undefined;
    const name = (await ownDatabases(owner, 'kit'))(0);
    await dropLeftovers(owner);
    const server = await asking;
    const { surroundings } = server;
    if (keeping !== undefined) {
      const template = await ensureTemplate(project, owner, { server, cache: await keeping });
      const clone = `CREATE DATABASE ${quoteIdentifier(name)} TEMPLATE ${quoteIdentifier(template)}`;
      await owner.query(`${clone} ${await readStrategy(owner)}`);
      if (surroundings !== undefined) await applySettings(owner, name, surroundings, true);
    } else {
      await createSurrounded(owner, name, surroundings, true);
      const empty = withConnection(project, { database: name });
      await makeByHand(empty, leastHandMade(surroundings));
    }
    await owner.query(`ALTER DATABASE ${quoteIdentifier(name)} SET synchronous_commit = off`);
    // A suite that forgets to drop its database is to end all the same.
    streamOf(owner).unref();
    const drop = async (): Promise<void> => {
      streamOf(owner).ref();
      await withMaintenance(project.connection, how, (client) => dropAtOnce(client, name));
      await close(owner);
    };
    return await openDatabase(withConnection(project, { database: name }), drop);
  } catch (error) {
    await close(owner);
    throw error;
  }
}

async function openDatabase(project: Project, drop: () => Promise<void>): Promise<TestDatabase> {
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
      await drop();
    },
  };
}

/** The template of the project's migrations as they are now; made by the first of several workers. */
async function ensureTemplate(
  project: Project,
  client: pg.Client,
  { server, cache }: { readonly server: ReplayServer; readonly cache: ReplayCache },
): Promise<string> {
  const { root } = project.paths;
  const name = `${templatePrefix(root)}${cache.key.slice(0, 20)}`;
  if (await exists(client, name)) {
    await noteUse(client, name);
    return name;
  }
  const key = lockKey('template', root);
  await client.query(`SELECT pg_catalog.pg_advisory_lock(${key})`);
  try {
    if (!(await exists(client, name))) await makeTemplate(project, client, name, server);
    await dropTemplates(client, root, name);
  } finally {
    await client.query(`SELECT pg_catalog.pg_advisory_unlock(${key})`);
  }
  return name;
}

/**
 * Copying files takes a third of the time where nothing has to reach the disk; where it has to, it takes three times as
 * long as writing the log. Before version 15 there is nothing to choose.
 * https://www.postgresql.org/docs/current/sql-createdatabase.html
 */
async function readStrategy(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ copies: boolean }>(
    `SELECT pg_catalog.current_setting('fsync') = 'off'
        AND pg_catalog.current_setting('server_version_num')::int >= 150000 AS copies`,
  );
  return rows[0]?.copies === true ? 'STRATEGY file_copy' : '';
}

async function exists(client: pg.Client, name: string): Promise<boolean> {
  const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [name]);
  return rowCount === 1;
}

/** Under another name until it is complete, so that nobody clones half of one. */
async function makeTemplate(
  project: Project,
  client: pg.Client,
  name: string,
  server: ReplayServer,
): Promise<void> {
  const building = `${name}_new`;
  const create = async (): Promise<Project> => {
    await dropAtOnce(client, building);
    await createSurrounded(client, building, server.surroundings, true);
    await noteUse(client, building);
    return { ...withConnection(project, { database: building }), standsFor: project.connection };
  };
  await replay({ create, surroundings: server.surroundings }, { exclusive: false });
  await client.query(
    `ALTER DATABASE ${quoteIdentifier(building)} RENAME TO ${quoteIdentifier(name)}`,
  );
}

/** Undefined where the project's own database is not there: tests need none. */
async function readProjectSurroundings(project: Project): Promise<Surroundings | undefined> {
  try {
    return await withProjectClient(project, readSurroundings);
  } catch {
    return undefined;
  }
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
