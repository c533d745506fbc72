import { dropDatabase } from '../../db/admin';
import { loadPg } from '../../project/load-sequelize';
import { defineCommand } from '../define-command';
import { withProject } from '../actions/with-project';

interface Flags {
  readonly force?: boolean;
}

/** `db:drop`: drops the database. */
export const dbDrop = defineCommand<Flags>({
  name: 'db:drop',
  summary: 'Drop the database specified by configuration',
  examples: [
    ['keel db:drop', 'drop the database of the environment'],
    ['keel db:drop --force', 'end the sessions that use it first'],
  ],
  configure: (command) => {
    command.option('--force', 'end the sessions that use it first');
  },
  run: async (invocation) => {
    await withProject(
      invocation,
      async ({ connection, paths }) => {
        const force = invocation.flags.force ?? false;
        const dropped = await dropDatabase(connection, { force }, { pg: loadPg(paths.root) });
        invocation.output.result({ database: connection.database, dropped }, [
          `Database ${connection.database} dropped.`,
        ]);
      },
      { database: false },
    );
  },
});
