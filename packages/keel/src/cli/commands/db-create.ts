import { KeelError } from '../../errors';
import type { DatabaseOptions } from '../../db/admin';
import { defineCommand } from '../define-command';
import { withProject } from '../actions/with-project';

interface Flags extends DatabaseOptions {
  readonly ifNotExists?: boolean;
}

/** `db:create`: makes the database. */
export const dbCreate = defineCommand<Flags>({
  examples: [
    ['keel db:create', 'make the database of the environment'],
    ['keel db:create --if-not-exists', 'for a script that may run again'],
    ['keel db:create --encoding UTF8 --template template0', 'with properties of its own'],
  ],
  configure: (command) => {
    command
      .option('--if-not-exists', 'succeed where the database is there already')
      .option('--encoding <name>', 'character encoding')
      .option('--collate <locale>', 'sort order')
      .option('--ctype <locale>', 'character classes')
      .option('--template <name>', 'the database to copy')
      .option('--charset <name>', 'for MySQL; without effect here');
  },
  run: async (invocation) => {
    const { createDatabase } = require('../../db/admin') as typeof import('../../db/admin');
    const { loadPg } =
      require('../../project/load-sequelize') as typeof import('../../project/load-sequelize');
    const { encoding, collate, ctype, template, ifNotExists = false } = invocation.flags;
    await withProject(
      invocation,
      async ({ connection, paths }) => {
        const options = { encoding, collate, ctype, template };
        const { database } = connection;
        const created = await createDatabase(connection, options, { pg: loadPg(paths.root) });
        if (!created && !ifNotExists) {
          throw new KeelError(`The database "${database}" already exists.`, {
            code: 'DATABASE_EXISTS',
            state: 'It is as it was.',
            hint: 'With --if-not-exists this is no error.',
          });
        }
        invocation.output.result({ database, created }, [
          created ? `Database ${database} created.` : `Database ${database} is there already.`,
        ]);
      },
      { database: false },
    );
  },
});
