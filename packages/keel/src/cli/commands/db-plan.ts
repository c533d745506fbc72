import { Option } from 'commander';
import { defineCommand } from '../define-command';
import { collect } from '../flags/flag-values';
import { addStep } from '../flags/run-flags';

interface Flags {
  readonly out?: string;
  readonly to?: string;
  readonly from?: string;
  readonly name?: readonly string[];
  readonly step?: number;
}

/** `db:plan`: writes what `db:migrate` would do, to be reviewed and then carried out. */
export const dbPlan = defineCommand<Flags>({
  examples: [
    ['keel db:plan --out plan.json', 'files, checksums, SQL and locks of what is pending'],
    ['keel db:migrate --plan plan.json', 'carry out exactly that, or stop'],
  ],
  configure: (command) => {
    command
      .option('--out <file>', 'the file to write; standard output without it')
      .option('--to <name>', 'the last migration to run')
      .option('--from <name>', 'begin after this migration')
      .addOption(
        new Option('--name <name>', 'this migration only; may be repeated')
          .argParser(collect)
          .conflicts(['to', 'from', 'step']),
      );
    addStep(command, 'at most so many');
  },
  run: async (invocation) => {
    const { planAction } =
      require('../actions/plan-action') as typeof import('../actions/plan-action');
    await planAction(invocation);
  },
});
