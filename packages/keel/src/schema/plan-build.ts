import type { ModelAttributeColumnOptions } from 'sequelize';
import { emptyFacts, noteColumn, noteSkippedColumn, type ModelFacts } from './model-facts';
import { blameModel } from './blame-model';
import { actionNotices, foreignKeysOf, type ForeignKeys } from './association-facts';
import {
  enumOf,
  indexContradictions,
  mergeModels,
  modelsContradict,
  type PlannedAttribute,
  type PlannedModel,
  type PlannedTable,
} from './merge-models';
import { queryGeneratorOf, writtenName, writtenTable } from './model-names';
import { requirePlainNames } from './require-plain-names';
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
  /** Those of the instance that describe the database; all of them where undefined. */
  readonly models?: readonly AnyModel[];
  /** Extensions that the server does not have: columns of their types are left out and reported. */
  readonly unavailableExtensions?: readonly string[];
  /** The schema in which a table of no schema is made; `public` where undefined. */
  readonly defaultSchema?: string;
}

/**
 * Plans the database that the models of `sequelize` describe, with that copy's own query generator, so
 * that names and types are Sequelize's. Unlike `sync()` it adds foreign keys last, which cyclic models
 * need: `sync()` takes its `alter` path for them, which doubles UNIQUE constraints.
 */
export function planBuild(sequelize: AnySequelize, options: BuildOptions = {}): BuildPlan {
  const generator = queryGeneratorOf(sequelize);
  const facts = emptyFacts();
  const described = options.models ?? sequelize.modelManager.models;
  requirePlainNames(described);
  const keysOf = foreignKeysOf(described);
  const models = described.map((model) =>
    blameModel(model.name, () =>
      planModel(sequelize, model, { ...options, facts, foreignKeys: keysOf(model) }),
    ),
  );
  const tables = mergeModels(generator, models);
  const of = <T>({ declaredBy }: PlannedTable, use: () => T): T => blameModel(declaredBy, use);
  return {
    extensions: requiredExtensions(tables).filter(
      (name) => options.unavailableExtensions?.includes(name) !== true,
    ),
    schemas: [...new Set(tables.map(({ name }) => name.schema))].filter(
      (schema) => schema !== 'public',
    ),
    enums: tables.flatMap((planned) => of(planned, () => planEnums(generator, planned))),
    tables: tables.map((planned) => of(planned, () => planTable(generator, planned))),
    foreignKeys: tables.flatMap((planned) =>
      of(planned, () => planForeignKeys(generator, planned)),
    ),
    indexes: planIndexes(generator, models),
    facts,
  };
}

function planModel(
  sequelize: AnySequelize,
  model: AnyModel,
  options: BuildOptions & { readonly facts: ModelFacts; readonly foreignKeys: ForeignKeys },
): PlannedModel {
  const { facts, foreignKeys } = options;
  const generator = queryGeneratorOf(sequelize);
  const reference = model.getTableName();
  const name = writtenTable(generator, reference, options.defaultSchema ?? 'public');
  const attributes: PlannedAttribute[] = [];
  for (const [key, original] of Object.entries(model.tableAttributes)) {
    const attribute = sequelize.normalizeAttribute({ ...original });
    const column = writtenName(generator, attribute.field ?? key);
    const entry = { model, table: name, column, key, attribute };
    noteColumn(facts, entry);
    const extension = extensionOf(attribute.type);
    if (extension !== undefined && options.unavailableExtensions?.includes(extension) === true) {
      noteSkippedColumn(facts, entry, extension);
      continue;
    }
    // Evaluated once when the model is loaded: another value on every run, so no default of the schema.
    if (attribute.defaultValue instanceof Date) delete attribute.defaultValue;
    attributes.push({ key, column, attribute });
  }
  facts.notices.push(...actionNotices(model, name, foreignKeys));
  return { model, name, reference, attributes, foreignKeys };
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

function requiredExtensions(tables: readonly PlannedTable[]): string[] {
  const names = tables.flatMap(({ attributes }) =>
    [...attributes.values()].flatMap((attribute) => extensionOf(attribute.type) ?? []),
  );
  return [...new Set(names)].sort();
}

function planEnums(generator: QueryGenerator, planned: PlannedTable): BuildStatement[] {
  const { declaredBy, name, reference, attributes } = planned;
  return [...attributes].flatMap(([column, attribute]) => {
    const type = enumOf(attribute.type);
    if (type === undefined) return [];
    // The field, as it is declared, is part of the enum's name.
    const sql = generator.pgEnum(reference, attribute.field ?? column, type, {});
    return [{ sql, model: declaredBy, table: name, columns: { [column]: sql } }];
  });
}

function planTable(generator: QueryGenerator, planned: PlannedTable): BuildStatement {
  const { declaredBy, models, name, reference, attributes } = planned;
  // Version 5 has no option that leaves the foreign keys out.
  const bare = [...attributes].map(([column, attribute]): [string, object] => [
    column,
    { ...attribute, field: attribute.field ?? column, references: undefined },
  ]);
  const columns = generator.attributesToSQL(Object.fromEntries(bare), {
    table: reference,
    context: 'createTable',
  });
  const options = { ...models[0]?.options, uniqueKeys: uniqueKeysOf(models) };
  const sql = generator.createTableQuery(reference, { ...columns }, options);
  return { sql, model: declaredBy, table: name, columns };
}

interface UniqueKey {
  readonly fields: readonly string[];
}

/** The UNIQUE constraints over several columns; the same one of two models, or of two attributes, once. */
function uniqueKeysOf(models: readonly AnyModel[]): Record<string, UniqueKey> {
  const keys = models.flatMap((model) =>
    Object.values((model.options.uniqueKeys ?? model.uniqueKeys) as Record<string, UniqueKey>),
  );
  const byFields = keys.map((key): [string, UniqueKey] => {
    const fields = [...new Set(key.fields)];
    return [JSON.stringify(fields), { ...key, fields }];
  });
  return Object.fromEntries(byFields);
}

function planForeignKeys(
  generator: QueryGenerator,
  planned: PlannedTable,
): BuildPlan['foreignKeys'] {
  const { declaredBy, name, reference, attributes } = planned;
  return [...attributes].flatMap(([column, attribute]) => {
    const { references, onDelete, onUpdate } = attribute;
    if (references === undefined) return [];
    // The generator writes REFERENCES only as part of a column: take what follows its type.
    const bare = { type: 'X', references, onDelete, onUpdate };
    const clause = generator
      .attributeToSQL(bare, { context: 'createTable', table: reference })
      .slice('X'.length);
    const sql = `ALTER TABLE ${generator.quoteTable(reference)} ADD FOREIGN KEY (${generator.quoteIdentifier(column)})${clause}`;
    const target = targetOf(generator, references, name.schema);
    return [{ sql, model: declaredBy, table: name, columns: { [column]: clause }, target }];
  });
}

function targetOf(
  generator: QueryGenerator,
  references: ModelAttributeColumnOptions['references'],
  schema: string,
): QualifiedName {
  const target = (
    typeof references === 'string' ? references : references?.model
  ) as TableReference;
  return writtenTable(generator, target, typeof target === 'string' ? schema : 'public');
}

/** The indexes of all models; one that two models of a table declare alike is made once. */
function planIndexes(ofTables: QueryGenerator, models: readonly PlannedModel[]): BuildStatement[] {
  // For an index it splits the names of table and index at a dot, which is part of them in every other statement.
  const generator = Object.create(ofTables, {
    quoteIdentifiers: { value: (name: string) => ofTables.quoteIdentifier(name) },
  }) as QueryGenerator;
  const planned = models.flatMap(({ model, name, reference }) =>
    (model._indexes ?? []).map((index) => {
      // The generator writes into what it is given.
      const fields = (index.fields ?? []).map((field) =>
        isPlainObject(field) ? { ...field } : field,
      );
      const given = { ...index, fields, concurrently: false };
      const sql = generator.addIndexQuery(reference, given, reference);
      const statement: BuildStatement = { sql, model: model.name, table: name, columns: {} };
      return { statement, sql, model: model.name, schema: name.schema, name: index.name ?? sql };
    }),
  );
  const contradictions = indexContradictions(planned);
  if (contradictions.length > 0) throw modelsContradict(contradictions);
  return [...new Map(planned.map(({ sql, statement }) => [sql, statement])).values()];
}

function isPlainObject(value: unknown): value is object {
  return (
    typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
  );
}
