import type { Difference, Sides } from '../diff/describe-operation';
import type { Project } from '../project/project';
import { requireNamedFolder } from '../project/require-named-folder';
import { readStatus, type StatusResult } from '../runner/read-status';
import type { Schema } from '../schema/schema';
import { readProjectSchema } from '../scratch/replay';
import { withScratch, type Scratch } from '../scratch/with-scratch';
import { buildMigrations, type BuildOptions, type BuiltMigrations } from './build-migrations';
import type { ModelFindings } from './compare-models';
import { ModelChecker } from './model-checker';
import { withoutRuntimePartitions } from './without-runtime-partitions';
import {
  allRepeatable,
  compareDatabase,
  findUnrepeatable,
  type DatabaseFindings,
} from './compare-database';

/** Bits of {@link CheckResult.exitCode}; 1 is that of errors, here of models that cannot be built. */
export const checkBits = { failed: 1, models: 2, database: 4, pending: 8, changed: 16 } as const;

/** How to check. */
export type CheckOptions = Omit<BuildOptions, 'onReplay'>;

/** Whether models, migrations and the live database are the same. */
export interface CheckResult {
  /** False where the project has no models; then there is nothing to compare them with. */
  readonly hasModels: boolean;
  /** False where the project has no migrations; then the database is compared with an empty one. */
  readonly hasMigrations: boolean;
  /** Models that cannot be loaded or built, and why; the rest is compared all the same. */
  readonly failed: readonly Difference[];
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

const sides: Sides = { before: 'the migrations', after: 'the database' };

/**
 * Compares three sides: what the models describe, what the migrations build, and what is in the database.
 * Models and migrations are built on scratch databases; the live one is only read.
 *
 * @throws KeelError where the migrations cannot be replayed or the database cannot be read
 */
export async function checkSchema(project: Project, options: CheckOptions): Promise<CheckResult> {
  const models = new ModelChecker(project, options);
  try {
    const status = await readStatus(project, 'migration');
    requireNamedFolder(project.paths, 'models');
    // Meanwhile: the server reads its catalog for longer than keel takes to find out what is kept.
    const reading = readProjectSchema(project);
    // Whoever waits for it gets the error.
    reading.catch(() => undefined);
    return await withScratch(project, options.signal, async (scratch) => {
      const how = { ...options, reading, models };
      const { built, database, found, live } = await compareSides(scratch, project, status, how);
      const notices = [
        ...(scratch.notice === undefined ? [] : [{ text: scratch.notice }]),
        ...unusedPatterns(project, [live, built.all, ...(found?.schemas ?? [])]),
      ];
      return resultOf(status, database, found, notices);
    });
  } finally {
    models.stop();
  }
}

interface ComparedSides {
  readonly live: Schema;
  readonly built: BuiltMigrations;
  readonly database: DatabaseFindings;
  readonly found: ModelFindings | undefined;
}

interface CompareOptions extends CheckOptions {
  readonly reading: Promise<Schema>;
  readonly models: ModelChecker;
}

async function compareSides(
  scratch: Scratch,
  project: Project,
  status: StatusResult,
  { reading, models, ...options }: CompareOptions,
): Promise<ComparedSides> {
  const onReplay = async (files: number): Promise<void> => {
    scratch.prepare(models.willBuild(files) ? 2 : 1);
    // Once files run, no connection but theirs is to be open.
    await models.buildMeanwhile(scratch, files, await reading);
  };
  const built = await buildMigrations(scratch, project, status, { ...options, onReplay });
  models.recallMeanwhile(scratch, built);
  if (await models.areBuilt(scratch, built)) await scratch.dropMeanwhile();
  const live = await reading;
  const database = await compareLive(built, live);
  const found = await models.compare(scratch, built);
  return { built, database, found, live };
}

/** A difference may be one that a second replay shows too: then it is none of the database. */
async function compareLive(migrations: BuiltMigrations, all: Schema): Promise<DatabaseFindings> {
  const { built, live, notices } = withoutRuntimePartitions(migrations.applied, all);
  const found = compareDatabase(built, live, sides, allRepeatable);
  if (found.differences.length === 0) return { ...found, notices };
  const unrepeatable = findUnrepeatable(migrations.applied, await migrations.again());
  const rest = compareDatabase(built, live, sides, unrepeatable);
  return { ...rest, notices: [...notices, ...rest.notices] };
}

/** A pattern that matches nothing any more may hide something one day. */
function unusedPatterns({ settings }: Project, schemas: readonly Schema[]): Difference[] {
  const used = new Set(schemas.flatMap(({ ignored }) => ignored ?? []));
  return settings.ignore
    .filter((pattern) => !used.has(pattern))
    .map((pattern) => ({ text: `the setting keel.ignore: "${pattern}" matches no object` }));
}

function resultOf(
  { migrations }: StatusResult,
  { differences, notices }: DatabaseFindings,
  models: ModelFindings | undefined,
  general: readonly Difference[],
): CheckResult {
  const result = {
    hasModels: models !== undefined,
    hasMigrations: migrations.length > 0,
    failed: models?.failures ?? [],
    models: models?.differences ?? [],
    database: differences,
    pending: migrations.filter(({ status }) => status === 'pending').map(({ name }) => name),
    missing: migrations.filter(({ missing }) => missing).map(({ name }) => name),
    changed: migrations.filter(({ changed }) => changed).map(({ name }) => name),
    notices: [...general, ...notices, ...(models?.notices ?? [])],
  };
  return { ...result, exitCode: exitCodeOf(result) };
}

function exitCodeOf(result: Omit<CheckResult, 'exitCode'>): number {
  const { failed, models, database, pending, missing, changed } = result;
  return (
    (failed.length > 0 ? checkBits.failed : 0) +
    (models.length > 0 ? checkBits.models : 0) +
    (database.length > 0 ? checkBits.database : 0) +
    (pending.length > 0 ? checkBits.pending : 0) +
    (missing.length + changed.length > 0 ? checkBits.changed : 0)
  );
}
