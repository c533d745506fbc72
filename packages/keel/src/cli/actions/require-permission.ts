import { KeelError, NOTHING_CHANGED } from '../../errors';
import { leadsToProduction } from '../../project/leads-to-production';
import type { Project } from '../../project/project';
import type { Invocation } from '../define-command';
import { ask, canAsk } from '../terminal/ask';

/**
 * Lets a command go on that destroys or fills a database: anywhere but in production, with `--force`, or where
 * someone types the database's name.
 *
 * @param refused what is not done otherwise, as the beginning of a sentence: "The database is not dropped"
 * @throws KeelError `PRODUCTION`
 */
export async function requirePermission(
  project: Project,
  { flags, output }: Invocation<{ readonly force?: boolean }>,
  refused: string,
): Promise<void> {
  if (flags.force || !(await leadsToProduction(project, flags))) return;
  const { database } = project.connection;
  if (canAsk(output)) {
    const question = `This is production, the database "${database}". Type its name to go on: `;
    if ((await ask(question)) === database) return;
  }
  throw new KeelError(`${refused} in production without --force.`, {
    code: 'PRODUCTION',
    details:
      project.environment === 'production'
        ? []
        : ["It is the database of the config's environment production."],
    state: NOTHING_CHANGED,
    hint: 'Add --force if that is what you want.',
  });
}
