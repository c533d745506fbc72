import { existsSync, readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import type { Difference } from '../diff/describe-operation';
import type { Project } from '../project/project';
import { neededOf } from '../schema/build-surroundings';
import type { Schema } from '../schema/schema';
import type { BuiltModels } from './model-side';
import type { ModelsProcess } from './models-process';
import type { Scratch } from './with-scratch';

/** The models' side as a process of its own has built it. */
export interface ModelsAhead {
  readonly built: BuiltModels;
  readonly doubts: readonly Difference[];
}

/** A process that is at it. */
export interface BuildUnderWay {
  /** What it has built, or undefined where the migrations turned out to build other surroundings than it was given. */
  readonly take: (migrations: Schema) => Promise<ModelsAhead | undefined>;
}

/** A process takes a third of a second to start: with fewer files to replay, or models to load, it gains nothing. */
const MANY_FILES = 100;
const MANY_MODELS = 200;

/** Whether a project's models are built ahead while `files` migrations are replayed. */
export function isAhead(project: Project, files: number, exclusive: boolean): boolean {
  return files >= MANY_FILES && mayHaveProcess(project, exclusive);
}

/** Whether they are loaded in a process of their own from the start on, whatever else is to be done. */
export function areManyModels(project: Project, exclusive: boolean): boolean {
  if (!mayHaveProcess(project, exclusive)) return false;
  try {
    return readdirSync(project.paths.models, { recursive: true }).length >= MANY_MODELS;
  } catch {
    return false;
  }
}

/** A process that is not keel's own may have the project from elsewhere than another one would read it from. */
function mayHaveProcess({ paths }: Project, exclusive: boolean): boolean {
  return exclusive && availableParallelism() > 1 && existsSync(paths.models);
}

/**
 * Lets `models` build its side while this process does other things, such as replaying the migrations.
 *
 * @param surroundings what the migrations build, or what of it models are likely to need
 */
export async function buildAhead(
  models: ModelsProcess,
  scratch: Scratch,
  surroundings: Schema,
): Promise<BuildUnderWay | undefined> {
  // The process finds the project's own server by itself.
  if (scratch.notice !== undefined) return undefined;
  const { connection } = await scratch.create();
  const answered = models.build(connection.database, surroundings);
  return {
    take: async (migrations) => {
      const { built, doubts } = await answered;
      if (built === undefined || !isSame(neededOf(surroundings), neededOf(migrations)))
        return undefined;
      return { built: { ...built, failures: [] }, doubts };
    },
  };
}

function isSame(a: Schema, b: Schema): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
