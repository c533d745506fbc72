import type { CodegenContext } from '../codegen/codegen-context';
import { writeMigrationFile, type Layout } from '../codegen/write-migration-file';
import { writeStatements } from '../codegen/write-statements';
import { compareSchemas } from '../diff/compare-schemas';
import { describeNotice, describeOperation, type Difference } from '../diff/describe-operation';
import { describeOperations } from '../diff/describe-operations';
import { describeHazard, type Hazard } from '../diff/hazard';
import { findHazards } from '../diff/find-hazards';
import type { Operation } from '../diff/operation';
import { oldNames } from '../diff/rename-operations';
import { reverseAll } from '../diff/reverse';
import { markSplitColumns, planSteps, type Step } from '../diff/safe-steps';
import { sequelizeVersion } from '../project/load-sequelize';
import type { Project } from '../project/project';
import { readFileStyle } from '../scaffold/file-style';
import { displayName, keyOf } from '../schema/object-names';
import { byKey } from '../schema/read-schema';
import type { QualifiedName, Schema } from '../schema/schema';
import { countHazards, readTableSizes } from './live-rows';
import { buildModelSide, loadModelSide, requireBuilt, type ModelSide } from '../scratch/model-side';
import { planChange, replayedOn, type ChangePlan, type RenameOptions } from './plan-change';
import { proveFiles } from './prove-files';
import { replay } from '../scratch/replay';
import { requireNotInterrupted, withScratch } from '../scratch/with-scratch';
import { planFiles, type NewFile, type StepText } from './plan-files';

export interface GenerateOptions extends RenameOptions {
  /** Becomes part of the file's name. */
  readonly name: string;
  /**
   * - `auto`: safe steps for tables that have many rows in the live database
   * - `simple`: one plain file
   * - `safe`: as if every table had many rows
   */
  readonly steps?: 'auto' | 'simple' | 'safe';
  readonly exclusive: boolean;
  readonly signal?: AbortSignal;
}

export interface GenerateResult {
  /** In the order in which they run; none where models and migrations agree. */
  readonly files: readonly NewFile[];
  /** What the files change. */
  readonly changes: readonly Difference[];
  /** What may go wrong or be lost, with the rows of the live database that are hit. */
  readonly hazards: readonly string[];
  readonly notices: readonly Difference[];
}

/** Rows from which on `auto` takes a table for big. */
const manyRows = 10_000;

/**
 * Writes the migration that makes the migrations build what the models describe. It has been run up and
 * down on a scratch database before the file is there.
 *
 * @throws KeelError AMBIGUOUS_RENAME, MIGRATION_NOT_PROVED, and what building a side throws
 */
export async function generateFromModels(
  project: Project,
  options: GenerateOptions,
): Promise<GenerateResult> {
  const loaded = await loadModelSide(project, options.exclusive);
  try {
    return await withScratch(project, options.signal, async (scratch) => {
      const { exclusive, signal } = options;
      const { project: replayed, schemas } = await replay(scratch, { exclusive, signal });
      const before = schemas[0] as Schema;
      const models = await buildModelSide(await scratch.create(), loaded, before);
      requireBuilt(models);
      requireNotInterrupted(options.signal);
      const plan = await planChange(replayedOn(replayed), before, models, options);
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
      const written = await writePlan(project, replayed, { before, models, plan }, options);
      return { ...written, notices };
    });
  } finally {
    await loaded.close();
  }
}

interface Sides {
  readonly before: Schema;
  readonly models: ModelSide;
  readonly plan: ChangePlan;
}

async function writePlan(
  project: Project,
  replayed: Project,
  { before, models, plan }: Sides,
  options: GenerateOptions,
): Promise<Omit<GenerateResult, 'notices'>> {
  const sizes =
    options.steps === 'simple' || options.steps === 'safe'
      ? new Map<string, number>()
      : await readTableSizes(project);
  const oldTable = oldNames(plan.renames).table;
  const isBig = (table: QualifiedName): boolean =>
    options.steps === 'safe' || (sizes.get(keyOf(oldTable(table))) ?? 0) >= manyRows;
  const isPartitioned = (table: QualifiedName): boolean =>
    before.tables.some(
      (one) => keyOf(one) === keyOf(oldTable(table)) && one.kind === 'partitioned',
    );
  const isSimple = options.steps === 'simple';
  const fill =
    readFileStyle(project.paths.migrations, project.paths.root).typesFrom === 'sequelize-keel';
  const operations = isSimple
    ? plan.operations
    : markSplitColumns(plan.operations, isBig, { fill });
  const steps = isSimple ? [plain(operations)] : planSteps(operations, isBig, isPartitioned);
  // Of the very operations that are written, so that each hazard stands above the statement that has it.
  const written = steps.flatMap((step) => step.operations);
  const all = findHazards(written, {
    tables: plan.before.tables,
    renames: plan.renames,
    enums: models.schema.enums,
    utc: isUtc(project),
  });
  const rows = await countHazards(project, all);
  const hazards = all.filter((one) => one.minor !== true || rows.get(one) !== 0);
  const texts = renderSteps(project, steps, { before, models, hazards, rows });
  const { schema, facts } = models;
  const files = await planFiles(project, options.name, texts);
  await proveFiles(replayed, files, {
    before,
    differences: (after) => {
      const left = compareSchemas(after, schema, { mode: 'models', facts, drop: plan.drop });
      const built = { before: 'what the migration builds', after: 'the models' };
      return left.operations.map((operation) => describeOperation(operation, built).text);
    },
    ...options,
  });
  const sides = { before: 'the migrations', after: 'the models' };
  return {
    files,
    changes: describeOperations(plan.changes, sides),
    hazards: hazards.map((hazard) => describeHazard(hazard, rows.get(hazard))),
  };
}

/** Sequelize sets its sessions to UTC unless it is told another zone. */
function isUtc({ config }: Project): boolean {
  const { timezone = 'UTC' } = config as { readonly timezone?: string };
  return ['+00:00', '-00:00', 'UTC', 'Etc/UTC', 'GMT'].includes(timezone);
}

function plain(operations: readonly Operation[]): Step {
  return { suffix: '', transaction: true, operations };
}

interface RenderInput {
  readonly before: Schema;
  readonly models: ModelSide;
  readonly hazards: readonly Hazard[];
  readonly rows: ReadonlyMap<Hazard, number>;
}

const layout: Layout = { printWidth: 80 };

function renderSteps(project: Project, steps: readonly Step[], input: RenderInput): StepText[] {
  const style = readFileStyle(project.paths.migrations, project.paths.root);
  const major = sequelizeVersion(project.paths.root)?.major;
  const context: CodegenContext = { ...style, sequelizeMajor: major === 5 ? 5 : 6 };
  const remarks = new Map<Operation, string[]>();
  for (const hazard of input.hazards) {
    remarks.set(hazard.operation, [
      ...(remarks.get(hazard.operation) ?? []),
      `${describeHazard(hazard, input.rows.get(hazard))}.`,
    ]);
  }
  for (const [operation, note] of steps.flatMap(({ notes }) => [...(notes ?? [])]))
    remarks.set(operation, [note, ...(remarks.get(operation) ?? [])]);
  return steps.map(({ suffix, transaction, operations }) => ({
    suffix,
    extension: style.extension,
    text: writeMigrationFile(
      context,
      {
        up: writeStatements(context, operations, byKey(input.models.schema.enums)),
        down: writeStatements(context, reverseAll(operations), byKey(input.before.enums)),
        remarks,
        emptyDown: 'Nothing to undo.',
        withoutTransaction: !transaction,
      },
      layout,
    ),
  }));
}
