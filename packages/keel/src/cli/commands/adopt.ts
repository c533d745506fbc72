import { withProject } from '../actions/with-project';
import type { AdoptFlags } from '../actions/adopt-action';
import { defineCommand } from '../define-command';
import { declarePullFlags } from '../flags/pull-flags';

/** `adopt`: the first migration and the models of a database that was there before them. */
export const adopt = defineCommand<AdoptFlags>({
  examples: [
    ['keel adopt', 'what the database has, as a migration that counts as applied, and as models'],
    ['keel adopt --style decorators', 'with models for sequelize-typescript'],
  ],
  configure: (command) => {
    command.option('--name <name>', 'the name of the migration', 'baseline');
    declarePullFlags(command);
  },
  run: async (invocation, frame) => {
    const { takeOver } =
      require('../actions/adopt-action') as typeof import('../actions/adopt-action');
    const { renderAdoption } =
      require('../render/render-adoption') as typeof import('../render/render-adoption');
    await withProject(invocation, async (project, completed) => {
      const adoption = await takeOver(project, completed);
      completed.output.result(adoption, renderAdoption(adoption, project.paths.root));
      frame.exitWith(adoption.check.exitCode);
    });
  },
});
