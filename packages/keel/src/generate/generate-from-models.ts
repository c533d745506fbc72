import { describeNotice } from '../diff/describe-notice';
import type { Project } from '../project/project';
import { listFiles } from '../runner/files/list-files';
import { displayName } from '../schema/object-names';
import { loadModelSide, requireBuilt } from '../scratch/model-side';
import { isAhead } from '../scratch/models-ahead';
import { requireNotInterrupted, withScratch } from '../scratch/with-scratch';
import { buildSides } from './build-sides';
import { expandOptions } from './expand/expand-options';
import { offerExpand } from './expand/offer-expand';
import { planExpansions } from './expand/plan-expansions';
import { readExpands } from './expand/read-expands';
import { requireApart } from './expand/require-apart';
import { applicationOf, mayExpand, requireExpanding } from './expand/require-expanding';
import type { GenerateOptions, GenerateResult } from './generate-options';
import { planChange, replayedOn } from './plan-change';
import { writePlan } from './write-plan';

/**
 * Writes the migration that makes the migrations build what the models describe. It has been run up and
 * down on a scratch database before the file is there.
 *
 * @throws KeelError AMBIGUOUS_RENAME, INVALID_EXPAND, EXPAND_REFUSED, MIGRATION_NOT_PROVED, and what building a side throws
 */
export async function generateFromModels(
  project: Project,
  options: GenerateOptions,
): Promise<GenerateResult> {
  requireExpanding(project, options);
  const { exclusive, signal } = options;
  // Models that cannot be loaded are told of at once, unless another process builds them meanwhile.
  const loaded = isAhead(project, await countFiles(project), exclusive)
    ? undefined
    : await loadModelSide(project, exclusive);
  try {
    return await withScratch(project, signal, async (scratch) => {
      const sides = await buildSides(scratch, project, { exclusive, signal }, loaded);
      const { replayed, before, models, doubts } = sides;
      requireBuilt(models);
      requireNotInterrupted(signal);
      const found = {
        before,
        after: models.schema,
        isModel: (key: string) => models.facts.models.has(key),
      };
      const requests = readExpands(options.expand ?? [], found);
      requireApart(requests, options.renames ?? [], found);
      const database = replayedOn(replayed);
      const said = expandOptions(options, requests);
      const plan = await planChange(database, before, models, said);
      const expanded = await planExpansions(database, plan, requests, applicationOf(project));
      const notices = [
        ...(scratch.notice === undefined ? [] : [{ text: scratch.notice }]),
        ...doubts,
        ...models.facts.notices.map(({ table, message }) => ({
          table: displayName(table),
          text: message,
        })),
        ...plan.comparison.notices.map(describeNotice),
      ];
      if (plan.operations.length === 0) return { files: [], changes: [], hazards: [], notices };
      const offers = mayExpand(project, options)
        ? await offerExpand(database, { ...plan, operations: expanded.operations }, before)
        : new Map<string, string>();
      const written = await writePlan(
        project,
        replayed,
        { before, models, plan, expanded, offers },
        options,
      );
      return { ...written, notices };
    });
  } finally {
    await loaded?.close();
  }
}

async function countFiles({ paths }: Project): Promise<number> {
  return (await listFiles(paths.migrations, 'migrations-path').catch(() => [])).length;
}
