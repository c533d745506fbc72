import { Option } from 'commander';
import type { RunRequest } from '../../runner/with-plan';
import { withProject } from '../actions/with-project';
import { changeInvocation, defineCommand } from '../define-command';
import { addTimeoutOptions, addStep, runOptions, type RunFlags } from '../flags/run-flags';

interface Flags extends RunFlags {
  readonly name?: string;
  readonly step?: number;
}

/** `db:migrate:redo`: undoes the last migration and applies it again. */
export const dbMigrateRedo = defineCommand<Flags>({
  examples: [
    ['keel db:migrate:redo', 'try the last one again after changing it'],
    ['keel db:migrate:redo --step 2', 'the last two'],
  ],
  configure: (command) => {
    command.addOption(new Option('--name <name>', 'this migration only').conflicts('step'));
    addStep(command, 'so many');
    addTimeoutOptions(command);
    command.option('--force', 'allow it to undo all in production');
  },
  run: async (invocation) => {
    const { renderRun } = require('../render/render-run') as typeof import('../render/render-run');
    await withProject(invocation, async (project, completed) => {
      const { name, step } = invocation.flags;
      const { run } = require('../../runner/run') as typeof import('../../runner/run');
      // What is undone must not stay so because it keeps others waiting: that is said, and goes on.
      const flags = { ...completed.flags, allowBlocking: true };
      const going = changeInvocation(completed, { flags });
      const runWith = (request: RunRequest) =>
        run(project, request, runOptions(going, project, request));
      const asked = name === undefined ? undefined : [name];
      const undone = await runWith({ kind: 'migration', direction: 'down', names: asked, step });
      const names = undone.files.map((file) => file.name).reverse();
      const redone = await runWith({ kind: 'migration', direction: 'up', names });
      invocation.output.result({ undone, redone }, [
        ...renderRun(undone),
        ...(names.length > 0 ? renderRun(redone) : []),
      ]);
    });
  },
});
