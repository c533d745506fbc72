import { isKeelError, KeelError, NOTHING_WRITTEN } from '../../errors';
import type { RunRequest } from '../../runner/with-plan';
import { withBulk } from './bulk-action';
import { readRows, type BulkFlags } from '../flags/bulk-flags';
import type { Invocation } from '../define-command';
import { withProject } from './with-project';
import { runRequest } from './run-action';
import type { RunFlags } from '../flags/run-flags';

/** Runs the seeders, and after them makes bulk data. */
export async function seedAction(
  invocation: Invocation<RunFlags & BulkFlags>,
  request: RunRequest,
): Promise<void> {
  const { output } = invocation;
  readRows(invocation.flags.rows);
  await withProject(invocation, (project, completed) => {
    if (completed.flags.fake) throw fakeRows();
    return withBulk(project, completed, async (bulk) => {
      await bulk.check();
      const seeders = await runRequest(project, completed, request);
      for (const line of seeders.lines) output.line(line);
      const made = await bulk.make().catch((error: unknown) => {
        throw afterSeeders(error);
      });
      output.result({ seeders: seeders.document, bulk: made.document }, made.lines);
    });
  });
}

function fakeRows(): KeelError {
  return new KeelError('--fake runs nothing, and --rows makes rows.', {
    code: 'USAGE',
    state: NOTHING_WRITTEN,
    hint: 'Run the command twice, once with each.',
  });
}

/** The error's state is that of the bulk data alone. */
function afterSeeders(error: unknown): unknown {
  if (isKeelError(error))
    error.state = `The seeders have run. Bulk data: ${error.state ?? 'its state is not known.'}`;
  return error;
}
