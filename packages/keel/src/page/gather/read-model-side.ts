import { inspect } from 'node:util';
import type { ModelAttributeColumnOptions } from 'sequelize';
import type { Project } from '../../project/project';
import { queryGeneratorOf, writtenName, writtenTable } from '../../schema/model-names';
import { keyOf } from '../../schema/object-names';
import type { QualifiedName } from '../../schema/schema';
import type { AnySequelize, QueryGenerator } from '../../schema/sequelize-internals';
import { loadModelSide } from '../../scratch/model-side';
import type { ForeignKey, PageAssociation } from '../document/page-document';
import type { FullModel } from './association-model';
import { describeAssociation, type NamesInDatabase } from './describe-association';
import type { ModelTable, PageModels } from '../document/page-sources';

/**
 * Reads the project's models.
 *
 * @param defaultSchema where a table is that names no schema
 * @throws KeelError MODELS_NOT_FOUND, MODELS_FAILED, MODEL_NOT_DEFINED
 */
export async function readPageModels(project: Project, defaultSchema: string): Promise<PageModels> {
  const loaded = await loadModelSide(project, true);
  try {
    const models = loaded.models as readonly FullModel[];
    const generator = queryGeneratorOf(loaded.sequelize);
    const nameOf = (model: FullModel): QualifiedName =>
      writtenTable(generator, model.getTableName(), defaultSchema);
    const names: NamesInDatabase = {
      table: (model) => keyOf(nameOf(model)),
      column: (field) => writtenName(generator, field),
    };
    const tables = new Map<string, ModelTable>();
    for (const model of models) {
      const name = nameOf(model);
      const table = describeTable(model, name, loaded.sequelize);
      tables.set(keyOf(name), mergeTables(tables.get(keyOf(name)), table));
    }
    const associations: PageAssociation[] = [];
    for (const model of models) {
      for (const association of Object.values(model.associations ?? {})) {
        const described = await describeAssociation(association, names);
        if (described !== undefined) associations.push(described);
      }
    }
    return { tables, associations, notices: loaded.failures() };
  } finally {
    await loaded.close();
  }
}

function describeTable(model: FullModel, name: QualifiedName, sequelize: AnySequelize): ModelTable {
  const generator = queryGeneratorOf(sequelize);
  const attributes = Object.entries(model.tableAttributes).map(([key, original]) => {
    const attribute = normalize(sequelize, original);
    return { key, attribute, column: writtenName(generator, attribute.field ?? key) };
  });
  const foreignKeys = attributes.flatMap(({ column, attribute }) =>
    toForeignKey(generator, column, attribute, name.schema),
  );
  const indexed = new Set(
    (model._indexes ?? []).flatMap(({ unique, fields, where }) =>
      unique === true && where === undefined && fields?.length === 1 ? [fields[0]] : [],
    ),
  );
  return {
    models: [model.name],
    shape: {
      key: keyOf(name),
      ...name,
      columns: attributes.map(({ column, attribute }) => ({
        name: column,
        type: typeOf(attribute),
        notNull: isNotNull(attribute),
        default: defaultOf(attribute),
        primaryKey: attribute.primaryKey === true,
        foreignKey: attribute.references !== undefined,
        unique: attribute.unique === true || attribute.primaryKey === true || indexed.has(column),
        comment: attribute.comment,
      })),
      constraints: [],
      indexes: [],
      foreignKeys,
    },
    columns: attributes.map(({ key, column, attribute }) => ({
      name: column,
      model: model.name,
      attribute: key,
      type: typeOf(attribute),
      notNull: isNotNull(attribute),
      default: defaultOf(attribute),
    })),
  };
}

/** Of two models with one table each column once, as the first has it. */
function mergeTables(known: ModelTable | undefined, added: ModelTable): ModelTable {
  if (known === undefined) return added;
  const names = new Set(known.shape.columns.map(({ name }) => name));
  return {
    models: [...known.models, ...added.models],
    columns: [...known.columns, ...added.columns],
    shape: {
      ...known.shape,
      columns: [
        ...known.shape.columns,
        ...added.shape.columns.filter(({ name }) => !names.has(name)),
      ],
      foreignKeys: [
        ...known.shape.foreignKeys,
        ...added.shape.foreignKeys.filter(({ name }) => !names.has(name)),
      ],
    },
  };
}

function normalize(
  sequelize: AnySequelize,
  original: ModelAttributeColumnOptions,
): ModelAttributeColumnOptions {
  try {
    return sequelize.normalizeAttribute({ ...original });
  } catch {
    return original;
  }
}

function toForeignKey(
  generator: QueryGenerator,
  column: string,
  { references, onDelete, onUpdate }: ModelAttributeColumnOptions,
  schema: string,
): ForeignKey[] {
  if (references === undefined) return [];
  const { model, key = 'id' } =
    typeof references === 'string' ? { model: references } : (references as never);
  const parent = writtenTable(generator, model, schema);
  const said = (action: string | undefined): string => action?.toUpperCase() ?? 'NO ACTION';
  return [
    {
      name: column,
      columns: [column],
      parent: keyOf(parent),
      parentColumns: [writtenName(generator, key)],
      onUpdate: said(onUpdate),
      onDelete: said(onDelete),
    },
  ];
}

function isNotNull({ allowNull, primaryKey }: ModelAttributeColumnOptions): boolean {
  return allowNull === false || primaryKey === true;
}

function typeOf({ type, values }: ModelAttributeColumnOptions): string {
  const { key, toSql } = type as { readonly key?: string; readonly toSql?: () => string };
  if (key === 'ENUM' && values !== undefined) return `ENUM(${values.join(', ')})`;
  try {
    return typeof type === 'string' ? type : (toSql?.call(type) ?? key ?? '?');
  } catch {
    return key ?? '?';
  }
}

function defaultOf({
  defaultValue,
  autoIncrement,
}: ModelAttributeColumnOptions): string | undefined {
  if (autoIncrement === true) return 'autoIncrement';
  if (defaultValue === undefined || defaultValue === null) return undefined;
  if (typeof defaultValue === 'function') return defaultValue.name || 'a function';
  const { key, val } = defaultValue as { readonly key?: unknown; readonly val?: unknown };
  if (typeof key === 'string') return key;
  // An instance of a type such as NOW prints as its whole self.
  return typeof val === 'string' ? val : inspect(defaultValue, { depth: 3, breakLength: Infinity });
}
