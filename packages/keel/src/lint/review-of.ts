import { KeelError, NOTHING_CHANGED } from '../errors';
import type { Project } from '../project/project';
import type { RunOptions, RunRequest } from '../runner/with-plan';

/** How a run looks at its files first. */
export interface ReviewRequest extends Pick<RunOptions, 'fake' | 'onEvent' | 'signal'> {
  /** Go on although files block others for long and `keel.lint` is `error`. */
  readonly allowBlocking?: boolean;
  /** What allows it: `--allow-blocking`. */
  readonly allowedBy: string;
}

/**
 * What every run of migrations looks at before it runs them, from the command line and from a program: whether they keep
 * others from their tables for long.
 *
 * @param how its signal is read only when the files are looked at
 * @throws KeelError `FILE_BLOCKS` by the function that is returned
 */
export function reviewOf(
  project: Project,
  { kind, direction }: Pick<RunRequest, 'kind' | 'direction'>,
  how: ReviewRequest,
): RunOptions['review'] {
  if (kind !== 'migration' || direction !== 'up' || how.fake) return undefined;
  return async (plan, client) => {
    // Loaded late: a run with nothing to do needs neither.
    const { reviewPending } = require('./review-pending') as typeof import('./review-pending');
    const { onEvent, signal } = how;
    const { blocking, notices, warnings } = await reviewPending(project, plan, client, signal);
    for (const message of notices) onEvent?.({ type: 'notice', message });
    for (const message of warnings) onEvent?.({ type: 'warning', message });
    if (blocking.length === 0) return;
    const { describeBlockingFile } =
      require('./describe-long-lock') as typeof import('./describe-long-lock');
    const lines = blocking.map(describeBlockingFile);
    if (project.settings.lint.level === 'error' && !how.allowBlocking)
      throw new KeelError('Pending migrations would keep others from their tables for too long.', {
        code: 'FILE_BLOCKS',
        details: lines,
        state: NOTHING_CHANGED,
        hint: `The safe form: keel db:lint. To run them as they are: ${how.allowedBy}, or say in the file why it may: export const safe = { 'add-index': '…' }`,
      });
    for (const message of lines) onEvent?.({ type: 'warning', message });
  };
}
