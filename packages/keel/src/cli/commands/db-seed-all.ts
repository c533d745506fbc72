import { addRowsOption, type BulkFlags } from '../flags/bulk-flags';
import { defineCommand } from '../define-command';
import { runAction } from '../actions/run-action';
import { addRunOptions, type RunFlags } from '../flags/run-flags';

type Flags = RunFlags & Pick<BulkFlags, 'rows' | 'force'>;

/** `db:seed:all`: runs every seeder that has not run; with `--rows` it makes bulk data after that. */
export const dbSeedAll = defineCommand<Flags>({
  examples: [
    [
      'keel db:seed:all',
      'run all seeders; with seederStorage "sequelize" only those that have not run',
    ],
    [
      'keel db:seed:all --rows 1000000',
      'and then the plan file of seeders/bulk, its largest table with so many rows',
    ],
  ],
  configure: (command) => {
    addRunOptions(command);
    addRowsOption(command, 'bulk data after the seeders, as db:seed:bulk makes it');
    command.option('--force', 'allow --rows in production');
  },
  run: async (invocation) => {
    const request = { kind: 'seeder', direction: 'up' } as const;
    if (invocation.flags.rows === undefined) return runAction(invocation, request);
    const { seedAction } =
      require('../actions/seed-action') as typeof import('../actions/seed-action');
    return seedAction(invocation, request);
  },
});
