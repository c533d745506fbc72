import { isKeelError, type KeelError } from '../errors';
import type { Project } from '../project/project';
import { dryRun, type DryRunResult } from '../runner/dry-run';
import type { RunOptions, RunRequest } from '../runner/with-plan';

/** What a dry run came to. */
export interface DryRunOutcome {
  readonly result: DryRunResult;
  /** Why a run would be refused: files block others for long, and `keel.lint` is `error`. */
  readonly refusal?: KeelError;
}

/**
 * A dry run. Files that `keel.lint: 'error'` refuses are run on a scratch database: running them for real, even if it is
 * rolled back, would keep others from the very tables that the setting protects.
 */
export async function dryRunOrOffline(
  project: Project,
  request: RunRequest,
  options: RunOptions,
): Promise<DryRunOutcome> {
  try {
    return { result: await dryRun(project, request, options) };
  } catch (error) {
    if (!isKeelError(error, 'FILE_BLOCKS')) throw error;
    const { offlineRun } = require('./offline-run') as typeof import('./offline-run');
    const { exclusive, signal, atomic } = options;
    const result = await offlineRun(project, request, { exclusive, signal, atomic });
    return { result: { ...result, blocking: error.details ?? [] }, refusal: error };
  }
}
