import type { RunRequest } from '../runner/planning';
import type { Invocation } from './command';
import { withProject } from './context';
import { runOptions, type RunFlags } from './run-options';
import { renderDryRun } from './render/dry-run';
import { renderRun } from './render/run';

/** Runs migrations or seeders as a command line says, and shows the result. */
export async function runAction(
  invocation: Invocation<RunFlags>,
  request: RunRequest,
): Promise<void> {
  await withProject(invocation, async (project) => {
    const options = runOptions(invocation);
    if (invocation.flags.dryRun) {
      const { dryRun } = require('../runner/dry-run') as typeof import('../runner/dry-run');
      const result = await dryRun(project, request, options);
      invocation.output.result(result, renderDryRun(result));
      return;
    }
    const { run } = require('../runner/migrator') as typeof import('../runner/migrator');
    const result = await run(project, request, options);
    invocation.output.result(result, renderRun(result));
  });
}
