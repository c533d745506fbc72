import { loadModels } from '../../project/load-models';
import type { Project } from '../../project/project';
import { requirePermission } from '../../project/require-permission';
import { openProjectClient } from '../../project/with-project-client';
import {
  findPlanFile,
  loadPlanFile,
  withPlaces,
  type LoadedPlan,
} from '../../bulk/read/load-plan-file';
import { checkBulk, type BulkOptions } from '../../bulk/prepare-bulk';
import { previewBulk } from '../../bulk/preview-bulk';
import { runBulk } from '../../bulk/run-bulk';
import { readRows, type BulkFlags } from '../flags/bulk-flags';
import { followBulk } from '../terminal/bulk-progress';
import type { GlobalFlags, Invocation } from '../define-command';
import { permissionOf } from '../flags/permission-of';
import { withProject } from './with-project';
import { repeatInLines } from '../render/repeat-flags';
import { renderBulk, renderPreview } from '../render/render-bulk';

/** Makes bulk data as a command line says, and shows it. */
export async function bulkAction(invocation: Invocation<BulkFlags>): Promise<void> {
  const { output } = invocation;
  readRows(invocation.flags.rows);
  await withProject(invocation, (project, completed) =>
    withBulk(project, completed, async ({ make }) => {
      const { document, lines } = await make();
      output.result(document, lines);
    }),
  );
}

/** What a command came to: for programs and for people. */
export interface Outcome {
  readonly document: object;
  readonly lines: readonly string[];
}

/** The bulk data that a command line asks for. */
export interface BulkRequest {
  /** Refuses what is impossible whatever rows are added before {@link make}. */
  check(this: void): Promise<void>;
  /** Makes it, or with `--dry-run` the plan of it. */
  make(this: void): Promise<Outcome>;
}

/** Loads the project's models and its plan file for the length of a callback. */
export async function withBulk<T>(
  project: Project,
  invocation: Invocation<BulkFlags>,
  use: (request: BulkRequest) => Promise<T>,
): Promise<T> {
  const { flags, output } = invocation;
  if (!flags.dryRun)
    await requirePermission(project, 'Bulk data is not made', permissionOf(invocation));
  const loaded = await readPlan(project, flags.plan);
  const { models, sequelize } = await loadModels(project);
  const progress = followBulk(output);
  const options: BulkOptions = {
    connect: () => openProjectClient(project, { applicationName: 'keel db:seed:bulk' }),
    models,
    schema: project.seederLedger.schema,
    ...readRows(flags.rows),
    seed: flags.seed,
    file: loaded?.plan,
    connections: flags.connections,
    chunkRows: flags.chunk,
    rebuild: rebuildOf(flags.rebuildConstraints),
    lockTimeoutMs: flags.lockTimeout || undefined,
    signal: invocation.signal,
    onEvent: progress.onEvent,
  };
  const withFile = async <R>(work: () => Promise<R>): Promise<R> => {
    try {
      return await work();
    } catch (error) {
      throw loaded ? withPlaces(error, loaded, project.paths.root) : error;
    } finally {
      progress.stop();
    }
  };
  try {
    return await use({
      check: () => withFile(() => checkBulk(options)),
      make: () => withFile(() => makeBulk(options, flags)),
    });
  } finally {
    await sequelize.close();
  }
}

async function makeBulk(options: BulkOptions, flags: BulkFlags & GlobalFlags): Promise<Outcome> {
  if (flags.dryRun) {
    const preview = await previewBulk(options);
    return { document: preview, lines: renderPreview(preview) };
  }
  const result = await runBulk(options);
  return { document: result, lines: repeatInLines(renderBulk(result), flags) };
}

async function readPlan(
  { paths }: Project,
  flag: BulkFlags['plan'],
): Promise<LoadedPlan | undefined> {
  if (flag === false) return undefined;
  const named = typeof flag === 'string' ? flag : undefined;
  const file = findPlanFile(paths.root, paths.seeders, named);
  return file === undefined ? undefined : loadPlanFile(file, paths.root);
}

function rebuildOf(flag: boolean | undefined): BulkOptions['rebuild'] {
  if (flag === undefined) return undefined;
  return flag ? 'always' : 'never';
}
