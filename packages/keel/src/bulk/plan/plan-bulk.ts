import { KeelError, NOTHING_WRITTEN } from '../../errors';
import { checkGenerators, checkPlan } from './check-plan';
import { planColumns, planFixed } from './plan-columns';
import {
  attributeOf,
  fieldOf,
  nameOf,
  type Findings,
  type PlanInputs,
  type ChosenTable,
} from './plan-inputs';
import { planRelations } from './plan-relations';
import { askedRows, chooseTables } from './choose-tables';
import { countRows } from './count-rows';
import { planFileProblems } from './plan-file-problems';
import { planUniques } from './plan-uniques';
import { orderTables, type Dependency } from './order-tables';
import { GENERATOR_VERSION, type BulkPlan, type TablePlan } from './bulk-plan';
import type { CustomGenerator } from '../generators/values-of';

/** A plan with what belongs to it but cannot be stored. */
export interface PlannedBulk {
  readonly plan: BulkPlan;
  /** Functions of the plan file, by `table id.column`. */
  readonly customs: ReadonlyMap<string, CustomGenerator>;
  /** What the user should know although it is no obstacle. */
  readonly notices: readonly string[];
}

/**
 * Makes the plan: which tables, in which order, how many rows, and what fills each column. Pure.
 *
 * @throws KeelError `SEED_PLAN_IMPOSSIBLE` that lists everything that stands in the way
 */
export function planBulk(inputs: PlanInputs): PlannedBulk {
  const findings = newFindings();
  const { chosenTables, drafts } = draftTables(inputs, findings);
  const tables = countRows(drafts, chosenTables, inputs, findings);
  refuse(findings);
  checkPlan(tables, inputs, findings);
  refuse(findings);
  return {
    plan: withTables(inputs, tables),
    customs: findings.customs,
    notices: findings.notices,
  };
}

/**
 * Makes the part of a plan that no added rows can change: the tables whose rows were asked for by name. Whether the
 * others are filled or used as they are depends on the rows in them.
 *
 * @throws KeelError `SEED_PLAN_IMPOSSIBLE` where it is impossible whatever rows there will be
 */
export function planBeforehand(inputs: PlanInputs): BulkPlan {
  const findings = newFindings();
  const { chosenTables, drafts } = draftTables(inputs, findings);
  const asked = drafts.filter((draft) => {
    const { model } = chosenTables.find((each) => each.id === draft.id)!;
    return !draft.existing && model && askedRows(inputs, model.name) !== undefined;
  });
  checkGenerators(asked, inputs, findings);
  refuse(findings);
  return withTables(inputs, asked);
}

const newFindings = (): Findings => ({ problems: [], notices: [], customs: new Map() });

function withTables({ seed, file }: PlanInputs, tables: readonly TablePlan[]): BulkPlan {
  return { seed: seed ?? file?.seed ?? 1, generatorVersion: GENERATOR_VERSION, tables };
}

/** The tables in the order in which they are filled, all but the numbers of their rows. */
function draftTables(
  inputs: PlanInputs,
  findings: Findings,
): { readonly chosenTables: readonly ChosenTable[]; readonly drafts: readonly TablePlan[] } {
  if (inputs.file) findings.problems.push(...planFileProblems(inputs.file));
  refuse(findings);
  const chosenTables = chooseTables(inputs, findings);
  refuse(findings);
  const unordered = chosenTables.map((chosen) => draftTable(chosen, chosenTables, findings));
  refuse(findings);
  const drafts = order(unordered, findings);
  refuse(findings);
  return { chosenTables, drafts };
}

function refuse({ problems }: Findings): void {
  if (problems.length === 0) return;
  throw new KeelError(
    problems.length === 1
      ? problems[0]!
      : `This plan cannot be carried out, for ${problems.length} reasons:`,
    {
      code: 'SEED_PLAN_IMPOSSIBLE',
      state: NOTHING_WRITTEN,
      details: problems.length === 1 ? [] : problems,
    },
  );
}

function draftTable(
  chosen: ChosenTable,
  chosenTables: readonly ChosenTable[],
  findings: Findings,
): TablePlan {
  const { catalog, options } = chosen;
  const base = {
    id: chosen.id,
    schema: catalog.schema,
    table: catalog.table,
    model: nameOf(chosen),
    rows: 0,
    key: catalog.primaryKey,
  };
  if (options.existing) {
    return { ...base, columns: [], relations: [], combinations: [], fixed: [], existing: true };
  }
  const relations = planRelations(chosen, chosenTables, findings);
  const columns = planColumns(chosen, relations, findings);
  const uniques = planUniques(chosen, columns, relations, findings);
  checkAfter(
    chosen,
    uniques.columns.map((column) => column.name),
    findings,
  );
  return { ...base, ...uniques, fixed: planFixed(chosen, findings), existing: false };
}

function checkAfter(chosen: ChosenTable, names: readonly string[], { problems }: Findings): void {
  for (const [attribute, given] of Object.entries(chosen.options.columns ?? {})) {
    const generator =
      given && typeof given === 'object'
        ? 'generator' in given
          ? given.generator
          : given
        : undefined;
    if (typeof generator !== 'object' || !('kind' in generator) || generator.kind !== 'after')
      continue;
    const field = fieldOf(chosen, generator.column);
    if (field !== undefined && names.includes(field) && attributeOf(chosen, field) !== attribute)
      continue;
    problems.push(
      `${nameOf(chosen)}.columns.${attribute} comes after ${generator.column}, which is not another filled column.`,
    );
  }
}

function order(drafts: readonly TablePlan[], { problems }: Findings): TablePlan[] {
  const dependencies: Dependency[] = drafts.flatMap((table) =>
    table.relations.map((relation) => ({
      child: table.id,
      parent: relation.parent,
      column: relation.columns[0]!,
      // A second pass finds the rows by their key.
      canWait:
        !relation.notNull &&
        table.key.length > 0 &&
        !relation.columns.some((column) => table.key.includes(column)),
    })),
  );
  const {
    order: ids,
    late,
    stuck,
  } = orderTables(
    drafts.map((table) => table.id),
    dependencies,
  );
  if (stuck.length > 0) {
    const models = stuck.map((id) => drafts.find((table) => table.id === id)?.model ?? id);
    problems.push(
      `${[...models, models[0]!].join(' -> ')} refer to one another and none of these foreign keys can be filled later: no row can come first. Allow NULL in one of them, in a table with a primary key.`,
    );
  }
  const isLate = (table: string, column: string): boolean =>
    late.some((each) => each.child === table && each.column === column);
  return ids.map((id) => {
    const table = drafts.find((each) => each.id === id)!;
    return {
      ...table,
      relations: table.relations.map((relation) => ({
        ...relation,
        late: isLate(id, relation.columns[0]!),
      })),
    };
  });
}
