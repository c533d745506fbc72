import type { Difference } from '../diff/describe-operation';
import type { Project } from '../project/project';
import type { Schema } from '../schema/schema';
import {
  buildModelSide,
  loadModelSide,
  type LoadedSide,
  type ModelSide,
} from '../scratch/model-side';
import { neededOf } from '../schema/build-surroundings';
import { buildAhead } from '../scratch/models-ahead';
import { startModels } from '../scratch/models-process';
import { readProjectSchema, replay } from '../scratch/replay';
import { requireNotInterrupted, type Scratch } from '../scratch/with-scratch';

/** What a new migration is to lead from, and to. */
export interface BuiltSides {
  /** The scratch database to which the migrations are applied. */
  readonly replayed: Project;
  readonly before: Schema;
  readonly models: ModelSide;
  /** What {@link LoadedSide.failures} tells. */
  readonly doubts: readonly Difference[];
}

interface BuildOptions {
  readonly exclusive: boolean;
  readonly signal?: AbortSignal;
}

/**
 * Replays the migrations and builds the models.
 *
 * @param loaded undefined where another process is to load and build them meanwhile
 */
export async function buildSides(
  scratch: Scratch,
  project: Project,
  { exclusive, signal }: BuildOptions,
  loaded: LoadedSide | undefined,
): Promise<BuiltSides> {
  const child = loaded === undefined ? startModels(project, signal) : undefined;
  try {
    scratch.prepare(child === undefined ? 1 : 2);
    const live = child && (await readLive(project));
    const underWay = child && live && (await buildAhead(child, scratch, neededOf(live)));
    const { project: replayed, schemas } = await replay(scratch, { exclusive, signal });
    const before = schemas[0] as Schema;
    const ahead = await underWay?.take(before);
    requireNotInterrupted(signal);
    const { models, doubts } =
      ahead === undefined
        ? await buildHere(scratch, project, { before, exclusive, loaded })
        : { models: ahead.built, doubts: ahead.doubts };
    if (ahead !== undefined) await child?.finish();
    return { replayed, before, models, doubts };
  } finally {
    child?.stop();
  }
}

async function buildHere(
  scratch: Scratch,
  project: Project,
  options: {
    readonly before: Schema;
    readonly exclusive: boolean;
    readonly loaded: LoadedSide | undefined;
  },
): Promise<Pick<BuiltSides, 'models' | 'doubts'>> {
  const { before, exclusive } = options;
  const loaded = options.loaded ?? (await loadModelSide(project, exclusive));
  try {
    const models = await buildModelSide(await scratch.create(), loaded, before);
    return { models, doubts: loaded.failures() };
  } finally {
    if (options.loaded === undefined) await loaded.close();
  }
}

/** What is in the live database is likely what the migrations build; undefined where it cannot be reached. */
async function readLive(project: Project): Promise<Schema | undefined> {
  return readProjectSchema(project).catch(() => undefined);
}
