import type { Project } from '../../project/project';
import { withGuard, type DetourGuard } from '../../project/watch-detours';
import type { Attempt } from '../attempt/attempt';
import { refuseOnScratch, withScratchEnvironment } from './scratch-programs';

/** Runs a file's code, which is refused what it may not do past the connections that it is given. */
export function guardDetours<T>(
  attempt: Attempt,
  project: Project,
  run: () => Promise<T>,
): Promise<T> {
  const { connection, standsFor = connection } = project;
  const ports = [connection.port, standsFor.port];
  const check = checkOf(attempt, project);
  const note = (what: string): void => {
    if (!attempt.closed) attempt.outside ??= what;
  };
  return withScratchEnvironment(project, () => withGuard({ ports, check, note }, run));
}

/**
 * A session of the file's own sees nothing of its transaction, and waits for its locks. Once there are statements in
 * the transaction, the file must be run without one. In a dry run or on a scratch database it must not happen at all.
 */
function checkOf(attempt: Attempt, project: Project): DetourGuard['check'] {
  return (what, command) => {
    if (attempt.closed) return;
    const { mode } = attempt.options;
    if (project.standsFor) {
      const refusal =
        command === undefined
          ? `it ${what}, which cannot be led to the scratch database that it is tried in`
          : refuseOnScratch(project, command);
      if (refusal !== undefined) throw new Error(refusal);
    }
    if (mode === 'pretend')
      throw new Error(`it ${what}, and what that does could not be taken back`);
    if (mode === 'none' || (attempt.findings.count === 0 && !attempt.options.shared)) {
      attempt.outside ??= what;
      return;
    }
    attempt.detour = what;
    attempt.abandon(`It ${what}, which sees nothing of the transaction.`);
    throw new Error(attempt.abandoned);
  };
}
