import path from 'node:path';
import { connectionUrl } from '../../db/connection-url';
import { NOT_ON_SCRATCH } from '../../errors';
import type { Project } from '../../project/project';

/**
 * Why a program may not be started on a scratch database; undefined where it may: the config names it, and its
 * command line does not name the real database.
 */
export function refuseOnScratch(project: Project, command: string): string | undefined {
  const program = path.basename(/^\s*"?([^\s"]+)/.exec(command)?.[1] ?? '').replace(/\.exe$/i, '');
  if (!project.settings.programs.includes(program)) {
    return `it starts the program ${program}, ${NOT_ON_SCRATCH} that it is tried in. Where it finds its database by PGDATABASE or DATABASE_URL, allow it in the config: keel: { programs: ['${program}'] }`;
  }
  const real = project.standsFor?.database ?? '';
  const name = real.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  if (
    real !== project.connection.database &&
    new RegExp(`(^|[\\s=/'"])${name}($|[\\s?'"])`).test(command)
  ) {
    return `it starts the program ${program} with the name of the database "${real}", where it would change the real one`;
  }
  return undefined;
}

/**
 * Runs a file's code with the address of the scratch database in the environment, where programs look for it. The
 * whole process has one environment, so this is for projects that name programs only.
 */
export async function withScratchEnvironment<T>(
  project: Project,
  run: () => Promise<T>,
): Promise<T> {
  if (!project.standsFor || project.settings.programs.length === 0) return run();
  const { host, port, database, user, password } = project.connection;
  const url = connectionUrl(project.connection, { password: true });
  const variable = project.config.use_env_variable;
  const wanted: Record<string, string | undefined> = {
    PGHOST: host,
    PGPORT: `${port}`,
    PGDATABASE: database,
    PGUSER: user,
    PGPASSWORD: typeof password === 'string' ? password : undefined,
    DATABASE_URL: url,
    ...(typeof variable === 'string' && { [variable]: url }),
  };
  const before = Object.keys(wanted).map((name) => [name, process.env[name]] as const);
  setVariables(Object.entries(wanted));
  try {
    return await run();
  } finally {
    setVariables(before);
  }
}

function setVariables(variables: readonly (readonly [string, string | undefined])[]): void {
  for (const [name, value] of variables) {
    if (value === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = value;
  }
}
