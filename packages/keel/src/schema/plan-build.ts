import type { ModelAttributeColumnOptions } from 'sequelize';
import { emptyFacts, noteColumn, noteSkippedColumn, type ModelFacts } from './model-facts';
import { keyOf } from './object-names';
import type { AnyModel, AnySequelize, QueryGenerator, TableReference } from './sequelize-internals';
import type { QualifiedName } from './schema';

/** A statement and what it is for, so that an error can say which model caused it. */
export interface BuildStatement {
  readonly sql: string;
  readonly model: string;
  readonly table: QualifiedName;
  /** The columns whose SQL the statement holds, by name. */
  readonly columns: Readonly<Record<string, string>>;
}

/** What builds a database from models, in the order in which it has to run. */
export interface BuildPlan {
  readonly extensions: readonly string[];
  readonly schemas: readonly string[];
  readonly enums: readonly BuildStatement[];
  readonly tables: readonly BuildStatement[];
  readonly foreignKeys: readonly (BuildStatement & { readonly target: QualifiedName })[];
  readonly indexes: readonly BuildStatement[];
  readonly facts: ModelFacts;
}

export interface BuildOptions {
  /** Extensions that the server does not have: columns of their types are left out and reported. */
  readonly unavailableExtensions?: readonly string[];
}

interface PlannedModel {
  readonly model: AnyModel;
  readonly name: QualifiedName;
  readonly reference: TableReference;
  /** By column name. */
  readonly attributes: ReadonlyMap<string, ModelAttributeColumnOptions>;
}

/**
 * Plans the database that the models of `sequelize` describe, with that copy's own query generator, so
 * that names and types are Sequelize's. Unlike `sync()` it adds foreign keys last, which cyclic models
 * need: `sync()` takes its `alter` path for them, which doubles UNIQUE constraints.
 */
export function planBuild(sequelize: AnySequelize, options: BuildOptions = {}): BuildPlan {
  const generator = queryGeneratorOf(sequelize);
  const facts = emptyFacts();
  const models = sequelize.modelManager.models.map((model) =>
    planModel(sequelize, model, options, facts),
  );
  const first = models.filter(
    ({ name }, index) => models.findIndex((other) => keyOf(other.name) === keyOf(name)) === index,
  );
  return {
    extensions: requiredExtensions(first).filter(
      (name) => options.unavailableExtensions?.includes(name) !== true,
    ),
    schemas: [...new Set(first.map(({ name }) => name.schema))].filter(
      (schema) => schema !== 'public',
    ),
    enums: first.flatMap((planned) => planEnums(generator, planned)),
    tables: first.map((planned) => planTable(generator, planned)),
    foreignKeys: first.flatMap((planned) => planForeignKeys(generator, planned)),
    indexes: withoutTwins(models.flatMap((planned) => planIndexes(generator, planned))),
    facts,
  };
}

function queryGeneratorOf(sequelize: AnySequelize): QueryGenerator {
  const queryInterface = sequelize.getQueryInterface();
  return queryInterface.queryGenerator ?? (queryInterface.QueryGenerator as QueryGenerator);
}

function planModel(
  sequelize: AnySequelize,
  model: AnyModel,
  options: BuildOptions,
  facts: ModelFacts,
): PlannedModel {
  const reference = model.getTableName();
  const name =
    typeof reference === 'string'
      ? { schema: 'public', name: reference }
      : { schema: reference.schema ?? 'public', name: reference.tableName };
  const attributes = new Map<string, ModelAttributeColumnOptions>();
  for (const [key, original] of Object.entries(model.tableAttributes)) {
    const attribute = sequelize.normalizeAttribute({ ...original });
    const column = attribute.field ?? key;
    const entry = { model, table: name, column, key, attribute };
    noteColumn(facts, entry);
    const extension = extensionOf(attribute.type);
    if (extension !== undefined && options.unavailableExtensions?.includes(extension) === true) {
      noteSkippedColumn(facts, entry, extension);
      continue;
    }
    // Evaluated once when the model is loaded: another value on every run, so no default of the schema.
    if (attribute.defaultValue instanceof Date) delete attribute.defaultValue;
    attributes.set(column, attribute);
  }
  return { model, name, reference, attributes };
}

/** `citext`, `hstore` or `postgis` for the types that these extensions bring. */
function extensionOf(type: unknown): string | undefined {
  if (typeof type !== 'object' || type === null) return undefined;
  const { key, type: element } = type as { key?: string; type?: unknown };
  if (key === 'ARRAY') return extensionOf(element);
  if (key === 'CITEXT') return 'citext';
  if (key === 'HSTORE') return 'hstore';
  return key === 'GEOMETRY' || key === 'GEOGRAPHY' ? 'postgis' : undefined;
}

function requiredExtensions(models: readonly PlannedModel[]): string[] {
  const names = models.flatMap(({ attributes }) =>
    [...attributes.values()].flatMap((attribute) => extensionOf(attribute.type) ?? []),
  );
  return [...new Set(names)].sort();
}

function enumOf(type: unknown): object | undefined {
  if (typeof type !== 'object' || type === null) return undefined;
  const { key, type: element } = type as { key?: string; type?: unknown };
  if (key === 'ENUM') return type;
  return key === 'ARRAY' ? enumOf(element) : undefined;
}

function planEnums(generator: QueryGenerator, planned: PlannedModel): BuildStatement[] {
  const { model, name, reference, attributes } = planned;
  return [...attributes].flatMap(([column, attribute]) => {
    const type = enumOf(attribute.type);
    if (type === undefined) return [];
    const sql = generator.pgEnum(reference, column, type, {});
    return [{ sql, model: model.name, table: name, columns: { [column]: sql } }];
  });
}

function planTable(generator: QueryGenerator, planned: PlannedModel): BuildStatement {
  const { model, name, reference, attributes } = planned;
  // Version 5 has no option that leaves the foreign keys out.
  const bare = [...attributes].map(
    ([column, attribute]) => [column, { ...attribute, references: undefined }] as const,
  );
  const columns = generator.attributesToSQL(Object.fromEntries(bare), {
    table: reference,
    context: 'createTable',
  });
  const options = { ...model.options, uniqueKeys: model.options.uniqueKeys ?? model.uniqueKeys };
  const sql = generator.createTableQuery(reference, { ...columns }, options);
  return { sql, model: model.name, table: name, columns };
}

function planForeignKeys(
  generator: QueryGenerator,
  planned: PlannedModel,
): BuildPlan['foreignKeys'] {
  const { model, name, reference, attributes } = planned;
  return [...attributes].flatMap(([column, attribute]) => {
    const { references, onDelete, onUpdate } = attribute;
    if (references === undefined) return [];
    // The generator writes REFERENCES only as part of a column: take what follows its type.
    const bare = { type: 'X', references, onDelete, onUpdate };
    const clause = generator
      .attributeToSQL(bare, { context: 'createTable', table: reference })
      .slice('X'.length);
    const sql = `ALTER TABLE ${generator.quoteTable(reference)} ADD FOREIGN KEY (${generator.quoteIdentifier(column)})${clause}`;
    const target = targetOf(references, name.schema);
    return [{ sql, model: model.name, table: name, columns: { [column]: clause }, target }];
  });
}

function targetOf(
  references: ModelAttributeColumnOptions['references'],
  schema: string,
): QualifiedName {
  const target = (
    typeof references === 'string' ? references : references?.model
  ) as TableReference;
  if (typeof target === 'string') return { schema, name: target };
  return { schema: target.schema ?? 'public', name: target.tableName };
}

function planIndexes(generator: QueryGenerator, planned: PlannedModel): BuildStatement[] {
  const { model, name, reference } = planned;
  return (model._indexes ?? []).map((index) => {
    // The generator writes into what it is given.
    const fields = (index.fields ?? []).map((field) =>
      isPlainObject(field) ? { ...field } : field,
    );
    const sql = generator.addIndexQuery(
      reference,
      { ...index, fields, concurrently: false },
      reference,
    );
    return { sql, model: model.name, table: name, columns: {} };
  });
}

/** Two models of one table may name the same index: `sync()` makes it once too. */
function withoutTwins(statements: readonly BuildStatement[]): BuildStatement[] {
  return [...new Map(statements.map((statement) => [statement.sql, statement])).values()];
}

function isPlainObject(value: unknown): value is object {
  return (
    typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
  );
}
