import path from 'node:path';
import { changeInvocation, defineCommand } from '../define-command';
import { withProject } from '../actions/with-project';

interface Flags {
  readonly output?: string;
}

/** `db:schema:dump`: the schema as sorted text. */
export const dbSchemaDump = defineCommand<Flags>({
  examples: [
    ['keel db:schema:dump --output schema.sql', 'a file to keep in git and read in reviews'],
    ['keel db:schema:dump', 'on standard output'],
  ],
  configure: (command) => {
    command.option('--output <path>', 'the file to write; standard output without it');
  },
  run: async (invocation) => {
    const { renderDumpResult } =
      require('../render/render-check') as typeof import('../render/render-check');
    const { flags, output } = invocation;
    // A dump on standard output is the schema and nothing else.
    const quiet = flags.output === undefined ? { ...output, line: () => undefined } : output;
    await withProject(changeInvocation(invocation, { output: quiet }), async (project) => {
      const file =
        flags.output === undefined ? undefined : path.resolve(project.paths.root, flags.output);
      const { dumpSchema } =
        require('../../check/dump-schema') as typeof import('../../check/dump-schema');
      const result = await dumpSchema(project, file);
      output.result(result, renderDumpResult(result, project.paths.root));
    });
  },
});
