import { counted } from '../../format-count';
import path from 'node:path';
import { makeDeployPlan } from '../../lint/deploy-plan/make-deploy-plan';
import { saveText } from '../../project/save-text';
import type { Invocation } from '../define-command';
import { withProject } from './with-project';

interface PlanFlags {
  readonly out?: string;
  readonly to?: string;
  readonly from?: string;
  readonly name?: readonly string[];
  readonly step?: number;
}

/**
 * Writes what `db:migrate` would do.
 *
 * @public loaded by the command only when it runs
 */
export async function planAction(invocation: Invocation<PlanFlags>): Promise<void> {
  const { output } = invocation;
  const { out, to, from, name, step } = invocation.flags;
  await withProject(invocation, async (project) => {
    const { signal } = invocation;
    const request = { to, from, names: name, step };
    const { plan, warnings } = await makeDeployPlan(project, request, { exclusive: true, signal });
    for (const warning of warnings) output.warn(warning);
    const text = JSON.stringify(plan, undefined, 2);
    if (out === undefined) return output.result(plan, [text]);
    await saveText(path.resolve(out), `${text}\n`);
    output.result(plan, [
      '',
      `A plan of ${counted(plan.files.length, 'migration')} is written to ${out}. The database was only read.`,
      `Carry it out with: keel db:migrate --plan ${out}`,
    ]);
  });
}
