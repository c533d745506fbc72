import { isFillable } from './choose-tables';
import { capacityOf } from '../generators/capacity-of';
import type { CatalogTable } from './catalog-table';
import type { Findings, PlanInputs } from './plan-inputs';
import { leadOrdinals } from './count-rows';
import { memberSizes } from './combination-sizes';
import { roomFor } from '../generators/relation-of';
import type { Generator } from '../generators/generator';
import type { RelationPlan, TablePlan } from './bulk-plan';
import { counted, formatCount as count } from '../../format-count';

/** Refuses what cannot be: each problem says what would be possible. */
export function checkPlan(
  tables: readonly TablePlan[],
  inputs: PlanInputs,
  findings: Findings,
): void {
  const made = tables.filter((table) => !table.existing);
  checkGenerators(made, inputs, findings);
  const counts = Object.fromEntries(tables.map((table) => [table.id, table.rows]));
  for (const table of made) {
    const before = findings.problems.length;
    checkRows(table, inputs, findings);
    checkUniques(table, counts, findings);
    for (const relation of table.relations)
      checkRelation(table, relation, tables, counts, findings);
    const note = partialNote(inputs.tables.find((each) => each.id === table.id)!);
    for (let at = before; at < findings.problems.length; at += 1) findings.problems[at] += note;
  }
}

/** Refuses what cannot be whatever the numbers of rows. */
export function checkGenerators(
  tables: readonly TablePlan[],
  inputs: PlanInputs,
  findings: Findings,
): void {
  for (const table of tables) {
    checkTable(table, inputs, findings);
    for (const column of table.columns)
      checkGenerator(`${table.model}.${column.attribute}`, column.generator, findings);
  }
}

/** Why there may be less room than the table would have by itself. */
function partialNote({ uniques }: CatalogTable): string {
  return uniques
    .filter(({ predicate }) => predicate !== undefined)
    .map(
      ({ name, predicate }) =>
        ` The unique index ${name} is for rows WHERE ${predicate} only and is held for all; it is left out where the plan file gives its condition's column a constant that is never so.`,
    )
    .join('');
}

function checkTable(table: TablePlan, inputs: PlanInputs, { problems }: Findings): void {
  const catalog = inputs.tables.find((each) => each.id === table.id)!;
  if (!isFillable(catalog))
    problems.push(`${table.model}: ${table.id} is not a plain table and cannot be filled.`);
  if (!catalog.hasPlace)
    problems.push(
      `${table.model}: ${table.id} is partitioned and has no partition: make its partitions first, or leave it out with --rows ${table.model}=0.`,
    );
  if (!catalog.mayInsert)
    problems.push(
      `${table.model}: this role may not SELECT from and INSERT into ${table.id}; GRANT both to it.`,
    );
}

function checkRows(table: TablePlan, inputs: PlanInputs, { problems }: Findings): void {
  const made = inputs.made.get(table.id) ?? 0;
  if (table.rows < made) {
    problems.push(
      `${table.model}: ${count(made)} rows were made before, ${count(table.rows)} are asked for. Fewer are made by undoing: keel db:seed:bulk:undo.`,
    );
  }
  if (table.fixed.length > table.rows) {
    problems.push(
      `${table.model}: ${table.fixed.length} fixed rows do not fit into ${counted(table.rows, 'row')}.`,
    );
  }
}

function checkUniques(
  table: TablePlan,
  counts: Readonly<Record<string, number>>,
  { problems }: Findings,
): void {
  for (const column of table.columns) {
    const capacity = column.unique ? capacityOf(column.generator) : Infinity;
    if (capacity >= table.rows) continue;
    if (capacity === 0) {
      problems.push(
        `${table.model}.${column.attribute} is unique, and values of its generator (${column.generator.kind}) cannot be made distinct: name a function for it in a plan file (columns.${column.attribute})${column.notNull ? '' : ', or generate.constant(null)'}.`,
      );
      continue;
    }
    problems.push(
      `${table.model}.${column.attribute} is unique and its generator has ${count(capacity)} different values: at most ${count(capacity)} rows, not ${count(table.rows)}.`,
    );
  }
  for (const combination of table.combinations) {
    if (combination.leads) continue;
    const capacity = memberSizes(table, combination, counts).reduce((all, each) => all * each, 1);
    if (capacity >= table.rows) continue;
    problems.push(
      `${table.model}: unique (${combination.members.join(', ')}) has ${count(capacity)} combinations: at most so many rows, not ${count(table.rows)}.`,
    );
  }
}

function checkRelation(
  table: TablePlan,
  relation: RelationPlan,
  tables: readonly TablePlan[],
  counts: Readonly<Record<string, number>>,
  { problems }: Findings,
): void {
  const label = `${table.model}.${relation.attributes[0]!}`;
  const parent = tables.find((each) => each.id === relation.parent);
  const parents = counts[relation.parent] ?? 0;
  if (relation.parent === table.id || table.rows === 0) return;
  if (parents === 0) {
    if (relation.notNull)
      problems.push(
        `${label} is NOT NULL and there is no ${parent?.model ?? relation.parent}: make some, or fill its table first.`,
      );
    return;
  }
  if (relation.mode !== 'drawn') return;
  const ordinals = leadOrdinals(table, relation, counts);
  const { min, share } = relation.shape;
  if (min > ordinals) {
    problems.push(
      `${label}: min is ${count(min)}, but one ${parent!.model} can have at most ${count(ordinals)} different ${table.model} rows.`,
    );
    return;
  }
  const taking = Math.max(1, Math.floor(parents * share));
  if (min * taking > table.rows) {
    problems.push(
      `${label}: ${count(taking)} ${parent!.model} rows with at least ${count(min)} each need ${count(min * taking)} ${table.model} rows, not ${count(table.rows)}.`,
    );
  }
  const room = roomFor(parents, relation.shape, ordinals);
  if (table.rows > room) {
    problems.push(
      `${label}: ${count(parents)} ${parent!.model} rows have room for ${count(room)} ${table.model} rows, not ${count(table.rows)}. Make more of the one or fewer of the other.`,
    );
  }
}

function checkGenerator(label: string, generator: Generator, { problems }: Findings): void {
  if ('min' in generator && !(generator.min <= generator.max)) {
    problems.push(`${label}: no value is at least ${generator.min} and at most ${generator.max}.`);
  }
  if (generator.kind === 'choice' && generator.values.length === 0)
    problems.push(`${label}: there is nothing to choose from.`);
}
