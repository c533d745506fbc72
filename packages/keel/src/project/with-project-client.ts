import type pg from 'pg';
import { close, connect, type ConnectOptions } from '../db/client';
import { loadPg } from './load-sequelize';
import type { Project } from './project';

/** How to connect, besides where and with which copy of `pg`. */
export type ProjectClientOptions = Omit<ConnectOptions, 'pg'>;

/** As much of a project as a connection to its database needs. */
export type ProjectAddress = Pick<Project, 'connection'> & {
  readonly paths: Pick<Project['paths'], 'root'>;
};

/**
 * Opens a connection to the project's database with the project's own copy of `pg`, as Sequelize does; the
 * caller closes it.
 *
 * @throws KeelError that says which server refused and why, or `PACKAGE_NOT_FOUND` without `pg`
 */
export function openProjectClient(
  project: ProjectAddress,
  options: ProjectClientOptions = {},
): Promise<pg.Client> {
  return connect(project.connection, { ...options, pg: loadPg(project.paths.root) });
}

/** Opens such a connection for the length of a callback. */
export async function withProjectClient<T>(
  project: ProjectAddress,
  use: (client: pg.Client) => Promise<T>,
  options: ProjectClientOptions = {},
): Promise<T> {
  const client = await openProjectClient(project, options);
  try {
    return await use(client);
  } finally {
    await close(client);
  }
}
