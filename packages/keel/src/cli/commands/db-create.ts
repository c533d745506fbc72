import { KeelError } from '../../errors';
import { createDatabase, type DatabaseOptions } from '../../db/admin';
import { loadPg } from '../../project/load-sequelize';
import { defineCommand } from '../define-command';
import { withProject } from '../with-project';

/** `db:create`: makes the database. */
export const dbCreate = defineCommand<DatabaseOptions>({
  name: 'db:create',
  summary: 'Create the database specified by configuration',
  examples: [
    ['keel db:create', 'make the database of the environment'],
    ['keel db:create --encoding UTF8 --template template0', 'with properties of its own'],
  ],
  configure: (command) => {
    command
      .option('--encoding <name>', 'character encoding')
      .option('--collate <locale>', 'sort order')
      .option('--ctype <locale>', 'character classes')
      .option('--template <name>', 'the database to copy')
      .option('--charset <name>', 'for MySQL; without effect here');
  },
  run: async (invocation) => {
    const { encoding, collate, ctype, template } = invocation.flags;
    await withProject(
      invocation,
      async ({ connection, paths }) => {
        const options = {
          ...(encoding !== undefined && { encoding }),
          ...(collate !== undefined && { collate }),
          ...(ctype !== undefined && { ctype }),
          ...(template !== undefined && { template }),
        };
        const { database } = connection;
        if (!(await createDatabase(connection, options, { pg: loadPg(paths.root) }))) {
          throw new KeelError(`The database "${database}" already exists.`, {
            code: 'DATABASE_EXISTS',
            state: 'It is as it was.',
          });
        }
        invocation.output.result({ database, created: true }, [`Database ${database} created.`]);
      },
      { database: false },
    );
  },
});
