import { databaseError } from '../../db/connection-error';
import { PRODUCTION, readEnvironmentMark, type EnvironmentMark } from '../../db/environment-mark';
import { isKeelError, KeelError, NOTHING_CHANGED } from '../../errors';
import { leadsToProduction } from '../../project/leads-to-production';
import type { Project } from '../../project/project';
import { withProjectClient } from '../../project/with-project-client';
import type { Invocation } from '../define-command';
import { ask, canAsk } from '../terminal/ask';

/**
 * Lets a command go on that destroys or fills a database: anywhere but in production, with `--force`, or where
 * someone types the database's name. It is production where the database itself is marked so, whoever calls it what,
 * and where the project says so.
 *
 * @param refused what is not done otherwise, as the beginning of a sentence: "The database is not dropped"
 * @throws KeelError `PRODUCTION`
 */
export async function requirePermission(
  project: Project,
  { command, flags, output }: Invocation<{ readonly force?: boolean }>,
  refused: string,
): Promise<void> {
  if (flags.force) return;
  const mark = await readMark(project);
  const marked = mark?.environment === PRODUCTION;
  if (!marked && !(await leadsToProduction(project, flags))) return;
  const { database, host, port } = project.connection;
  const reason = marked ? reasonOfMark(mark, database) : reasonOfProject(project);
  const what = `keel ${command} is meant for the database "${database}" at ${host}:${port}. ${reason}`;
  if (canAsk(output)) {
    if ((await ask(`This is production: ${what}\nType its name to go on: `)) === database) return;
  }
  throw new KeelError(`${refused} in production without --force.`, {
    code: 'PRODUCTION',
    details: [what],
    state: NOTHING_CHANGED,
    hint: marked
      ? 'Add --force if that is what you want. Where it is not production, but perhaps a copy of it, mark it anew: keel db:environment --set <environment>'
      : 'Add --force if that is what you want.',
  });
}

function reasonOfMark({ database: marked, since }: EnvironmentMark, database: string): string {
  const copy = marked === database ? '' : ` under the name "${marked}", so this may be a copy`;
  return `It is marked ${PRODUCTION} since ${since}${copy}.`;
}

function reasonOfProject({ environment }: Project): string {
  return environment === PRODUCTION
    ? `The environment is ${PRODUCTION}.`
    : `It is the database of the config's environment ${PRODUCTION}.`;
}

/** What is not there has no mark, and the command itself says so. */
async function readMark(project: Project): Promise<EnvironmentMark | undefined> {
  try {
    return await withProjectClient(project, readEnvironmentMark);
  } catch (error) {
    if (isKeelError(error, 'DATABASE_NOT_FOUND')) return undefined;
    throw databaseError(error, {
      doing: 'asking which environment the database is marked as',
      state: NOTHING_CHANGED,
    });
  }
}
