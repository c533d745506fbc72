import { createDatabase } from '../db/admin';
import { readPassword } from '../db/connection';
import { startServer } from '../embedded/embedded-server';
import { withConnection } from './read-project';
import { loadPg } from './load-sequelize';
import type { Project } from './project';

/**
 * Makes sure that the project's server runs, where it is the embedded one, and points the project at it.
 *
 * @param options `database` makes the database there as well, so that a fresh clone works at once
 */
export async function withServer(
  project: Project,
  options: { readonly database: boolean },
): Promise<Project> {
  if (!project.embedded) return project;
  const { user = 'postgres' } = project.connection;
  const password = (await readPassword(project.connection)) ?? '';
  const { host, port } = await startServer({
    home: project.paths.home,
    user,
    password,
    root: project.paths.root,
  });
  const started = { ...withConnection(project, { host, port }), embedded: true };
  if (options.database)
    await createDatabase(started.connection, {}, { pg: loadPg(project.paths.root) });
  return started;
}
