import { createDatabase, dropDatabase } from '../../db/admin';
import { KeelError, NOTHING_CHANGED } from '../../errors';
import { loadPg } from '../../project/load-sequelize';
import { defineCommand } from '../define-command';
import { withProject } from '../actions/with-project';
import { addTimeoutOptions, type RunFlags } from '../flags/run-flags';
import { migrateAndSeed } from '../actions/migrate-and-seed';

interface Flags extends RunFlags {
  readonly force?: boolean;
}

/** `db:reset`: drops, creates, migrates and seeds. */
export const dbReset = defineCommand<Flags>({
  name: 'db:reset',
  summary: 'Drop the database, create it, migrate it and seed it',
  examples: [['keel db:reset', 'begin again; everything in the database is lost']],
  configure: (command) => {
    command.option('--force', 'end the sessions that use it; needed in production');
    addTimeoutOptions(command);
  },
  run: (invocation) =>
    withProject(
      invocation,
      async (project) => {
        const { connection, environment, paths } = project;
        const force = invocation.flags.force ?? false;
        if (environment === 'production' && !force) {
          throw new KeelError(
            `db:reset would destroy the production database "${connection.database}".`,
            {
              code: 'PRODUCTION',
              state: NOTHING_CHANGED,
              hint: 'If that is what you want, add --force.',
            },
          );
        }
        const how = { pg: loadPg(paths.root) };
        await dropDatabase(connection, { force }, how);
        invocation.output.line(`Database ${connection.database} dropped.`);
        await createDatabase(connection, {}, how);
        invocation.output.line(`Database ${connection.database} created.`);
        await migrateAndSeed(invocation, project);
      },
      { database: false },
    ),
});
