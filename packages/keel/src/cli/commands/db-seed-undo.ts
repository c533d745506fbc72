import { Option } from 'commander';
import { defineCommand } from '../define-command';
import { runAction } from '../actions/run-action';
import { addRunOptions, addStep, type RunFlags } from '../flags/run-flags';

interface Flags extends RunFlags {
  readonly seed?: readonly string[];
  readonly step?: number;
}

/** `db:seed:undo`: undoes the last seeder, or those that are named. */
export const dbSeedUndo = defineCommand<Flags>({
  examples: [
    ['keel db:seed:undo', 'undo the last one'],
    ['keel db:seed:undo --seed 20250101000002-profiles', 'undo this one'],
  ],
  configure: (command) => {
    command.addOption(
      new Option('--seed <names...>', 'a seeder to undo; may be repeated').conflicts('step'),
    );
    addStep(command, 'undo so many');
    addRunOptions(command);
    command.option('--force', 'allow it to undo all in production');
  },
  run: async (invocation) => {
    const { seed, step } = invocation.flags;
    await runAction(invocation, {
      kind: 'seeder',
      direction: 'down',
      names: seed,
      step,
    });
  },
});
