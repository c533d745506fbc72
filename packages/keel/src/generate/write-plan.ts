import { compareSchemas } from '../diff/compare-schemas';
import { describeOperation } from '../diff/describe-operation';
import { describeOperations } from '../diff/describe-operations';
import { findHazards } from '../diff/find-hazards';
import { describeHazard, type Hazard } from '../diff/hazard';
import type { Operation } from '../diff/operation';
import { oldNames } from '../diff/rename-operations';
import { markSplitColumns, mergeSteps, planSteps, type Step } from '../diff/safe-steps';
import type { Project } from '../project/project';
import { readFileStyle } from '../scaffold/file-style';
import { keyOf } from '../schema/object-names';
import type { QualifiedName, Schema } from '../schema/schema';
import type { ModelSide } from '../scratch/model-side';
import { changeKey } from './expand/offer-expand';
import { expansionSteps } from './expand/expansion-steps';
import type { ExpandedPlan } from './expand/plan-expansions';
import type { GenerateOptions, GenerateResult } from './generate-options';
import { countHazards, readTableSizes } from './live-rows';
import type { ChangePlan } from './plan-change';
import { planFiles, type NewFile } from './plan-files';
import { proveFiles } from './prove-files';
import { readLost } from './read-lost';
import { renderSteps } from './render-steps';

/** Both sides, and what lies between them. */
export interface Sides {
  readonly before: Schema;
  readonly models: ModelSide;
  readonly plan: ChangePlan;
  readonly expanded: ExpandedPlan;
  /** The flags that spare a table its rewrite, by the change's key. */
  readonly offers: ReadonlyMap<string, string>;
}

/** Rows from which on `auto` takes a table for big. */
const manyRows = 10_000;

/** Writes the steps of a plan, and proves them. */
export async function writePlan(
  project: Project,
  replayed: Project,
  sides: Sides,
  options: GenerateOptions,
): Promise<Omit<GenerateResult, 'notices'>> {
  const { before, models, plan, expanded, offers } = sides;
  const expansions = expanded.expansions.flatMap(expansionSteps);
  const steps = await planAll(project, sides, expansions, options);
  // Of the very operations that are written, so that each hazard stands above the statement that has it.
  const all = hazardsOf(project, sides, steps, expansions);
  const rows = await countHazards(project, all);
  const hazards = all.filter((one) => one.minor !== true || rows.get(one) !== 0);
  const files = await proveSteps(project, replayed, sides, options, (first) =>
    renderSteps(project, startWith(first, steps), { before, models, hazards, rows }),
  );
  const words = { before: 'the migrations', after: 'the models' };
  return {
    files,
    changes: describeOperations(plan.changes, words),
    hazards: hazards.map((hazard) => {
      const line = describeHazard(hazard, rows.get(hazard));
      const offer = offerOf(hazard, offers);
      return offer === undefined ? line : `${line}; ${offer} changes it beside the old column`;
    }),
  };
}

/** With `operations` before all others, so that they are undone last. */
function startWith(operations: readonly Operation[], steps: readonly Step[]): readonly Step[] {
  const [first, ...others] = steps;
  if (first === undefined) return steps;
  return [{ ...first, operations: [...operations, ...first.operations] }, ...others];
}

/** Writes and proves the files; once more with what the first way back has left out. */
async function proveSteps(
  project: Project,
  replayed: Project,
  { before, models: { schema, facts }, plan }: Sides,
  options: GenerateOptions,
  render: (first: readonly Operation[]) => ReturnType<typeof renderSteps>,
): Promise<readonly NewFile[]> {
  const proof = {
    before,
    blockers: plan.blockers,
    differences: (after: Schema) => {
      const left = compareSchemas(after, schema, { mode: 'models', facts, drop: plan.drop });
      const built = { before: 'what the migration builds', after: 'the models' };
      return left.operations.map((operation) => describeOperation(operation, built).text);
    },
    ...options,
  };
  const files = await planFiles(project, options.name, render([]));
  const lost = await proveFiles(replayed, files, proof, (back) => readLost(replayed, back, before));
  if (lost === undefined) return files;
  const again = await planFiles(project, options.name, render([lost]));
  await proveFiles(replayed, again, proof);
  return again;
}

function offerOf({ kind, operation }: Hazard, offers: Sides['offers']): string | undefined {
  const isRewrite = kind === 'rewrites the table' && operation.type === 'changeType';
  return isRewrite ? offers.get(changeKey(operation)) : undefined;
}

/** Sequelize sets its sessions to UTC unless it is told another zone. */
function isUtc({ config }: Project): boolean {
  const { timezone = 'UTC' } = config as { readonly timezone?: string };
  return ['+00:00', '-00:00', 'UTC', 'Etc/UTC', 'GMT'].includes(timezone);
}

async function planAll(
  project: Project,
  { before, plan, expanded }: Sides,
  expansions: readonly Step[],
  options: GenerateOptions,
): Promise<Step[]> {
  const { operations } = expanded;
  if (options.steps === 'simple')
    return [{ stage: 'main', suffix: '', transaction: true, operations }];
  const sizes =
    options.steps === 'safe' ? new Map<string, number>() : await readTableSizes(project);
  const oldTable = oldNames(plan.renames).table;
  const isBig = (table: QualifiedName): boolean =>
    options.steps === 'safe' || (sizes.get(keyOf(oldTable(table))) ?? 0) >= manyRows;
  const isPartitioned = (table: QualifiedName): boolean =>
    before.tables.some(
      (one) => keyOf(one) === keyOf(oldTable(table)) && one.kind === 'partitioned',
    );
  const fill =
    readFileStyle(project.paths.migrations, project.paths.root).typesFrom === 'sequelize-keel';
  const empty = fill ? await readEmptied(project, operations, { plan, isBig }) : new Set();
  const marked = markSplitColumns(
    operations.map((one) => (empty.has(one) ? { ...one, filled: true } : one)),
    isBig,
    { fill },
  );
  return mergeSteps([...planSteps(marked, isBig, isPartitioned), ...expansions]);
}

/** Those changes to NOT NULL of big tables that rows of the live database stand in the way of. */
async function readEmptied(
  project: Project,
  operations: readonly Operation[],
  { plan, isBig }: { plan: ChangePlan; isBig: (table: QualifiedName) => boolean },
): Promise<ReadonlySet<Operation>> {
  const facts = { tables: plan.before.tables, renames: plan.renames };
  const hazards = findHazards(operations, facts).filter(
    ({ operation, table }) => operation.type === 'changeNull' && isBig(table),
  );
  const rows = await countHazards(project, hazards);
  return new Set(
    hazards.filter((one) => (rows.get(one) ?? 0) > 0).map(({ operation }) => operation),
  );
}

/** What is made beside the old columns loses nothing and has its proof; what the models ask of it besides may fail. */
function hazardsOf(
  project: Project,
  { models, plan, expanded }: Sides,
  steps: readonly Step[],
  expansions: readonly Step[],
): Hazard[] {
  const facts = {
    tables: plan.before.tables,
    renames: plan.renames,
    enums: models.schema.enums,
    utc: isUtc(project),
  };
  const own = new Set(expansions.flatMap((step) => step.operations));
  const written = steps.flatMap((step) => step.operations).filter((one) => !own.has(one));
  const pulled = findHazards(expanded.pulled, facts).filter(
    ({ kind, operation }) =>
      (kind === 'may fail' && operation.type !== 'addColumn') ||
      (kind === 'loses data' && operation.type === 'changeType'),
  );
  return [...findHazards(written, facts), ...pulled];
}
