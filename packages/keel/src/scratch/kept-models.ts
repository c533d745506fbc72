import { createHash } from 'node:crypto';
import { planBuild, type BuildPlan } from '../schema/plan-build';
import type { Schema } from '../schema/schema';
import { buildModelSide, type BuiltModels, type LoadedSide, type ModelSide } from './model-side';
import type { ReplayCache } from './replay-cache';
import type { Scratch } from './with-scratch';

/** The models' side as it was built last, and what it was built from. */
interface KeptModels {
  /** What decides where a table of no schema is made. */
  readonly places: string;
  readonly defaultSchema?: string;
  /** A digest of the statements that built it, and of what the migrations build. */
  readonly statements: string;
  readonly schema: Schema;
}

/** One for a project: a model changes often, and what it was before is of no use. */
const KEPT = ['the models'];

/** Where the models' side is kept. */
export interface ModelCache {
  readonly cache: ReplayCache;
  /** False to build the models although nothing has changed. */
  readonly use: boolean;
}

/**
 * Builds the models, or takes what the same statements have built on the same server before. The models are loaded in
 * any case: no list of files tells what their code depends on, and the statements do.
 *
 * @param surroundings what the migrations build
 * @throws KeelError MODELS_CONTRADICT
 */
export async function buildOrRecall(
  scratch: Scratch,
  loaded: LoadedSide,
  surroundings: Schema,
  { cache, use }: ModelCache,
): Promise<ModelSide> {
  const places = placesOf(scratch, surroundings);
  const kept = use ? await cache.read<KeptModels>(KEPT) : undefined;
  if (kept?.places === places) {
    const { unavailableExtensions } = scratch;
    const { defaultSchema, schema } = kept;
    const { models } = loaded;
    const plan = planBuild(loaded.sequelize, { defaultSchema, models, unavailableExtensions });
    if (digest(plan, surroundings) === kept.statements)
      return { schema, facts: plan.facts, failures: [] };
  }
  const built = await buildModelSide(await scratch.create(), loaded, surroundings);
  await keepModels(scratch, built, surroundings, cache);
  return built;
}

/** Keeps the models' side for the next command, where all of it could be built. */
export async function keepModels(
  scratch: Scratch,
  { plan, defaultSchema, schema, failures }: BuiltModels,
  surroundings: Schema,
  cache: ReplayCache,
): Promise<void> {
  if (failures.length > 0) return;
  const places = placesOf(scratch, surroundings);
  const statements = digest(plan, surroundings);
  await cache.write<KeptModels>(KEPT, { places, defaultSchema, statements, schema });
}

function placesOf({ searchPath }: Scratch, { namespaces }: Schema): string {
  return JSON.stringify([searchPath, namespaces]);
}

function digest({ facts: _facts, ...statements }: BuildPlan, surroundings: Schema): string {
  const hash = createHash('sha256');
  return hash.update(JSON.stringify([statements, surroundings])).digest('hex');
}
