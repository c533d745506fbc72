import { defineCommand } from '../command';
import { runAction } from '../run-action';
import { addRunOptions, type RunFlags } from '../run-options';

/** `db:seed:all`: runs every seeder that has not run. */
export const dbSeedAll = defineCommand<RunFlags>({
  name: 'db:seed:all',
  summary: 'Run every seeder',
  examples: [
    [
      'keel db:seed:all',
      'run all seeders; with seederStorage "sequelize" only those that have not run',
    ],
  ],
  configure: addRunOptions,
  run: (invocation) => runAction(invocation, { kind: 'seeder', direction: 'up' }),
});
