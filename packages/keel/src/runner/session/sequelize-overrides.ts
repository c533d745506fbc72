import type { HeldLock } from '../../db/advisory-lock';
import { serverVersion } from '../../db/client';
import { isKeelSchema, isKeelTableName, KEEL_SCHEMA } from '../../db/keel-schema';
import type { SequelizeModule } from '../../project/load-sequelize';
import type { Project } from '../../project/project';
import { sequelizeOptions } from '../../project/sequelize-options';

/** Sequelize's own default. */
const MAX_POOL = 5;

/** What keel changes of the project's options: a connection more for itself, and a known server version. */
export function sequelizeOverrides(
  project: Project,
  lock: HeldLock | undefined,
): Record<string, unknown> {
  const pool = (project.config.pool ?? {}) as { max?: number };
  const dialectOptions = sequelizeOptions(project).dialectOptions as Record<string, unknown>;
  const version = lock && /^\d+(\.\d+)?/.exec(serverVersion(lock.client) ?? '')?.[0];
  return {
    logging: loggingOf(project),
    pool: { ...pool, max: (pool.max ?? MAX_POOL) + 1 },
    dialectOptions: {
      keepAlive: true,
      ...dialectOptions,
      application_name: dialectOptions.application_name ?? 'keel',
    },
    // Sequelize would open one more connection only to ask for it.
    ...(version && {
      databaseVersion: version.includes('.') ? `${version}.0` : `${version}.0.0`,
    }),
  };
}

/** Where the config logs its statements, it wants to see those of the files too; sequelize-cli's default is silence. */
function loggingOf({ config: { logging } }: Project): unknown {
  return typeof logging === 'function' || logging === true ? logging : false;
}

type SequelizeInstance = InstanceType<SequelizeModule['Sequelize']>;
type QueryInterface = ReturnType<SequelizeInstance['getQueryInterface']>;

/**
 * The instance's query interface, which shows keel's own tables and schema to no file that goes through all of them,
 * as `dropAllTables()` and `dropAllSchemas()` do.
 */
export function queryInterfaceOf(sequelize: SequelizeInstance): QueryInterface {
  const queryInterface = sequelize.getQueryInterface();
  const showAllTables = queryInterface.showAllTables.bind(queryInterface);
  const showAllSchemas = queryInterface.showAllSchemas.bind(queryInterface);
  // In version 5 it is Bluebird's promise, with methods of its own, that is handed on.
  queryInterface.showAllTables = (options) =>
    showAllTables(options).then((tables) => tables.filter((table) => !isKeelTableName(table)));
  queryInterface.showAllSchemas = (options) =>
    showAllSchemas(options).then((schemas) => withoutKeel(sequelize, schemas as string[]));
  return queryInterface;
}

/** A project may have a schema of this name itself. */
async function withoutKeel(sequelize: SequelizeInstance, schemas: string[]): Promise<object> {
  if (!schemas.includes(KEEL_SCHEMA)) return schemas;
  const [ours] = await sequelize.query(
    `SELECT FROM pg_catalog.pg_namespace n WHERE ${isKeelSchema('n')}`,
  );
  return ours.length === 0 ? schemas : schemas.filter((schema) => schema !== KEEL_SCHEMA);
}
