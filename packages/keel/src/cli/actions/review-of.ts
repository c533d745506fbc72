import { KeelError, NOTHING_CHANGED } from '../../errors';
import type { Project } from '../../project/project';
import type { RunOptions, RunRequest } from '../../runner/with-plan';
import type { Invocation } from '../define-command';
import type { RunFlags } from '../flags/run-flags';

/** What `db:migrate` looks at before it runs files: whether they keep others from their tables for long. */
export function reviewOf(
  project: Project,
  { kind, direction }: RunRequest,
  invocation: Invocation<RunFlags>,
): RunOptions['review'] {
  const { flags, output } = invocation;
  if (kind !== 'migration' || direction !== 'up' || flags.fake) return undefined;
  return async (plan, client) => {
    const { reviewPending } =
      require('../../lint/review-pending') as typeof import('../../lint/review-pending');
    const { signal } = invocation;
    const { blocking, notices } = await reviewPending(project, plan, client, { flags, signal });
    for (const notice of notices) output.note(notice);
    if (blocking.length === 0) return;
    const { renderBlockingFile } =
      require('../render/render-lint') as typeof import('../render/render-lint');
    const lines = blocking.map(renderBlockingFile);
    if (project.settings.lint.level === 'error' && !flags.allowBlocking)
      throw new KeelError('Pending migrations would keep others from their tables for too long.', {
        code: 'FILE_BLOCKS',
        details: lines,
        state: NOTHING_CHANGED,
        hint: "The safe form: keel db:lint. To run them as they are: --allow-blocking, or say in the file why it may: export const safe = { 'add-index': '…' }",
      });
    for (const line of lines) output.warn(line);
  };
}
