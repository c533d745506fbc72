import { defineCommand } from '../define-command';

/** `db:stop`: stops the embedded server. */
export const dbStop = defineCommand({
  examples: [['keel db:stop', 'stop it; the data stay']],
  run: async ({ flags, output }) => {
    const { stopServer } =
      require('../../embedded/embedded-server') as typeof import('../../embedded/embedded-server');
    const { readOutline } =
      require('../../project/read-project') as typeof import('../../project/read-project');
    const { paths } = await readOutline(flags);
    const stopped = await stopServer(paths.home);
    output.result({ stopped }, [
      stopped ? 'The embedded server is stopped.' : 'The embedded server does not run.',
    ]);
  },
});
