import { defineCommand } from '../define-command';
import { runAction } from '../actions/run-action';
import { addRunOptions, type RunFlags } from '../flags/run-flags';

interface Flags extends RunFlags {
  readonly to?: string;
}

/** `db:migrate:undo:all`: undoes all migrations. */
export const dbMigrateUndoAll = defineCommand<Flags>({
  examples: [
    ['keel db:migrate:undo:all', 'undo everything'],
    [
      'keel db:migrate:undo:all --to 20250101000003-create-posts',
      'back to this one, itself included',
    ],
  ],
  configure: (command) => {
    command.option('--to <name>', 'back to this migration, itself included');
    addRunOptions(command);
    command.option('--force', 'allow it in production');
  },
  run: async (invocation) => {
    const { to } = invocation.flags;
    const all = to === undefined;
    await runAction(invocation, { kind: 'migration', direction: 'down', to, all });
  },
});
