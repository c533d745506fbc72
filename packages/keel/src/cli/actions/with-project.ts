import path from 'node:path';
import { connectionUrl } from '../../db/connection-url';
import { readProject } from '../../project/read-project';
import { withServer } from '../../project/with-server';
import type { Project } from '../../project/project';
import type { GlobalFlags, Invocation } from '../define-command';

/**
 * Reads the project, says which config it is, makes sure that an embedded server runs, and hands the
 * project over.
 *
 * @param options `database: false` leaves a missing database on the embedded server missing
 */
export async function withProject<Result>(
  { flags, output }: Pick<Invocation<GlobalFlags>, 'flags' | 'output'>,
  use: (project: Project) => Promise<Result>,
  options: { readonly database: boolean } = { database: true },
): Promise<Result> {
  const project = await readProject(flags);
  if (project.configPath !== undefined) {
    output.line(
      `Loaded configuration file "${path.relative(project.paths.root, project.configPath)}".`,
    );
    output.line(`Using environment "${project.environment}".`);
  } else {
    const url = connectionUrl(project.connection, { password: false });
    // sequelize-cli has five stars here, whatever the password, and scripts look for them.
    output.line(`Parsed url ${url.replace(':***@', ':*****@')}`);
  }
  return use(await withServer(project, options));
}
