import { isKeelError } from '../../errors';
import { defineCommand } from '../define-command';
import { withProject } from '../actions/with-project';
import { addTimeoutOptions, type RunFlags } from '../flags/run-flags';

/** `db:setup`: makes the database where it is not there, migrates and seeds it. */
export const dbSetup = defineCommand<RunFlags>({
  examples: [['keel db:setup', 'from nothing to a database with data in it']],
  configure: addTimeoutOptions,
  run: async (invocation) => {
    const { createDatabase } = require('../../db/admin') as typeof import('../../db/admin');
    const { loadPg } =
      require('../../project/load-sequelize') as typeof import('../../project/load-sequelize');
    const { migrateAndSeed } =
      require('../actions/migrate-and-seed') as typeof import('../actions/migrate-and-seed');
    await withProject(invocation, async (project, completed) => {
      const { connection, paths } = project;
      const made = await createDatabase(connection, {}, { pg: loadPg(paths.root) }).catch(
        (error: unknown) => {
          // A role without CREATEDB may find its database there.
          if (isKeelError(error, 'DATABASE_NOT_CREATED')) return false;
          throw error;
        },
      );
      if (made) invocation.output.line(`Database ${connection.database} created.`);
      await migrateAndSeed(completed, project);
    });
  },
});
