import { createHash } from 'node:crypto';
import type { Schema } from '../schema/schema';
import {
  buildModelSide,
  planModelSide,
  type BuiltModels,
  type LoadedSide,
  type ModelPlace,
  type ModelSide,
  type PlannedModels,
} from './model-side';
import type { ReplayCache } from './replay-cache';
import type { Scratch } from './with-scratch';

/** The models' side as it was built last, and what it was built from. */
interface KeptModels {
  /** What decides where a table of no schema is made. */
  readonly places: string;
  readonly defaultSchema?: string;
  /** Digests of the statements that built it, and of what the migrations build. */
  readonly statements: string;
  readonly surroundings: string;
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
  const plan = (place: ModelPlace) => Promise.resolve(planModelSide(loaded, place));
  const recalled = use ? await recallModels(scratch, plan, surroundings, cache) : undefined;
  if (recalled !== undefined) return recalled;
  const built = await buildModelSide(await scratch.create(), loaded, surroundings);
  await keepModels(scratch, built, surroundings, cache);
  return built;
}

/**
 * What the same statements have built before; undefined where nothing is kept of them.
 *
 * @param plan plans the models' side; undefined where that is not possible
 */
export async function recallModels(
  scratch: Scratch,
  plan: (place: ModelPlace) => Promise<PlannedModels | undefined>,
  surroundings: Schema,
  cache: ReplayCache,
): Promise<ModelSide | undefined> {
  const kept = await cache.read<KeptModels>(KEPT);
  if (kept?.places !== placesOf(scratch, surroundings)) return undefined;
  const { unavailableExtensions } = scratch;
  const planning = plan({ defaultSchema: kept.defaultSchema, unavailableExtensions });
  const isSame = digest(surroundings) === kept.surroundings;
  const planned = await planning;
  return isSame && planned?.statements === kept.statements
    ? { schema: kept.schema, facts: planned.facts, failures: [] }
    : undefined;
}

/** Keeps the models' side for the next command, where all of it could be built. */
export async function keepModels(
  scratch: Scratch,
  { statements, defaultSchema, schema, failures }: BuiltModels,
  surroundings: Schema,
  cache: ReplayCache,
): Promise<void> {
  if (failures.length > 0) return;
  await cache.write<KeptModels>(KEPT, {
    places: placesOf(scratch, surroundings),
    defaultSchema,
    statements,
    surroundings: digest(surroundings),
    schema,
  });
}

function placesOf({ searchPath }: Scratch, { namespaces }: Schema): string {
  return JSON.stringify([searchPath, namespaces]);
}

function digest(schema: Schema): string {
  return createHash('sha256').update(JSON.stringify(schema)).digest('hex');
}
