import { ordinalsOf } from './combination-sizes';
import { referenceOptions } from './plan-relations';
import type { Findings, PlanInputs, ChosenTable } from './plan-inputs';
import { askedRows } from './choose-tables';
import { drawnRows, roomFor } from '../generators/relation-of';
import type { RelationPlan, TablePlan } from './bulk-plan';

/** Children of each parent where nothing is said about their number. */
const USUAL_CHILDREN = 3;

/** Decides how many rows each table gets; tables come with parents first. */
export function countRows(
  tables: readonly TablePlan[],
  chosenTables: readonly ChosenTable[],
  inputs: PlanInputs,
  findings: Findings,
): TablePlan[] {
  const counts: Record<string, number> = {};
  const reused = new Set<string>();
  const factor = scaleOf(inputs, findings);
  const asked = (chosen: ChosenTable): number | undefined => {
    const rows = chosen.model && askedRows(inputs, chosen.model.name);
    if (rows === undefined || rows === 0 || factor === 1) return rows;
    return Math.max(leastRows(chosen, tables), Math.round(rows * factor));
  };
  const largest = Math.max(1, ...chosenTables.map((chosen) => asked(chosen) ?? 0));
  return tables.map((table) => {
    const chosen = chosenTables.find((each) => each.id === table.id)!;
    const made = inputs.made.get(table.id) ?? 0;
    const wanted = asked(chosen);
    const foreign = (inputs.present.get(table.id) ?? 0) > 0 && made === 0;
    // Without parents, not asked for, and with rows already: its rows are used as they are.
    const existing =
      table.existing ||
      (wanted === undefined &&
        foreign &&
        table.relations.every((each) => each.parent === table.id));
    if (existing) {
      reused.add(table.id);
      const rows = inputs.present.get(table.id) ?? 0;
      counts[table.id] = rows;
      return {
        ...table,
        existing: true,
        columns: [],
        relations: [],
        combinations: [],
        fixed: [],
        rows,
      };
    }
    const rows =
      (wanted === undefined || factor === 1 ? wanted : withinShapes(table, wanted, counts)) ??
      (reusesParents(table, reused) ? made : undefined) ??
      Math.max(
        made,
        usualRows(table, chosen, counts, largest) ??
          usualRoot(table, tables, chosenTables, asked) ??
          Math.ceil(largest / 10),
      );
    if (!Number.isInteger(rows) || rows < 0 || rows > 2 ** 50) {
      findings.problems.push(`${table.model}: rows must be a whole number from 0, not ${rows}.`);
    }
    if (rows === 0 && wanted !== 0) findings.notices.push(whyNone(table, reused, counts));
    counts[table.id] = rows;
    return { ...table, rows };
  });
}

/** The fewest rows of a scaled plan: one, the fixed rows, and as many as `min` asks for on the other side of a junction. */
function leastRows(chosen: ChosenTable, tables: readonly TablePlan[]): number {
  const mins = tables.flatMap(({ combinations, relations }) => {
    const pairs = combinations.some(({ members }) =>
      relations.some((each) => each.parent === chosen.id && members.includes(each.columns[0]!)),
    );
    return pairs ? relations.map(({ shape }) => shape.min) : [];
  });
  return Math.max(1, chosen.options.fixed?.length ?? 0, ...mins);
}

/** A scaled number of rows, moved to where each parent has as many children as `min` and `max` say. */
function withinShapes(
  table: TablePlan,
  rows: number,
  counts: Readonly<Record<string, number>>,
): number {
  let fitting = rows;
  for (const relation of table.relations) {
    const parents = counts[relation.parent] ?? 0;
    if (relation.mode !== 'drawn' || parents === 0) continue;
    const ordinals = leadOrdinals(table, relation, counts);
    const { min, share } = relation.shape;
    const least = min * Math.max(1, Math.floor(parents * share));
    fitting = Math.min(Math.max(fitting, least), roomFor(parents, relation.shape, ordinals));
  }
  return fitting;
}

function whyNone(
  { model, relations }: TablePlan,
  reused: ReadonlySet<string>,
  counts: Readonly<Record<string, number>>,
): string {
  const parents = relations.filter(({ parent }) => reused.has(parent)).map(({ parent }) => parent);
  const empty = parents.filter((parent) => counts[parent] === 0);
  const reason =
    empty.length > 0
      ? `there are no rows of ${empty.join(' and ')}`
      : parents.length > 0
        ? `the rows of ${parents.join(' and ')} were there before`
        : 'none come of the numbers of its parents';
  return `${model} gets no rows: ${reason}. Ask for some with --rows ${model}=N.`;
}

/** Whether all parents are rows that were there before: they may have children already. */
function reusesParents(table: TablePlan, reused: ReadonlySet<string>): boolean {
  const parents = table.relations
    .map(({ parent }) => parent)
    .filter((parent) => parent !== table.id);
  return parents.length > 0 && parents.every((parent) => reused.has(parent));
}

function scaleOf({ scale, file }: PlanInputs, { problems }: Findings): number {
  if (scale === undefined) return 1;
  const rows = [...Object.values(file?.models ?? {}), ...Object.values(file?.junctions ?? {})].map(
    (options) => options?.rows ?? 0,
  );
  const largest = Math.max(0, ...rows);
  if (largest === 0)
    problems.push(`--rows ${scale} needs a plan file that gives the rows of at least one model.`);
  return largest === 0 ? 1 : scale / largest;
}

function usualRows(
  table: TablePlan,
  chosen: ChosenTable,
  counts: Readonly<Record<string, number>>,
  largest: number,
): number | undefined {
  const relations = table.relations.filter(
    (each) => each.mode === 'drawn' && each.parent in counts,
  );
  const described = relations.find((each) => {
    const { min, max, share } = referenceOptions(chosen, each.columns[0]!);
    return min !== undefined || max !== undefined || share !== undefined;
  });
  const relation = described ?? relations.find((each) => each.shape.distinct) ?? relations[0];
  if (!relation) return undefined;
  const parents = counts[relation.parent]!;
  const ordinals = leadOrdinals(table, relation, counts);
  if (relation.shape.max !== undefined) return drawnRows(parents, relation.shape, ordinals);
  const each = Math.max(USUAL_CHILDREN, relation.shape.min) * parents * relation.shape.share;
  return Math.round(
    Math.min(
      each,
      Math.max(largest * 10, relation.shape.min * parents),
      roomFor(parents, relation.shape, ordinals),
    ),
  );
}

/** How many children of one parent can be told apart; Infinity where they need not be. */
export function leadOrdinals(
  table: TablePlan,
  relation: RelationPlan,
  counts: Readonly<Record<string, number>>,
): number {
  const lead = table.combinations.find(
    (each) => each.leads && each.members[0] === relation.columns[0],
  );
  return lead ? ordinalsOf(table, lead, counts) : Infinity;
}

/** A tenth of what was asked for among the tables that share children with this one. */
function usualRoot(
  table: TablePlan,
  tables: readonly TablePlan[],
  chosenTables: readonly ChosenTable[],
  asked: (chosen: ChosenTable) => number | undefined,
): number | undefined {
  const children = tables.filter((each) =>
    each.relations.some(({ parent }) => parent === table.id),
  );
  const near = children.flatMap((child) => [
    child.id,
    ...child.relations.map(({ parent }) => parent),
  ]);
  const counts = chosenTables
    .filter((each) => near.includes(each.id))
    .map((each) => asked(each) ?? 0);
  const most = Math.max(0, ...counts);
  return most > 0 ? Math.ceil(most / 10) : undefined;
}
