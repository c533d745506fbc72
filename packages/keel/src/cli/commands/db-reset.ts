import { defineCommand } from '../define-command';
import { withProject } from '../actions/with-project';
import { addTimeoutOptions, type RunFlags } from '../flags/run-flags';

interface Flags extends RunFlags {
  readonly force?: boolean;
}

/** `db:reset`: drops, creates, migrates and seeds. */
export const dbReset = defineCommand<Flags>({
  examples: [['keel db:reset', 'begin again; everything in the database is lost']],
  configure: (command) => {
    command.option('--force', 'end the sessions that use it; needed in production');
    addTimeoutOptions(command);
  },
  run: async (invocation) => {
    const { createDatabase, dropDatabase } =
      require('../../db/admin') as typeof import('../../db/admin');
    const { loadPg } =
      require('../../project/load-sequelize') as typeof import('../../project/load-sequelize');
    const { permissionOf } =
      require('../flags/permission-of') as typeof import('../flags/permission-of');
    const { requirePermission } =
      require('../../project/require-permission') as typeof import('../../project/require-permission');
    const { migrateAndSeed } =
      require('../actions/migrate-and-seed') as typeof import('../actions/migrate-and-seed');
    await withProject(
      invocation,
      async (project, completed) => {
        const { connection, paths } = project;
        const force = invocation.flags.force ?? false;
        await requirePermission(
          project,
          `The database "${connection.database}" is not reset`,
          permissionOf(invocation),
        );
        const how = { pg: loadPg(paths.root) };
        await dropDatabase(connection, { force }, how);
        invocation.output.line(`Database ${connection.database} dropped.`);
        await createDatabase(connection, {}, how);
        invocation.output.line(`Database ${connection.database} created.`);
        await migrateAndSeed(completed, project);
      },
      { database: false },
    );
  },
});
