import { databaseError } from '../../db/connection-error';
import {
  readEnvironmentMark,
  writeEnvironmentMark,
  type EnvironmentMark,
} from '../../db/environment-mark';
import { NOTHING_CHANGED } from '../../errors';
import { withProjectClient } from '../../project/with-project-client';
import type { Invocation } from '../define-command';
import { withProject } from './with-project';

/** Shows which environment the database is marked as, after marking it where that is asked for. */
export async function environmentAction(
  invocation: Invocation<{ readonly set?: string }>,
): Promise<void> {
  const { output, flags } = invocation;
  const { set: wished } = flags;
  await withProject(invocation, async (project) => {
    const { connection, migrationLedger } = project;
    const work = withProjectClient(project, async (client) => {
      const before = await readEnvironmentMark(client);
      if (wished === undefined) return { before, after: before };
      await writeEnvironmentMark(client, wished, migrationLedger.schema);
      return { before, after: await readEnvironmentMark(client) };
    });
    const { before, after } = await work.catch((error: unknown) => {
      throw databaseError(error, {
        doing: 'its environment was asked for',
        state: NOTHING_CHANGED,
      });
    });
    const renamed = wished !== undefined && before !== undefined && before.environment !== wished;
    const document = {
      database: connection.database,
      environment: after?.environment ?? null,
      since: after?.since,
      markedAs: after?.database,
    };
    output.result(document, [
      describe(connection.database, after),
      ...(renamed ? [`Before, it was marked ${before.environment}.`] : []),
    ]);
  });
}

function describe(database: string, mark: EnvironmentMark | undefined): string {
  if (!mark)
    return `The database "${database}" is not marked. The next db:migrate that applies a file marks it.`;
  const copy = mark.database === database ? '' : ` under the name "${mark.database}"`;
  return `The database "${database}" is marked ${mark.environment} since ${mark.since}${copy}.`;
}
