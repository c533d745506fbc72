import { defineCommand } from '../define-command';

interface Flags {
  readonly set?: string;
}

/** `db:environment`: which environment the database is marked as. */
export const dbEnvironment = defineCommand<Flags>({
  examples: [
    ['keel db:environment', 'what it is marked as'],
    ['keel db:environment --set staging', 'it is a copy of production, and not production'],
  ],
  configure: (command) => {
    command.option('--set <name>', 'mark it as the database of this environment');
  },
  run: async (invocation) => {
    const { environmentAction } =
      require('../actions/environment-action') as typeof import('../actions/environment-action');
    await environmentAction(invocation);
  },
});
