import { compareOthers } from '../diff/compare-others';
import { compareSchemas } from '../diff/compare-schemas';
import { describeNotice, type Difference, type Sides } from '../diff/describe-operation';
import { describeOperations } from '../diff/describe-operations';
import type { Comparison } from '../diff/comparison';
import { isKeelError } from '../errors';
import type { Project } from '../project/project';
import { readStatus, type StatusResult } from '../runner/read-status';
import { emptyFacts, type ModelFacts } from '../schema/model-facts';
import { displayName } from '../schema/object-names';
import type { Schema } from '../schema/schema';
import { buildModelSide, loadModelSide, type LoadedSide } from '../scratch/model-side';
import { readProjectSchema, replay } from '../scratch/replay';
import { ReplayCache } from '../scratch/replay-cache';
import { withScratch, type Scratch } from '../scratch/with-scratch';

/** Bits of {@link CheckResult.exitCode}; 1 is left to errors. */
export const checkBits = { models: 2, database: 4, pending: 8, changed: 16 } as const;

export interface CheckOptions {
  /** Whether the process is keel's own, so that every query of the project's Sequelize is a migration's. */
  readonly exclusive: boolean;
  /** False to replay the migrations although nothing has changed. */
  readonly cache?: boolean;
  readonly signal?: AbortSignal;
}

/** Whether models, migrations and the live database are the same. */
export interface CheckResult {
  /** False where the project has no models; then there is nothing to compare them with. */
  readonly hasModels: boolean;
  /** What the models want and the migrations do not build, or the other way round. */
  readonly models: readonly Difference[];
  /** What the database has and the applied migrations do not build, or the other way round. */
  readonly database: readonly Difference[];
  readonly pending: readonly string[];
  /** Applied, and the file is gone. */
  readonly missing: readonly string[];
  /** Applied, and the file's text is another now. */
  readonly changed: readonly string[];
  /** What is worth knowing and no difference. */
  readonly notices: readonly Difference[];
  /** A sum of {@link checkBits}; 0 where everything agrees. */
  readonly exitCode: number;
}

const modelSides: Sides = { before: 'the migrations', after: 'the models' };
const databaseSides: Sides = { before: 'the migrations', after: 'the database' };

/**
 * Compares three sides: what the models describe, what the migrations build, and what is in the database.
 * Models and migrations are built on scratch databases; the live one is only read.
 *
 * @throws KeelError where a side cannot be built
 */
export async function checkSchema(project: Project, options: CheckOptions): Promise<CheckResult> {
  const status = await readStatus(project, 'migration');
  const live = await readProjectSchema(project);
  const loaded = await loadModelSide(project, options.exclusive).catch(noModels);
  try {
    return await withScratch(project, options.signal, async (scratch) => {
      const built = await buildMigrations(scratch, project, status, live, options);
      const database = compareSchemas(built.applied, live, {
        mode: 'exact',
        facts: emptyFacts(),
      });
      const models = loaded && (await compareModels(await scratch.create(), loaded, built.all));
      const failures = loaded?.failures() ?? [];
      return resultOf(status, { models, database, built, live, scratch, failures });
    });
  } finally {
    await loaded?.close();
  }
}

/** A project may have migrations without models. */
function noModels(error: unknown): undefined {
  if (isKeelError(error, 'MODELS_NOT_FOUND')) return undefined;
  throw error;
}

interface ModelFindings extends Comparison {
  readonly facts: ModelFacts;
}

async function compareModels(
  scratch: Project,
  loaded: LoadedSide,
  built: Schema,
): Promise<ModelFindings> {
  const { schema, facts } = await buildModelSide(scratch, loaded, built);
  return { ...compareSchemas(built, schema, { mode: 'models', facts }), facts };
}

interface Built {
  /** After the applied migrations. */
  readonly applied: Schema;
  /** After the pending ones too. */
  readonly all: Schema;
}

async function buildMigrations(
  scratch: Scratch,
  project: Project,
  { migrations }: StatusResult,
  live: Schema,
  options: CheckOptions,
): Promise<Built> {
  const present = migrations.filter(({ file }) => file !== undefined);
  const applied = present.filter(({ status }) => status === 'applied').map(({ name }) => name);
  const pending = present.filter(({ status }) => status === 'pending').map(({ name }) => name);
  const cache = await ReplayCache.open(project, scratch.serverVersion);
  const known = options.cache === false ? undefined : await readCached(cache, applied, pending);
  if (known !== undefined) return known;
  const target = await scratch.create();
  const how = { ...options, extensions: live.extensions };
  await replay(target, { ...how, names: applied });
  const first = await readProjectSchema(target);
  await replay(target, { ...how, names: pending });
  const all = pending.length === 0 ? first : await readProjectSchema(target);
  await cache.write(applied, first);
  await cache.write([...applied, ...pending], all);
  return { applied: first, all };
}

async function readCached(
  cache: ReplayCache,
  applied: readonly string[],
  pending: readonly string[],
): Promise<Built | undefined> {
  const first = await cache.read(applied);
  const all = pending.length === 0 ? first : await cache.read([...applied, ...pending]);
  return first === undefined || all === undefined ? undefined : { applied: first, all };
}

interface Findings {
  /** Undefined where there are no models. */
  readonly models: ModelFindings | undefined;
  readonly database: Comparison;
  readonly built: Built;
  readonly live: Schema;
  readonly scratch: Scratch;
  /** Of code that the models have started. */
  readonly failures: readonly Difference[];
}

function resultOf(
  status: StatusResult,
  { models, database, built, live, scratch, failures }: Findings,
): CheckResult {
  const definitions =
    Math.floor(built.applied.serverVersion / 10000) === Math.floor(live.serverVersion / 10000);
  const result = {
    hasModels: models !== undefined,
    models: describeOperations(models?.operations ?? [], modelSides),
    database: [
      ...describeOperations(database.operations, databaseSides),
      ...compareOthers(built.applied, live, databaseSides, { definitions }),
    ],
    pending: status.migrations
      .filter((state) => state.status === 'pending')
      .map(({ name }) => name),
    missing: status.migrations.filter(({ missing }) => missing).map(({ name }) => name),
    changed: status.migrations.filter(({ changed }) => changed).map(({ name }) => name),
    notices: [
      ...(scratch.notice === undefined ? [] : [{ text: scratch.notice }]),
      ...failures,
      ...(models === undefined ? [] : modelNotices(models)),
    ],
  };
  return { ...result, exitCode: exitCodeOf(result) };
}

function modelNotices({ facts, notices }: ModelFindings): Difference[] {
  return [
    ...facts.notices.map(({ table, message }) => ({ table: displayName(table), text: message })),
    ...notices.map(describeNotice),
  ];
}

function exitCodeOf({
  models,
  database,
  pending,
  missing,
  changed,
}: Omit<CheckResult, 'exitCode'>): number {
  return (
    (models.length > 0 ? checkBits.models : 0) +
    (database.length > 0 ? checkBits.database : 0) +
    (pending.length > 0 ? checkBits.pending : 0) +
    (missing.length + changed.length > 0 ? checkBits.changed : 0)
  );
}
