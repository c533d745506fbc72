import { defineCommand } from '../define-command';
import { runAction } from '../actions/run-action';
import { addRunOptions, type RunFlags } from '../flags/run-flags';

/** `db:seed:undo:all`: undoes every seeder. */
export const dbSeedUndoAll = defineCommand<RunFlags>({
  examples: [['keel db:seed:undo:all', 'undo all seeders, the last first']],
  configure: (command) => {
    addRunOptions(command);
    command.option('--force', 'allow it in production');
  },
  run: (invocation) => runAction(invocation, { kind: 'seeder', direction: 'down', all: true }),
});
