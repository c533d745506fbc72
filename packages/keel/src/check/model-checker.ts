import type { Difference } from '../diff/describe-operation';
import type { Project } from '../project/project';
import { neededOf } from '../schema/build-surroundings';
import type { Schema } from '../schema/schema';
import { buildOrRecall, keepModels, recallModels } from '../scratch/kept-models';
import type { ModelSide } from '../scratch/model-side';
import { areManyModels, buildAhead, isAhead, type BuildUnderWay } from '../scratch/models-ahead';
import { startModels, type ModelsProcess } from '../scratch/models-process';
import { requireNotInterrupted, type Scratch } from '../scratch/with-scratch';
import type { BuildOptions, BuiltMigrations } from './build-migrations';
import { compareModels, loadCheckedModels, type ModelFindings } from './compare-models';

interface FromProcess {
  readonly side: ModelSide;
  readonly doubts: readonly Difference[];
}

/**
 * The models' side of a check. Many models are loaded in a process of their own, from the start on; any, where many
 * migrations are replayed. Where that process fails in any way they are loaded here.
 */
export class ModelChecker {
  private models: ModelsProcess | undefined;
  private building: BuildUnderWay | undefined;
  private recalling: Promise<FromProcess | undefined> | undefined;
  private taken: FromProcess | undefined;

  constructor(
    private readonly project: Project,
    private readonly options: Omit<BuildOptions, 'onReplay'>,
  ) {
    const { exclusive, signal } = options;
    if (areManyModels(project, exclusive)) this.models = startModels(project, signal);
  }

  /** Whether {@link buildMeanwhile} needs a scratch database. */
  willBuild(files: number): boolean {
    if (this.recalling !== undefined || this.building !== undefined) return false;
    return this.models !== undefined || isAhead(this.project, files, this.options.exclusive);
  }

  /**
   * Lets the models be built while `files` migrations are replayed, where that gains time.
   *
   * @param expected what the migrations are likely to build, such as what is in the live database
   */
  async buildMeanwhile(scratch: Scratch, files: number, expected: Schema): Promise<void> {
    if (!this.willBuild(files)) return;
    this.models ??= startModels(this.project, this.options.signal);
    this.building = await buildAhead(this.models, scratch, neededOf(expected));
  }

  /** Asks meanwhile whether what is kept of the models is still what they say. */
  recallMeanwhile(scratch: Scratch, { all, cache }: BuiltMigrations): void {
    const { models, building } = this;
    if (models === undefined || building !== undefined || this.options.cache === false) return;
    this.recalling = recallFrom(models, scratch, all, cache);
    // Whoever waits for it gets the error.
    this.recalling.catch(() => undefined);
  }

  /** Waits for the models that were built meanwhile, and is true where they are of use. */
  async areBuilt(scratch: Scratch, built: BuiltMigrations): Promise<boolean> {
    if (this.building !== undefined) this.taken = await this.takeBuilt(scratch, built);
    return this.taken !== undefined;
  }

  /** Compares them with what the migrations build; undefined where there are none. */
  async compare(scratch: Scratch, built: BuiltMigrations): Promise<ModelFindings | undefined> {
    const found = this.taken ?? (await this.recalling) ?? (await this.takeBuilt(scratch, built));
    requireNotInterrupted(this.options.signal);
    if (found === undefined) return compareLoaded(scratch, this.project, built, this.options);
    const { side, doubts } = found;
    const findings = await compareModels(
      () => doubts,
      built.all,
      () => Promise.resolve(side),
    );
    await this.models?.finish();
    return findings;
  }

  stop(): void {
    this.models?.stop();
  }

  private async takeBuilt(
    scratch: Scratch,
    { all, cache }: BuiltMigrations,
  ): Promise<FromProcess | undefined> {
    if (this.models === undefined) return undefined;
    this.building ??= await buildAhead(this.models, scratch, all);
    const taken = await this.building?.take(all);
    if (taken === undefined) return undefined;
    await keepModels(scratch, taken.built, all, cache);
    return { side: taken.built, doubts: taken.doubts };
  }
}

async function recallFrom(
  models: ModelsProcess,
  scratch: Scratch,
  surroundings: Schema,
  cache: BuiltMigrations['cache'],
): Promise<FromProcess | undefined> {
  let doubts: readonly Difference[] = [];
  const plan: Parameters<typeof recallModels>[1] = async (place) => {
    const answer = await models.plan(place);
    ({ doubts } = answer);
    return answer.planned;
  };
  const side = await recallModels(scratch, plan, surroundings, cache);
  return side && { side, doubts };
}

/**
 * The models are loaded after the migrations have been replayed, as in a deploy: what models change in the process, such as
 * `useCLS()` or modules that are loaded in another way, is not there when `db:migrate` runs.
 */
async function compareLoaded(
  scratch: Scratch,
  project: Project,
  { all, cache }: BuiltMigrations,
  options: Omit<BuildOptions, 'onReplay'>,
): Promise<ModelFindings | undefined> {
  const loaded = await loadCheckedModels(project, options.exclusive);
  if (loaded === undefined) return undefined;
  if (!('sequelize' in loaded))
    return { differences: [], notices: [], failures: loaded, schemas: [] };
  try {
    const use = options.cache !== false;
    return await compareModels(loaded.failures, all, () =>
      buildOrRecall(scratch, loaded, all, { cache, use }),
    );
  } finally {
    await loaded.close();
  }
}
