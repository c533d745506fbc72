import { Option } from 'commander';
import { defineCommand } from '../define-command';
import { runAction } from '../actions/run-action';
import { collect } from '../flags/flag-values';
import { addRunOptions, addStep, type RunFlags } from '../flags/run-flags';

interface Flags extends RunFlags {
  readonly to?: string;
  readonly from?: string;
  readonly name?: readonly string[];
  readonly step?: number;
  readonly allowBlocking?: boolean;
  readonly offline?: boolean;
  readonly sql?: string;
  readonly plan?: string;
}

/** `db:migrate`: applies pending migrations. */
export const dbMigrate = defineCommand<Flags>({
  examples: [
    ['keel db:migrate', 'apply all that is pending'],
    ['keel db:migrate --to 20250101000003-create-posts', 'up to this one, itself included'],
    ['keel db:migrate --step 1', 'only the next one'],
    ['keel db:migrate --dry-run', 'show the SQL and the locks, keep nothing'],
    ['keel db:migrate --dry-run --offline', 'the same from a scratch database'],
    ['keel db:migrate --plan plan.json', 'what db:plan has written, and nothing else'],
    ['keel db:migrate --sql migrate.sql', 'a script that a DBA runs: psql -f migrate.sql'],
  ],
  configure: (command) => {
    command
      .option('--to <name>', 'the last migration to run')
      .option('--from <name>', 'begin after this migration')
      .addOption(
        new Option('--name <name>', 'run this migration only; may be repeated')
          .argParser(collect)
          .conflicts(['to', 'from', 'step']),
      );
    command.option(
      '--allow-blocking',
      'go on although files block for long and keel.lint is "error"',
    );
    command.addOption(
      new Option(
        '--offline',
        'make the dry run on a scratch database, and take no lock on the real one',
      ).implies({ dryRun: true }),
    );
    command.addOption(
      new Option(
        '--sql <file>',
        'run nothing, and write a script for psql that applies and records the migrations',
      ).conflicts(['dryRun', 'offline', 'fake']),
    );
    command.addOption(
      new Option('--plan <file>', 'run exactly what db:plan has written, or stop').conflicts([
        ...['to', 'from', 'name', 'step', 'offline', 'sql'],
      ]),
    );
    addStep(command, 'run at most so many');
    addRunOptions(command);
  },
  run: async (invocation, { exitWith }) => {
    const { to, from, name, step, plan } = invocation.flags;
    if (plan !== undefined) {
      const { plannedAction } =
        require('../actions/planned-action') as typeof import('../actions/planned-action');
      return plannedAction(invocation, plan, exitWith);
    }
    const request = { kind: 'migration', direction: 'up', to, from, names: name, step } as const;
    await runAction(invocation, request, { exitWith });
  },
});
