import type { CatalogTable } from './catalog-table';
import type { ColumnGenerator, ColumnOptions, ModelOptions, PlanFile } from './define-plan';
import type { ModelDescription } from './describe-models';
import type { CustomGenerator } from '../generators/values-of';

/** Everything that a plan is made of. */
export interface PlanInputs {
  readonly models: readonly ModelDescription[];
  /** The models' tables, and those that their foreign keys refer to, as the database has them. */
  readonly tables: readonly CatalogTable[];
  /** `--rows Model=N`. */
  readonly rows: ReadonlyMap<string, number>;
  /** `--rows N`: so many rows in the plan file's largest table, the others in proportion. */
  readonly scale: number | undefined;
  readonly seed: number | undefined;
  readonly file: PlanFile | undefined;
  /** How many rows each table holds now, by its id. */
  readonly present: ReadonlyMap<string, number>;
  /** How many of them earlier runs made or planned, by the table's id. */
  readonly made: ReadonlyMap<string, number>;
}

/** A table that is to be filled, with what is known of it. */
export interface ChosenTable {
  readonly id: string;
  readonly catalog: CatalogTable;
  readonly model: ModelDescription | undefined;
  /** Other models of the same table, which are part of {@link model}. */
  readonly otherModels?: readonly string[];
  readonly options: ModelOptions;
}

/** Where problems and functions are gathered while a plan is made. */
export interface Findings {
  readonly problems: string[];
  readonly notices: string[];
  /** Functions of the plan file, by `table id.column`. */
  readonly customs: Map<string, CustomGenerator>;
}

/** Whether a model is one of those of a table. */
export function isModelOf({ model, otherModels }: ChosenTable, name: string): boolean {
  return model?.name === name || (otherModels?.includes(name) ?? false);
}

/** The name that messages use for a table. */
export function nameOf(chosen: ChosenTable): string {
  return chosen.model?.name ?? chosen.id;
}

/** The column that an attribute (or a column's own name) stands for; undefined where there is none. */
export function fieldOf(chosen: ChosenTable, attribute: string): string | undefined {
  const column = chosen.model?.columns.find((each) => each.attribute === attribute);
  const field = column?.field ?? attribute;
  return chosen.catalog.columns.some((each) => each.name === field) ? field : undefined;
}

/** The attribute that stands for a column. */
export function attributeOf(chosen: ChosenTable, field: string): string {
  return chosen.model?.columns.find((each) => each.field === field)?.attribute ?? field;
}

/** What the plan file says of a column, by its name in the database. */
export function columnOption(chosen: ChosenTable, field: string): ColumnOptions | undefined {
  const entries = Object.entries(chosen.options.columns ?? {});
  const given = entries.find(([attribute]) => fieldOf(chosen, attribute) === field)?.[1];
  return given && optionsOf(given);
}

/** A bare generator stands for options with nothing else. */
export function optionsOf(given: ColumnGenerator | ColumnOptions): ColumnOptions {
  return typeof given === 'function' || 'kind' in given ? { generator: given } : given;
}
