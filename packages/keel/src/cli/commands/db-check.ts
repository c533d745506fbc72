import { defineCommand } from '../define-command';
import { withProject } from '../actions/with-project';

interface Flags {
  /** `--no-cache` makes it false. */
  readonly cache?: boolean;
}

/** `db:check`: whether models, migrations and the live database are the same. */
export const dbCheck = defineCommand<Flags>({
  examples: [
    ['keel db:check', 'what differs, by table, and what to do'],
    [
      'keel db:check --json',
      'for CI: the exit code is 0 when all agree, else a sum of 1 (a model cannot be built), 2 (models and migrations differ), 4 (database and migrations differ), 8 (pending), 16 (an applied migration is changed or missing)',
    ],
  ],
  configure: (command) => {
    command.option('--no-cache', 'build both sides anew although nothing has changed');
  },
  run: async (invocation, frame) => {
    const { repeatInLines } =
      require('../render/repeat-flags') as typeof import('../render/repeat-flags');
    const { failureLines, renderSchemaCheck } =
      require('../render/render-check') as typeof import('../render/render-check');
    const { flags, output } = invocation;
    await withProject(invocation, async (project, { signal }) => {
      const { checkSchema } =
        require('../../check/check-schema') as typeof import('../../check/check-schema');
      const cache = flags.cache !== false;
      const result = await checkSchema(project, { exclusive: true, cache, signal });
      output.result(result, repeatInLines(renderSchemaCheck(result), invocation.flags));
      if (!output.json) for (const line of failureLines(result)) output.note(line);
      frame.exitWith(result.exitCode);
    });
  },
});
