import { Option } from 'commander';
import { defineCommand } from '../define-command';
import { runAction } from '../actions/run-action';
import { collect } from '../flags/flag-values';
import { addRunOptions, addStep, type RunFlags } from '../flags/run-flags';

interface Flags extends RunFlags {
  readonly to?: string;
  readonly name?: readonly string[];
  readonly step?: number;
  readonly batch?: boolean;
}

/** `db:migrate:undo`: undoes the last migration. */
export const dbMigrateUndo = defineCommand<Flags>({
  examples: [
    ['keel db:migrate:undo', 'undo the last one'],
    ['keel db:migrate:undo --step 3', 'undo the last three'],
    ['keel db:migrate:undo --batch', 'undo all that the last run applied'],
  ],
  configure: (command) => {
    command
      .addOption(
        new Option('--name <name>', 'undo this migration only (may be repeated)')
          .argParser(collect)
          .conflicts(['to', 'batch', 'step']),
      )
      .addOption(
        new Option('--to <name>', 'back to this migration, itself included').conflicts([
          'batch',
          'step',
        ]),
      )
      .addOption(new Option('--batch', 'undo all that the last run applied').conflicts('step'));
    addStep(command, 'undo so many');
    addRunOptions(command);
    command.option('--force', 'allow it to undo all in production');
  },
  run: async (invocation) => {
    const { to, name, step, batch } = invocation.flags;
    await runAction(invocation, {
      kind: 'migration',
      direction: 'down',
      to,
      names: name,
      step,
      batch,
    });
  },
});
