import { withProject } from '../actions/with-project';
import { defineCommand } from '../define-command';
import { declarePullFlags, pullRequest, type PullFlags } from '../flags/pull-flags';

/** `db:pull`: writes models from the database. */
export const dbPull = defineCommand<PullFlags>({
  examples: [
    ['keel db:pull', 'a model for each table that has none, in the style of the others'],
    ['keel db:pull --style define --language typescript', 'in another style'],
  ],
  configure: declarePullFlags,
  run: async (invocation) => {
    const { renderPull } =
      require('../render/render-pull') as typeof import('../render/render-pull');
    await withProject(invocation, async (project, { flags, output }) => {
      const { pullModels } =
        require('../../pull/pull-models') as typeof import('../../pull/pull-models');
      const result = await pullModels(project, pullRequest(flags));
      output.result(result, [
        ...renderPull(result, project.paths.root),
        'See that models, migrations and database agree: keel db:check',
      ]);
    });
  },
});
