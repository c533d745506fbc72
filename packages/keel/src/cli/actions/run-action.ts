import { KeelError, NOTHING_CHANGED } from '../../errors';
import type { Project } from '../../project/project';
import type { Plan, RunRequest } from '../../runner/with-plan';
import type { Frame, Invocation } from '../define-command';
import { scriptAction } from './script-action';
import { withProject } from './with-project';
import { runOptions, type RunFlags } from '../flags/run-flags';

/** What holds a run to a plan. */
export interface PlannedRun {
  /** Called first, for what can be seen without the lock. */
  readonly before: (project: Project) => Promise<void>;
  /** Called with the lock held. */
  readonly review: (project: Project, plan: Plan) => Promise<void>;
}

/** Runs migrations or seeders as a command line says, and shows the result. */
export async function runAction(
  invocation: Invocation<RunFlags>,
  request: RunRequest,
  { planned, exitWith }: RunSurroundings = {},
): Promise<void> {
  await withProject(invocation, async (project, completed) => {
    const { document, lines, refusal } = await runRequest(project, completed, request, planned);
    const { output, flags } = invocation;
    output.result(document, lines);
    if (refusal === undefined) return;
    const { renderError } =
      require('../render/render-error') as typeof import('../render/render-error');
    for (const line of renderError(refusal, { debug: false, given: flags })) output.note(line);
    exitWith?.(refusal.exitCode);
  });
}

interface RunSurroundings {
  readonly planned?: PlannedRun;
  /** Of a command that may refuse what a dry run has shown. */
  readonly exitWith?: Frame['exitWith'];
}

/** What a run came to, for programs and for people. */
interface RequestResult {
  readonly document: object;
  readonly lines: readonly string[];
  /** Of a dry run: why a run would be refused. */
  readonly refusal?: KeelError;
}

/** Runs migrations or seeders of a project. */
export async function runRequest(
  project: Project,
  invocation: Invocation<RunFlags>,
  request: RunRequest,
  planned?: PlannedRun,
): Promise<RequestResult> {
  requireOneWay(invocation.flags);
  await planned?.before(project);
  const review = planned && ((plan: Plan) => planned.review(project, plan));
  const options = runOptions(invocation, project, request, review);
  if (invocation.flags.sql !== undefined)
    return scriptAction(project, invocation, request, invocation.flags.sql);
  if (invocation.flags.offline) return runOffline(project, invocation, request);
  if (invocation.flags.dryRun) {
    const { renderDryRun } =
      require('../render/render-dry-run') as typeof import('../render/render-dry-run');
    const { dryRunOrOffline } =
      require('../../lint/dry-run-or-offline') as typeof import('../../lint/dry-run-or-offline');
    const { result, refusal } = await dryRunOrOffline(project, request, options);
    const end = refusal === undefined ? undefined : OFFLINE;
    return { document: result, lines: renderDryRun(result, end), refusal };
  }
  const { renderRun } = require('../render/render-run') as typeof import('../render/render-run');
  const { run } = require('../../runner/run') as typeof import('../../runner/run');
  const document = await run(project, request, options);
  const { repeatInLines } =
    require('../render/repeat-flags') as typeof import('../render/repeat-flags');
  return { document, lines: repeatInLines(renderRun(document), invocation.flags) };
}

const OFFLINE = 'the real database was only read';

function requireOneWay({ atomic, fake, dryRun, sql, offline }: RunFlags): void {
  const without = fake ? '--fake' : sql !== undefined ? '--sql' : offline ? '--offline' : undefined;
  if (atomic && without !== undefined)
    throw contradiction(`--atomic runs files in one transaction, and ${without} runs none.`);
  if (dryRun && fake)
    throw contradiction('--dry-run shows what the files would send, and --fake runs none.');
}

function contradiction(message: string): KeelError {
  return new KeelError(message, {
    code: 'CONTRADICTING_FLAGS',
    state: NOTHING_CHANGED,
    hint: 'Leave one of them out.',
  });
}

async function runOffline(
  project: Project,
  { output, signal }: Invocation<RunFlags>,
  request: RunRequest,
): Promise<RequestResult> {
  const { renderDryRun } =
    require('../render/render-dry-run') as typeof import('../render/render-dry-run');
  const { offlineRun } =
    require('../../lint/offline-run') as typeof import('../../lint/offline-run');
  const document = await offlineRun(project, request, { exclusive: true, signal });
  for (const warning of document.warnings) output.warn(warning);
  return { document, lines: renderDryRun(document, OFFLINE) };
}
