import { defineCommand } from '../define-command';
import { addCheck, statusAction, type StatusFlags } from '../actions/status-action';

/** `db:seed:status`: where each seeder stands. */
export const dbSeedStatus = defineCommand<StatusFlags>({
  examples: [
    ['keel db:seed:status', 'one line for each: up or down'],
    [
      'keel db:seed:status --check',
      'for CI: the exit code says what is pending, missing or changed',
    ],
    ['keel db:seed:status --json', 'with dates, batches and checks'],
  ],
  configure: addCheck,
  run: (invocation, frame) => statusAction(invocation, frame, 'seeder'),
});
