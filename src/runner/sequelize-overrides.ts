import type { HeldLock } from '../db/advisory-lock';
import { serverVersion } from '../db/client';
import type { Project } from '../project/types';

/** Sequelize's own default. */
const MAX_POOL = 5;

/** What keel changes of the project's options: a connection more for itself, and a known server version. */
export function sequelizeOverrides(
  project: Project,
  lock: HeldLock | undefined,
): Record<string, unknown> {
  const pool = (project.sequelizeOptions.pool ?? {}) as { max?: number };
  const { dialectOptions } = project.sequelizeOptions as { dialectOptions?: object };
  const version = lock && /^\d+(\.\d+)?/.exec(serverVersion(lock.client) ?? '')?.[0];
  return {
    pool: { ...pool, max: (pool.max ?? MAX_POOL) + 1 },
    dialectOptions: { application_name: 'keel', keepAlive: true, ...dialectOptions },
    // Sequelize opens a connection more only to ask for it.
    ...(version
      ? { databaseVersion: version.includes('.') ? `${version}.0` : `${version}.0.0` }
      : {}),
  };
}
