import { KeelError, NOTHING_CHANGED } from '../../errors';
import { defineCommand } from '../define-command';
import { runAction } from '../actions/run-action';
import { addRunOptions, type RunFlags } from '../flags/run-flags';

interface Flags extends RunFlags {
  readonly seed?: readonly string[];
}

/** `db:seed`: runs the seeders that are named. */
export const dbSeed = defineCommand<Flags>({
  examples: [
    ['keel db:seed --seed 20250101000001-users --seed 20250101000002-profiles', 'run these two'],
  ],
  configure: (command) => {
    command.option('--seed <names...>', 'a seeder to run; may be repeated');
    addRunOptions(command);
  },
  run: async (invocation) => {
    const names = invocation.flags.seed;
    if (!names || names.length === 0) {
      throw new KeelError('db:seed runs the seeders that are named, and none is.', {
        code: 'USAGE',
        state: NOTHING_CHANGED,
        hint: 'Name one with --seed, or run all with: keel db:seed:all',
      });
    }
    await runAction(invocation, { kind: 'seeder', direction: 'up', names });
  },
});
