import { describeNotice } from '../diff/describe-operation';
import type { Project } from '../project/project';
import { displayName } from '../schema/object-names';
import type { Schema } from '../schema/schema';
import { buildModelSide, loadModelSide, requireBuilt } from '../scratch/model-side';
import { replay } from '../scratch/replay';
import { requireNotInterrupted, withScratch } from '../scratch/with-scratch';
import { expandOptions } from './expand/expand-options';
import { planExpansions } from './expand/plan-expansions';
import { readExpands } from './expand/read-expands';
import { applicationOf, requireExpanding } from './expand/require-expanding';
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
  const loaded = await loadModelSide(project, options.exclusive);
  try {
    return await withScratch(project, options.signal, async (scratch) => {
      const { exclusive, signal } = options;
      const { project: replayed, schemas } = await replay(scratch, { exclusive, signal });
      const before = schemas[0] as Schema;
      const models = await buildModelSide(await scratch.create(), loaded, before);
      requireBuilt(models);
      requireNotInterrupted(options.signal);
      const requests = readExpands(options.expand ?? [], {
        before,
        after: models.schema,
        isModel: (key) => models.facts.models.has(key),
      });
      const database = replayedOn(replayed);
      const said = expandOptions(options, requests);
      const plan = await planChange(database, before, models, said);
      const expanded = await planExpansions(database, plan, requests, applicationOf(project));
      const notices = [
        ...(scratch.notice === undefined ? [] : [{ text: scratch.notice }]),
        ...loaded.failures(),
        ...models.facts.notices.map(({ table, message }) => ({
          table: displayName(table),
          text: message,
        })),
        ...plan.comparison.notices.map(describeNotice),
      ];
      if (plan.operations.length === 0) return { files: [], changes: [], hazards: [], notices };
      const written = await writePlan(
        project,
        replayed,
        { before, models, plan, expanded },
        options,
      );
      return { ...written, notices };
    });
  } finally {
    await loaded.close();
  }
}
