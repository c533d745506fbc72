import { defineCommand } from '../define-command';
import { withProject } from '../actions/with-project';

interface Flags {
  readonly force?: boolean;
}

/** `db:drop`: drops the database, and what the test kit has made of the project's migrations on its server. */
export const dbDrop = defineCommand<Flags>({
  examples: [
    ['keel db:drop', 'drop the database of the environment'],
    ['keel db:drop --force', 'end the sessions that use it first'],
  ],
  configure: (command) => {
    command.option('--force', 'end the sessions that use it first; needed in production');
  },
  run: async (invocation) => {
    const { dropDatabase, withMaintenance } =
      require('../../db/admin') as typeof import('../../db/admin');
    const { dropTemplates } =
      require('../../db/keel-databases') as typeof import('../../db/keel-databases');
    const { loadPg } =
      require('../../project/load-sequelize') as typeof import('../../project/load-sequelize');
    const { permissionOf } =
      require('../flags/permission-of') as typeof import('../flags/permission-of');
    const { requirePermission } =
      require('../../project/require-permission') as typeof import('../../project/require-permission');
    await withProject(
      invocation,
      async (project) => {
        const { connection, paths } = project;
        await requirePermission(
          project,
          `The database "${connection.database}" is not dropped`,
          permissionOf(invocation),
        );
        const force = invocation.flags.force ?? false;
        const how = { pg: loadPg(paths.root) };
        const dropped = await dropDatabase(connection, { force }, how);
        const templates = await withMaintenance(connection, how, (client) =>
          dropTemplates(client, paths.root),
        );
        invocation.output.result({ database: connection.database, dropped, templates }, [
          `Database ${connection.database} dropped.`,
          ...(templates > 0 ? [`Templates of the test kit dropped: ${templates}.`] : []),
        ]);
      },
      { database: false },
    );
  },
});
