import path from 'node:path';
import type { Project } from '../../project/project';
import type { ServerOptions } from '../../project/with-server';
import type { Invocation } from '../define-command';

/**
 * Reads the project, says which config it is, makes sure that its server runs, and hands the project over, together
 * with the flags of the command line and of the config.
 *
 * @param options `database: false` leaves a missing database on the embedded server missing
 */
export async function withProject<Flags extends object, Result>(
  invocation: Invocation<Flags>,
  use: (project: Project, invocation: Invocation<Flags>) => Promise<Result>,
  options: { readonly database: boolean } = { database: true },
): Promise<Result> {
  const { completeFlags } =
    require('../flags/complete-flags') as typeof import('../flags/complete-flags');
  const { withServer } =
    require('../../project/with-server') as typeof import('../../project/with-server');
  const project = await readProjectAloud(invocation);
  const completed = completeFlags(invocation, project);
  return use(await withServer(project, { ...options, ...waiting(invocation) }), completed);
}

/** The same, and says which config it is and what is doubtful in it. */
export async function readProjectAloud<Flags extends object>(
  invocation: Invocation<Flags>,
): Promise<Project> {
  const { output } = invocation;
  const project = await readNamedProject(invocation);
  for (const warning of project.warnings) output.warn(warning);
  if (project.configPath !== undefined) {
    output.line(
      `Loaded configuration file "${path.relative(project.paths.root, project.configPath)}".`,
    );
    output.line(`Using environment "${project.environment}".`);
  } else {
    const { connectionUrl } =
      require('../../db/connection-url') as typeof import('../../db/connection-url');
    const url = connectionUrl(project.connection, { password: false });
    // sequelize-cli has five stars here, whatever the password, and scripts look for them.
    output.line(`Parsed url ${url.replace(':***@', ':*****@')}`);
  }
  return project;
}

/** Reads the project; its connections name the command in `pg_stat_activity`. */
export async function readNamedProject<Flags extends object>({
  command,
  flags,
}: Invocation<Flags>): Promise<Project> {
  const { readProject } =
    require('../../project/read-project') as typeof import('../../project/read-project');
  const project = await readProject(flags);
  const applicationName = `keel ${command}`;
  return { ...project, connection: { ...project.connection, applicationName } };
}

/** For how long a command waits for the server, and where it says so. */
export function waiting<Flags extends object>({
  flags,
  output,
}: Invocation<Flags>): Pick<ServerOptions, 'waitMs' | 'onWait'> {
  return { waitMs: flags.wait, onWait: (sentence) => output.note(sentence) };
}
