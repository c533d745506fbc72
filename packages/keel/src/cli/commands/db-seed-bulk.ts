import { addBulkOptions, type BulkFlags } from '../flags/bulk-flags';
import { defineCommand } from '../define-command';

/** `db:seed:bulk`: fills the models' tables with related rows. */
export const dbSeedBulk = defineCommand<BulkFlags>({
  examples: [
    [
      'keel db:seed:bulk --rows User=10000 --rows Post=1000000',
      'users, a million posts, and what is associated with them',
    ],
    ['keel db:seed:bulk --plan seeders/bulk/plan.ts', 'as a plan file says'],
    [
      'keel db:seed:bulk --rows 1000000',
      'the plan of seeders/bulk, with so many rows in its largest table',
    ],
    ['keel db:seed:bulk --rows User=10000 --dry-run', 'show what would be made'],
  ],
  configure: addBulkOptions,
  run: async (invocation) => {
    const { bulkAction } =
      require('../actions/bulk-action') as typeof import('../actions/bulk-action');
    await bulkAction(invocation);
  },
});
