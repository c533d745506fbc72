import { defineCommand } from '../define-command';
import { addCheck, statusAction, type StatusFlags } from '../actions/status-action';

/** `db:migrate:status`: where each migration stands. */
export const dbMigrateStatus = defineCommand<StatusFlags>({
  examples: [
    ['keel db:migrate:status', 'one line for each: up or down'],
    [
      'keel db:migrate:status --check',
      'for CI: the exit code says what is pending, missing or changed',
    ],
    ['keel db:migrate:status --json', 'with dates, batches and checks'],
  ],
  configure: addCheck,
  run: (invocation, frame) => statusAction(invocation, frame, 'migration'),
});
