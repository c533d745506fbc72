import type { ModelOptions, PlanFile } from './define-plan';
import { fieldOf, type Findings, type PlanInputs, type ChosenTable } from './plan-inputs';
import type { ModelDescription } from './describe-models';

/**
 * The tables that take part: those that were asked for, all that are associated with them, and whatever
 * their foreign keys refer to.
 */
export function chooseTables(inputs: PlanInputs, findings: Findings): ChosenTable[] {
  const { models, file } = inputs;
  const asked = askedModels(inputs, findings);
  if (findings.problems.length > 0) return [];
  const byId = new Map<string, ChosenTable>();
  for (const model of connected(asked, models)) {
    const catalog = findTable(model, inputs);
    if (!catalog) {
      findings.problems.push(
        `The table ${model.schema === undefined ? '' : `${model.schema}.`}${model.table} of the model ${model.name} does not exist: run "keel db:migrate" first.`,
      );
      continue;
    }
    const options = optionsOf(file, model.name);
    const unwanted = askedRows(inputs, model.name) === 0;
    byId.set(catalog.id, {
      id: catalog.id,
      catalog,
      model,
      options: unwanted ? { existing: true } : options,
    });
  }
  addParents(byId, inputs);
  return [...byId.values()].filter((chosen) => !isUnneeded(chosen, byId));
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
            reference.target === chosen.model?.name &&
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

function connected(
  asked: readonly ModelDescription[],
  models: readonly ModelDescription[],
): ModelDescription[] {
  const reached = new Set(asked.map((model) => model.name));
  for (const name of reached) {
    for (const neighbour of models.find((model) => model.name === name)?.neighbours ?? [])
      reached.add(neighbour);
  }
  return models.filter((model) => reached.has(model.name));
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
