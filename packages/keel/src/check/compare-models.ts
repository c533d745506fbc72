import { compareSchemas } from '../diff/compare-schemas';
import { describeNotice } from '../diff/describe-notice';
import type { Difference, Sides } from '../diff/describe-operation';
import { describeOperations } from '../diff/describe-operations';
import { isKeelError } from '../errors';
import type { Project } from '../project/project';
import { displayName } from '../schema/object-names';
import type { Schema } from '../schema/schema';
import { loadModelSide, type LoadedSide, type ModelSide } from '../scratch/model-side';

/** How the models differ from what the migrations build. */
export interface ModelFindings {
  readonly differences: readonly Difference[];
  readonly notices: readonly Difference[];
  /** The models that cannot be loaded or built, and why; the rest is compared. */
  readonly failures: readonly Difference[];
  /** What they build, where they can be built. */
  readonly schemas: readonly Schema[];
}

const sides: Sides = { before: 'the migrations', after: 'the models' };

/** The project's models, what is wrong with them, or undefined where there are none. */
export async function loadCheckedModels(
  project: Project,
  exclusive: boolean,
): Promise<LoadedSide | readonly Difference[] | undefined> {
  try {
    return await loadModelSide(project, exclusive);
  } catch (error) {
    if (isKeelError(error, 'MODELS_NOT_FOUND')) return undefined;
    return asFailure(error);
  }
}

/**
 * Builds the models by `build` and compares them with `built`.
 *
 * @param doubts what {@link LoadedSide.failures} tells
 */
export async function compareModels(
  doubts: () => readonly Difference[],
  built: Schema,
  build: () => Promise<ModelSide>,
): Promise<ModelFindings> {
  try {
    const { schema, facts, failures } = await build();
    const { operations, notices } = compareSchemas(built, schema, { mode: 'models', facts });
    return {
      differences: describeOperations(operations, sides),
      notices: [
        ...doubts(),
        ...facts.notices.map(({ table, message }) => ({
          table: displayName(table),
          text: message,
        })),
        ...notices.map(describeNotice),
      ],
      failures: failures.flatMap(asFailure),
      schemas: [schema],
    };
  } catch (error) {
    return { differences: [], notices: doubts(), failures: asFailure(error), schemas: [] };
  }
}

/** What is wrong with models does not stop the comparison of database and migrations; anything else does. */
function asFailure(error: unknown): Difference[] {
  if (!isKeelError(error) || !error.code.startsWith('MODEL')) throw error;
  const details = error.details.map((line) => `  ${line}`);
  const hints = error.hint === undefined ? [] : [error.hint];
  return [{ text: [error.message, ...details, ...hints].join('\n') }];
}
