import type { ModelOptions, PlanFile } from './define-plan';
import {
  fieldOf,
  isModelOf,
  type Findings,
  type PlanInputs,
  type ChosenTable,
} from './plan-inputs';
import type { CatalogTable } from './catalog-table';
import type { ModelDescription } from './describe-models';

/**
 * The tables that take part: those that were asked for, all that are associated with them, and whatever
 * their foreign keys refer to.
 */
export function chooseTables(inputs: PlanInputs, findings: Findings): ChosenTable[] {
  const { file } = inputs;
  const asked = askedModels(inputs, findings);
  if (findings.problems.length > 0) return [];
  const byId = new Map<string, ChosenTable>();
  for (const model of connected(asked, inputs)) {
    const wanted = askedRows(inputs, model.name);
    const catalog = findTable(model, inputs);
    if (!catalog) {
      if (wanted !== 0) findings.problems.push(noTable(model, wanted));
      continue;
    }
    if (wanted === undefined && !isFillable(catalog)) {
      findings.notices.push(`${model.name} gets no rows: ${catalog.id} is not a plain table.`);
      continue;
    }
    const options = wanted === 0 ? { existing: true } : optionsOf(file, model.name);
    const added = { id: catalog.id, catalog, model, options };
    const known = byId.get(catalog.id);
    byId.set(catalog.id, known ? together(known, added, inputs, findings) : added);
  }
  addParents(byId, inputs);
  return [...byId.values()].filter((chosen) => !isUnneeded(chosen, byId));
}

/** Whether rows can be put into it: not into a view, a materialized view or a foreign table. */
export function isFillable({ kind }: CatalogTable): boolean {
  return kind === 'r' || kind === 'p';
}

function noTable({ name, schema, table }: ModelDescription, wanted: number | undefined): string {
  const full = schema === undefined ? table : `${schema}.${table}`;
  const without = wanted === undefined ? `, or leave it out with --rows ${name}=0` : '';
  return `The table ${full} of the model ${name} does not exist: run "keel db:migrate" first${without}.`;
}

/** Joins two models of one table into one, under the name of the model that was asked for. */
function together(
  known: ChosenTable,
  added: ChosenTable,
  inputs: PlanInputs,
  { problems }: Findings,
): ChosenTable {
  const rows = (each: ChosenTable): number | undefined => askedRows(inputs, each.model!.name);
  const [first, second] =
    rows(known) === undefined && rows(added) !== undefined ? [added, known] : [known, added];
  if (rows(second) !== undefined && rows(first) !== rows(second)) {
    problems.push(
      `${first.model!.name} and ${second.model!.name} are models of one table, ${first.id}: ask for the rows of one of them.`,
    );
  }
  const fields = new Set(first.model!.columns.map(({ field }) => field));
  const model = {
    ...first.model!,
    columns: [
      ...first.model!.columns,
      ...second.model!.columns.filter(({ field }) => !fields.has(field)),
    ],
    references: [...first.model!.references, ...second.model!.references],
  };
  return {
    ...first,
    model,
    otherModels: [...(first.otherModels ?? []), ...(second.otherModels ?? []), second.model!.name],
    options: { ...second.options, ...first.options },
  };
}

/** Tables that make no rows and that nothing refers to. */
function isUnneeded(chosen: ChosenTable, byId: ReadonlyMap<string, ChosenTable>): boolean {
  if (!chosen.options.existing) return false;
  return ![...byId.values()].some(
    (other) =>
      !other.options.existing &&
      (other.catalog.foreignKeys.some((key) => key.parent === chosen.id) ||
        other.model?.references.some(
          (reference) =>
            isModelOf(chosen, reference.target) &&
            reference.fields.every((field) => fieldOf(other, field)),
        )),
  );
}

function addParents(byId: Map<string, ChosenTable>, inputs: PlanInputs): void {
  for (const chosen of [...byId.values()]) {
    if (chosen.options.existing) continue;
    for (const { parent } of chosen.catalog.foreignKeys) {
      if (byId.has(parent)) continue;
      const catalog = inputs.tables.find((table) => table.id === parent);
      if (!catalog) continue;
      // No model: its rows are taken as they are.
      byId.set(parent, { id: parent, catalog, model: undefined, options: { existing: true } });
    }
  }
}

function askedModels(
  { models, rows, file, scale }: PlanInputs,
  { problems }: Findings,
): ModelDescription[] {
  const planned = [...Object.keys(file?.models ?? {}), ...Object.keys(file?.junctions ?? {})];
  const names = rows.size > 0 ? [...rows.keys()] : planned;
  const known = models.map((model) => model.name).join(', ') || 'none';
  if (names.length === 0) {
    problems.push(
      scale === undefined
        ? `Say how many rows to make: --rows Model=N for one of ${known}, or --plan with a plan file.`
        : `--rows ${scale} needs a plan file that says how the tables relate; or name a model: --rows Model=${scale}, one of ${known}.`,
    );
  }
  for (const name of new Set([...names, ...planned])) {
    if (!models.some((model) => model.name === name)) {
      problems.push(`${name} is not a model; there are: ${known}.`);
    }
  }
  return models.filter((model) => names.includes(model.name));
}

/** The models that were asked for, all that are associated with them, and the parents that foreign keys ask for. */
function connected(asked: readonly ModelDescription[], inputs: PlanInputs): ModelDescription[] {
  const { models } = inputs;
  const tables = new Map(models.map((model) => [model, findTable(model, inputs)]));
  const reached = new Set(asked);
  for (const model of reached) {
    const parents = tables.get(model)?.foreignKeys.map(({ parent }) => parent) ?? [];
    for (const other of models) {
      const isParent = parents.includes(tables.get(other)?.id ?? '');
      if (isParent || model.neighbours.includes(other.name)) reached.add(other);
    }
  }
  return models.filter((model) => reached.has(model));
}

function findTable(
  model: ModelDescription,
  inputs: PlanInputs,
): ChosenTable['catalog'] | undefined {
  return inputs.tables.find(
    (table) =>
      table.table === model.table &&
      (model.schema === undefined ? table.visible : table.schema === model.schema),
  );
}

/** The rows that were asked for: `--rows Model=N` takes the place of all numbers of the plan file. */
export function askedRows({ rows, file }: PlanInputs, name: string): number | undefined {
  return rows.size > 0 ? rows.get(name) : optionsOf(file, name).rows;
}

/** What the plan file says of a model or a junction. */
function optionsOf(file: PlanFile | undefined, name: string): ModelOptions {
  const models = file?.models;
  return models?.[name] ?? file?.junctions?.[name] ?? {};
}
