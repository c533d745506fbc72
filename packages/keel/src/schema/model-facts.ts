import type { ModelAttributeColumnOptions } from 'sequelize';
import { keyOf } from './object-names';
import type { AnyModel } from './sequelize-internals';
import type { QualifiedName } from './schema';

/** Something in the models that the user should know of. */
export interface ModelNotice {
  readonly model: string;
  readonly table: QualifiedName;
  readonly column: string;
  readonly message: string;
}

/** What the models say that a catalog cannot hold. */
export interface ModelFacts {
  /** The model's name, by its table's key. */
  readonly models: Map<string, string>;
  /** The attribute's name, by column key (`schema.table.column`). */
  readonly attributes: Map<string, string>;
  /** Columns that Sequelize fills itself (NOW, UUIDV4, functions, timestamps), by column key. */
  readonly clientDefaults: Set<string>;
  /** Columns that could not be built here, by column key. */
  readonly skipped: Set<string>;
  /** Tables of models that could not be built, by key: nothing can be said of them. */
  readonly unbuilt: Set<string>;
  readonly notices: ModelNotice[];
}

/** One attribute of a model and the column that it is kept in. */
export interface ModelColumn {
  readonly model: AnyModel;
  readonly table: QualifiedName;
  readonly column: string;
  readonly key: string;
  readonly attribute: ModelAttributeColumnOptions;
}

export function columnKey(table: QualifiedName, column: string): string {
  return `${keyOf(table)}.${column}`;
}

/** Facts of no models: what a comparison without models uses. */
export function emptyFacts(): ModelFacts {
  return {
    models: new Map(),
    attributes: new Map(),
    clientDefaults: new Set(),
    skipped: new Set(),
    unbuilt: new Set(),
    notices: [],
  };
}

export function noteColumn(
  facts: ModelFacts,
  { model, table, column, key, attribute }: ModelColumn,
): void {
  facts.models.set(keyOf(table), model.name);
  facts.attributes.set(columnKey(table, column), key);
  if (isFilledByClient(model, key, attribute)) facts.clientDefaults.add(columnKey(table, column));
  if (attribute.defaultValue instanceof Date) {
    facts.notices.push({ model: model.name, table, column, message: dateDefault(model, key) });
  }
}

export function noteSkippedColumn(
  facts: ModelFacts,
  { model, table, column, key }: ModelColumn,
  extension: string,
): void {
  facts.skipped.add(columnKey(table, column));
  const message = `${model.name}.${key} needs the extension ${extension}, which the server does not have: the column is not compared`;
  facts.notices.push({ model: model.name, table, column, message });
}

function dateDefault(model: AnyModel, key: string): string {
  return `${model.name}.${key} has a Date as its defaultValue, which is fixed when the model is loaded; DataTypes.NOW was probably meant`;
}

function isFilledByClient(
  model: AnyModel,
  key: string,
  attribute: ModelAttributeColumnOptions,
): boolean {
  if (Object.values(model._timestampAttributes ?? {}).includes(key)) return true;
  const value: unknown = attribute.defaultValue;
  if (typeof value === 'function' || value instanceof Date) return true;
  const name =
    typeof value === 'object' && value !== null ? (value as { key?: unknown }).key : undefined;
  return name === 'NOW' || name === 'UUIDV1' || name === 'UUIDV4';
}
