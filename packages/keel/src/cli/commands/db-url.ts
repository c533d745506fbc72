import { readNamedProject, waiting } from '../actions/with-project';
import { defineCommand } from '../define-command';

interface Flags {
  readonly showPassword?: boolean;
}

/** `db:url`: prints the database's URL and nothing else. */
export const dbUrl = defineCommand<Flags>({
  examples: [
    ['psql "$(npm run -s db:url)"', 'connect to the embedded server with psql'],
    ['keel db:url --env production', 'with the password masked'],
  ],
  configure: (command) => {
    command.option('--show-password', "show the password of a server that is not keel's own");
  },
  run: async (invocation) => {
    const { connectionUrl } =
      require('../../db/connection-url') as typeof import('../../db/connection-url');
    const { withServer } =
      require('../../project/with-server') as typeof import('../../project/with-server');
    const { flags, output } = invocation;
    const project = await withServer(await readNamedProject(invocation), {
      database: true,
      ...waiting(invocation),
    });
    // The embedded server's password stands in the project's config and opens nothing else.
    const password = project.embedded || (flags.showPassword ?? false);
    const url = connectionUrl(project.connection, { password });
    output.result({ url }, [url]);
  },
});
