import { capacityOf } from '../generators/capacity-of';
import { fieldOf, nameOf, type Findings, type ChosenTable } from './plan-inputs';
import { referenceOptions } from './plan-relations';
import { heldUniques } from './held-uniques';
import type { ColumnPlan, Combination, RelationPlan } from './bulk-plan';

/** A table's columns and relations once its uniques have been taken care of. */
export interface UniquePlan {
  readonly columns: readonly ColumnPlan[];
  readonly relations: readonly RelationPlan[];
  readonly combinations: readonly Combination[];
}

/** Above this many values, a column is made unique by itself rather than within a combination. */
const PLENTY = 2 ** 31;

/** Decides how each unique constraint of a table is held. */
export function planUniques(
  chosen: ChosenTable,
  columns: readonly ColumnPlan[],
  relations: readonly RelationPlan[],
  findings: Findings,
): UniquePlan {
  const work: Work = {
    chosen,
    columns: [...columns],
    relations: [...relations],
    combinations: [],
    findings,
  };
  for (const set of uniqueSets(chosen, findings)) hold(work, set);
  return { columns: work.columns, relations: work.relations, combinations: work.combinations };
}

interface Work {
  readonly chosen: ChosenTable;
  columns: ColumnPlan[];
  relations: RelationPlan[];
  combinations: Combination[];
  readonly findings: Findings;
}

function uniqueSets(chosen: ChosenTable, { problems }: Findings): (readonly string[])[] {
  const { catalog, model, options } = chosen;
  const sets: (readonly string[])[] = [
    catalog.primaryKey,
    ...heldUniques(chosen).map(({ columns }) => columns),
  ];
  for (const reference of model?.references ?? []) if (reference.one) sets.push(reference.fields);
  for (const column of model?.columns ?? []) if (column.unique) sets.push([column.field]);
  for (const attributes of options.unique ?? []) {
    const fields = attributes.map((attribute) => fieldOf(chosen, attribute));
    const missing = attributes.find((_, at) => fields[at] === undefined);
    if (missing === undefined) sets.push(fields as string[]);
    else problems.push(`${nameOf(chosen)}.unique: ${chosen.id} has no column ${missing}.`);
  }
  return sets.filter((set) => set.length > 0).sort((a, b) => a.length - b.length);
}

function hold(work: Work, set: readonly string[]): void {
  const own = work.columns.filter((column) => set.includes(column.name));
  const related = work.relations.filter((relation) =>
    relation.columns.some((column) => set.includes(column)),
  );
  if (
    own.some(
      (column) =>
        column.unique || column.generator.kind === 'serial' || column.generator.kind === 'uuid',
    )
  )
    return;
  if (work.combinations.some((known) => isWithin(known, own, related))) return;
  // A self-reference that is unique by itself became a chain.
  if (related.some((relation) => relation.mode === 'chain')) return;
  const plentiful = own.find(
    (column) => capacityOf(column.generator) >= PLENTY && column.generator.kind !== 'custom',
  );
  const single = own.length === 1 && related.length === 0 ? own[0] : undefined;
  const alone = plentiful ?? single;
  if (alone) {
    work.columns = work.columns.map((column) =>
      column === alone ? { ...column, unique: true } : column,
    );
    return;
  }
  combine(work, set, own, related);
}

function isWithin(
  known: Combination,
  own: readonly ColumnPlan[],
  related: readonly RelationPlan[],
): boolean {
  const names = [
    ...own.map((column) => column.name),
    ...related.map((relation) => relation.columns[0]!),
  ];
  return known.members.every((member) => names.includes(member));
}

function combine(
  work: Work,
  set: readonly string[],
  own: readonly ColumnPlan[],
  related: readonly RelationPlan[],
): void {
  const { chosen, findings } = work;
  const label = `${nameOf(chosen)}: unique (${set.join(', ')})`;
  const self = related.find((relation) => relation.mode === 'tree');
  if (self && related.length === 1 && own.length === 0) {
    work.relations = work.relations.map((each) =>
      each === self ? { ...each, mode: 'chain', nullRate: 0 } : each,
    );
    return;
  }
  const names = [
    ...related.map((relation) => relation.columns[0]!),
    ...own.map((column) => column.name),
  ];
  if (names.length === 0 && set.every((name) => staysNull(chosen, name))) return;
  const busy = names.find((name) =>
    work.combinations.some((known) => known.members.includes(name)),
  );
  const custom = own.find((column) => column.generator.kind === 'custom');
  if (custom) {
    findings.notices.push(
      `${label} rests on the function of the plan file for ${custom.attribute}.`,
    );
    return;
  }
  if (self || busy !== undefined || names.length === 0) {
    const reason = self
      ? 'it includes a reference to the table itself'
      : busy === undefined
        ? 'none of its columns is filled'
        : `${busy} is part of another unique`;
    findings.problems.push(
      `${label} cannot be held together with the rest, because ${reason}: give one of its columns a generator with many values, and unique: true.`,
    );
    return;
  }
  const lead = leadOf(chosen, related);
  const members = lead
    ? [lead.columns[0]!, ...names.filter((name) => name !== lead.columns[0])]
    : names;
  const sizes = Object.fromEntries(
    own.map((column) => [column.name, capacityOf(column.generator)]),
  );
  work.combinations.push({ members, leads: lead !== undefined, sizes });
  work.relations = work.relations.map((relation) => {
    if (!related.includes(relation)) return relation;
    if (relation === lead) return { ...relation, shape: { ...relation.shape, distinct: true } };
    return { ...relation, mode: 'paired' };
  });
}

/** Whether a column that is not filled stays NULL in every row: NULLs are distinct. */
function staysNull({ catalog }: ChosenTable, name: string): boolean {
  const column = catalog.columns.find((each) => each.name === name);
  return column !== undefined && !column.hasDefault;
}

/** The relation that draws by its shape: the one that the plan file describes, or else the first. */
function leadOf(chosen: ChosenTable, related: readonly RelationPlan[]): RelationPlan | undefined {
  const described = related.find(
    (relation) => Object.keys(referenceOptions(chosen, relation.columns[0]!)).length > 0,
  );
  return described ?? related[0];
}
