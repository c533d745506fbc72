import { databaseError } from '../db/connection-error';
import { PRODUCTION, readEnvironmentMark, type EnvironmentMark } from '../db/environment-mark';
import { isKeelError, KeelError, NOTHING_CHANGED } from '../errors';
import { leadsToProduction } from './leads-to-production';
import type { Project } from './project';
import { withProjectClient } from './with-project-client';

/** Who wants to do what is not done in production by mistake, and how it is allowed. */
export interface Permission {
  /** Given beforehand. */
  readonly force?: boolean;
  /** What was called: `keel db:drop`. */
  readonly caller: string;
  /** What gives it: `--force`. */
  readonly givenBy: string;
  /** Asks somebody for a word; undefined where nobody is there. */
  readonly ask?: (question: string) => Promise<string>;
}

/**
 * Lets something go on that destroys or fills a database: anywhere but in production, where it is allowed beforehand, or
 * where someone types the database's name. It is production where the database itself is marked so, whoever calls it
 * what, and where the project says so.
 *
 * @param refused what is not done otherwise, as the beginning of a sentence: "The database is not dropped"
 * @throws KeelError `PRODUCTION`
 */
export async function requirePermission(
  project: Project,
  refused: string,
  { force, caller, givenBy, ask }: Permission,
): Promise<void> {
  if (force) return;
  const mark = await readMark(project);
  const marked = mark?.environment === PRODUCTION;
  if (!marked && !(await leadsToProduction(project))) return;
  const { database, host, port } = project.connection;
  const reason = marked ? reasonOfMark(mark, database) : reasonOfProject(project);
  const what = `${caller} is meant for the database "${database}" at ${host}:${port}. ${reason}`;
  const answer = await ask?.(`This is production: ${what}\nType its name to go on: `);
  if (answer === database) return;
  throw new KeelError(`${refused} in production without ${givenBy}.`, {
    code: 'PRODUCTION',
    details: [what],
    state: NOTHING_CHANGED,
    hint: marked
      ? `Add ${givenBy} if that is what you want. Where it is not production, but perhaps a copy of it, mark it anew: keel db:environment --set <environment>`
      : `Add ${givenBy} if that is what you want.`,
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

/** What is not there has no mark, and whoever asks says so himself. */
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
