import { readPassword } from '../db/connection';
import { reachServer, type ReachOptions } from '../db/reach-server';
import { withConnection } from './read-project';
import { loadPg } from './load-sequelize';
import type { Project } from './project';

/** How to get at the project's server. */
export interface ServerOptions extends Pick<ReachOptions, 'waitMs' | 'onWait'> {
  /** Makes the database on the embedded server as well, so that a fresh clone works at once. */
  readonly database: boolean;
}

/**
 * Points the project at its server: starts the embedded one, chooses among several, and waits for one that is not up
 * yet as long as the options or `keel: { wait }` of the config say.
 */
export async function withServer(project: Project, options: ServerOptions): Promise<Project> {
  if (!project.embedded) {
    const { waitMs = project.settings.wait, onWait } = options;
    const how = { pg: loadPg(project.paths.root), waitMs, onWait };
    return { ...project, connection: await reachServer(project.connection, how) };
  }
  const { startServer } =
    require('../embedded/embedded-server') as typeof import('../embedded/embedded-server');
  const { createDatabase } = require('../db/admin') as typeof import('../db/admin');
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
