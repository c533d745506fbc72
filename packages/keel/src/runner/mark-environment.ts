import type pg from 'pg';
import { isConnectionLoss } from '../db/connection-error';
import {
  PRODUCTION,
  readEnvironmentMark,
  writeEnvironmentMark,
  type EnvironmentMark,
} from '../db/environment-mark';
import { leadsToProduction } from '../project/leads-to-production';
import type { Project } from '../project/project';
import type { RunOptions } from './with-plan';

/**
 * Lets the database remember its environment. The first run marks it; a later one only to make production of it, so
 * that a run under another name does not take its guard away.
 *
 * Warns where it is production, and the run says that it is not.
 */
export async function markEnvironment(
  client: pg.ClientBase,
  project: Project,
  { onEvent }: Pick<RunOptions, 'onEvent'>,
): Promise<void> {
  const environment = await environmentOf(project);
  if (environment === undefined) return;
  try {
    const mark = await readEnvironmentMark(client);
    if (mark?.environment === environment) return;
    if (mark === undefined || environment === PRODUCTION)
      await writeEnvironmentMark(client, environment, project.migrationLedger.schema);
    else if (mark.environment === PRODUCTION)
      onEvent?.({ type: 'warning', message: contradiction(mark, project, environment) });
  } catch (error) {
    // A role that may not write it is no reason not to migrate.
    if (isConnectionLoss(error)) throw error;
  }
}

/** A URL that says nothing of it may lead to the database of the config's production. */
async function environmentOf(project: Project): Promise<string | undefined> {
  if (project.environmentKnown) return project.environment;
  return (await leadsToProduction(project)) ? PRODUCTION : undefined;
}

function contradiction(
  { database, since }: EnvironmentMark,
  { connection }: Project,
  environment: string,
): string {
  const copied =
    database === connection.database ? '' : ` as "${database}", of which it may be a copy`;
  return `The database "${connection.database}" is marked ${PRODUCTION} since ${since}${copied}, and this run calls it ${environment}. Where that is right: keel db:environment --set ${environment}`;
}
