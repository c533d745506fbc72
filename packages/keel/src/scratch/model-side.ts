import { createHash } from 'node:crypto';
import type { Difference } from '../diff/describe-operation';
import { KeelError, messageOf } from '../errors';
import { maskSecrets } from '../mask-secrets';
import { loadModels } from '../project/load-models';
import type { Project } from '../project/project';
import { withProjectClient } from '../project/with-project-client';
import {
  buildFromPlan,
  readDefaultSchema,
  readUnavailableExtensions,
} from '../schema/build-from-plan';
import type { ModelFacts } from '../schema/model-facts';
import { keyOf } from '../schema/object-names';
import { planBuild, type BuildPlan } from '../schema/plan-build';
import { readSchema } from '../schema/read-schema';
import type { AnyModel, AnySequelize } from '../schema/sequelize-internals';
import type { Schema } from '../schema/schema';

/** A project's models, loaded and not connected. */
export interface LoadedSide {
  readonly sequelize: AnySequelize;
  /** Those of the instance's models that describe the database. */
  readonly models: readonly AnyModel[];
  /** What the models' code went on to do and failed with, such as a connection of its own, so far. */
  readonly failures: () => readonly Difference[];
  readonly close: () => Promise<void>;
}

/** What the models describe, as PostgreSQL builds it. */
export interface ModelSide {
  readonly schema: Schema;
  readonly facts: ModelFacts;
  /** Why some models could not be built. Nothing is said of their tables. */
  readonly failures: readonly KeelError[];
}

/** The same, and what it was built by. */
export interface BuiltModels extends ModelSide {
  /** A digest of its statements. */
  readonly statements: string;
  /** Where the tables of no schema are; undefined where the search path leads nowhere. */
  readonly defaultSchema: string | undefined;
}

/** What a plan depends on besides the models. */
export interface ModelPlace {
  readonly defaultSchema?: string;
  readonly unavailableExtensions: readonly string[];
}

/** What would build the models. */
export interface PlannedModels {
  readonly statements: string;
  readonly facts: ModelFacts;
}

/**
 * Loads the project's models.
 *
 * @param exclusive whether the process is keel's own: then what they leave running does not end it
 * @throws KeelError MODELS_NOT_FOUND, MODELS_FAILED, MODEL_NOT_DEFINED
 */
export async function loadModelSide(project: Project, exclusive: boolean): Promise<LoadedSide> {
  const rejections: unknown[] = [];
  const onRejection = (reason: unknown): void => void rejections.push(reason);
  const forget = (): void => void process.removeListener('unhandledRejection', onRejection);
  if (exclusive) process.on('unhandledRejection', onRejection);
  try {
    const { sequelize, instances, models, leftOut } = await loadModels(project);
    return {
      sequelize: sequelize as unknown as AnySequelize,
      models: models as unknown as readonly AnyModel[],
      failures: () => [
        ...leftOut.map((text) => ({ text })),
        ...rejections.map((reason) => ({
          text: `code that the models start failed: ${maskSecrets(messageOf(reason))}`,
        })),
      ],
      // Models that connect when they are loaded would keep the process alive.
      close: async () => {
        for (const instance of instances) await instance.close().catch(() => undefined);
        forget();
      },
    };
  } catch (error) {
    forget();
    throw error;
  }
}

/** Plans the models' side, and builds nothing. @throws KeelError MODELS_CONTRADICT */
export function planModelSide({ sequelize, models }: LoadedSide, place: ModelPlace): PlannedModels {
  const plan = planBuild(sequelize, { ...place, models });
  return { statements: digestOf(plan), facts: plan.facts };
}

function digestOf({ facts: _facts, ...statements }: BuildPlan): string {
  return createHash('sha256').update(JSON.stringify(statements)).digest('hex');
}

/**
 * Builds the models in the empty database that `scratch` points at, and reads what became of them.
 *
 * @param surroundings what the migrations build
 * @throws KeelError MODELS_CONTRADICT
 */
export async function buildModelSide(
  scratch: Project,
  { sequelize, models }: LoadedSide,
  surroundings: Schema,
): Promise<BuiltModels> {
  return withProjectClient(scratch, async (client) => {
    const defaultSchema = await readDefaultSchema(client, surroundings);
    const plan = planBuild(sequelize, {
      defaultSchema,
      models,
      unavailableExtensions: await readUnavailableExtensions(client),
    });
    const failed = await buildFromPlan(client, plan, surroundings, { inTransaction: false });
    for (const { table } of failed) {
      plan.facts.models.delete(keyOf(table));
      plan.facts.unbuilt.add(keyOf(table));
    }
    return {
      schema: await readSchema(client, { patterns: scratch.settings.ignore }),
      facts: plan.facts,
      failures: failed.flatMap(({ error }) => error ?? []),
      statements: digestOf(plan),
      defaultSchema,
    };
  });
}

/** @throws KeelError that names every model that could not be built */
export function requireBuilt({ failures }: ModelSide): void {
  const [first] = failures;
  if (first === undefined) return;
  if (failures.length === 1) throw first;
  const { code, state, hint } = first;
  const message = `${failures.length} models cannot be built:`;
  throw new KeelError(message, {
    code,
    state,
    hint,
    details: failures.map((error) => error.message),
  });
}
