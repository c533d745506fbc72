import { readDeployPlan } from '../../lint/deploy-plan/deploy-plan';
import { readPending, requireAsPlanned } from '../../lint/deploy-plan/make-deploy-plan';
import type { Frame, Invocation } from '../define-command';
import type { RunFlags } from '../flags/run-flags';
import { runAction } from './run-action';

/**
 * Runs what a plan says, or stops.
 *
 * @public loaded by the command only when it runs
 */
export async function plannedAction(
  invocation: Invocation<RunFlags>,
  file: string,
  exitWith: Frame['exitWith'],
): Promise<void> {
  const plan = await readDeployPlan(file);
  const { request } = plan;
  await runAction(
    invocation,
    { kind: 'migration', direction: 'up', ...request },
    {
      planned: {
        // A run with nothing to do takes no lock, and asks nobody.
        before: async (project) => {
          const { names } = request;
          // Names of what is applied by now would be refused before they can be compared.
          const all = names === undefined ? request : {};
          const { states, selected } = await readPending(project, all);
          const chosen = names?.flatMap((name) => selected.filter((each) => each.name === name));
          await requireAsPlanned(project, plan, { states, selected: chosen ?? selected });
        },
        review: (project, pending) => requireAsPlanned(project, plan, pending),
      },
      exitWith,
    },
  );
}
