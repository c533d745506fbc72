import type { Permission } from '../project/require-permission';
import type { Project } from '../project/project';
import type { Plan, RunOptions, RunRequest } from './with-plan';

const PROGRAM: Permission = { caller: 'The call', givenBy: 'the option force: true' };

/**
 * Looks at each plan of a run: where it leaves nothing applied in production, somebody must have allowed it. It asks
 * once, and before the lock is taken where that can be seen by then.
 */
export function guardProduction(
  project: Project,
  { kind }: RunRequest,
  { permission = PROGRAM, fake }: RunOptions,
): (plan: Pick<Plan, 'undoesAll'>) => Promise<void> {
  // A scratch database is nobody's production.
  let allowed = fake === true || project.standsFor !== undefined;
  return async ({ undoesAll }) => {
    if (allowed || !undoesAll) return;
    const { requirePermission } =
      require('../project/require-permission') as typeof import('../project/require-permission');
    await requirePermission(project, `The ${kind}s are not all undone`, permission);
    allowed = true;
  };
}
