import { readNamedProject, waiting } from '../actions/with-project';
import { defineCommand } from '../define-command';

interface Flags {
  readonly quiet?: boolean;
}

/** `db:start`: starts the embedded server. */
export const dbStart = defineCommand<Flags>({
  examples: [
    ['keel db:start', 'start it, if it does not run; every command that needs it does the same'],
  ],
  configure: (command) => {
    command.option('--quiet', 'print nothing');
  },
  run: async (invocation) => {
    const { withServer } =
      require('../../project/with-server') as typeof import('../../project/with-server');
    const { flags, output } = invocation;
    const project = await readNamedProject(invocation);
    const { connection, embedded } = await withServer(project, {
      database: true,
      ...waiting(invocation),
    });
    const where = `${connection.host}:${connection.port}`;
    if (flags.quiet) return;
    output.result({ embedded, host: connection.host, port: connection.port }, [
      embedded
        ? `The embedded server runs at ${where}.`
        : `The environment "${project.environment}" uses the server at ${where}, not the embedded one; nothing to start.`,
    ]);
  },
});
