import { object, text, type Code } from '../../codegen/code';
import { incrementOf } from '../../diff/column-types';
import { keyOf } from '../../schema/object-names';
import type { Schema, Table } from '../../schema/schema';
import { listUnsaid } from './list-unsaid';
import type { ExistingModel, PlannedModel } from './model-plan';
import type { Inflection } from './names';
import { nameAttributes } from './name-attributes';
import { nameModels } from './name-models';
import { planAssociations } from './plan-associations';
import { planAttribute } from './plan-attribute';
import { planKeys } from './plan-indexes';
import { planOptions, tableStyle, type ModelDefaults, type TableStyle } from './plan-options';
import { findRelations, isSaidByAssociation, type Relation } from './relation';
import { foreignKeysOf, isModelName, primaryKeyOf, type ForeignKey } from './table-facts';
import { typeLookup } from './value-type';

/** What models are planned with besides the schema. */
export interface ModelSettings {
  readonly inflection: Inflection;
  /** Whether every model has something of that name, as `save` and `dataValues`. */
  readonly isReserved: (name: string) => boolean;
  /** The schema in which a table of no schema is looked for. */
  readonly defaultSchema: string;
  readonly defaults: ModelDefaults;
  /** The models that are there, by the table's key: the others refer to them by their names. */
  readonly existing: ReadonlyMap<string, ExistingModel>;
  /** Whether every association is given a name. */
  readonly alwaysNamed: boolean;
}

/** A table with the names that its model has. */
interface NamedTable {
  readonly table: Table;
  readonly model: string;
  readonly names: ReadonlyMap<string, string>;
  readonly style: TableStyle;
}

/** Whether a model can stand for the table. A partition belongs to its parent's. */
export function isModelled(table: Table): boolean {
  if (table.partitionOf !== undefined || table.columns.length === 0) return false;
  return isModelName(table.schema, table.name, ...table.columns.map(({ name }) => name));
}

/** The models of a schema's tables, those that are there included. */
export function planModels(schema: Schema, settings: ModelSettings): PlannedModel[] {
  const tables = schema.tables.filter(isModelled);
  const models = nameModels(tables, settings.existing, settings);
  const named = new Map(
    tables.map((table) => {
      const names =
        settings.existing.get(keyOf(table))?.attributes ??
        nameAttributes(table, settings.isReserved);
      const style = tableStyle(table, names, settings.inflection.underscore);
      return [
        keyOf(table),
        { table, model: models.get(keyOf(table)) ?? '', names, style },
      ] as const;
    }),
  );
  const relations = findRelations(tables);
  const associations = planAssociations(relations, {
    inflection: settings.inflection,
    alwaysNamed: settings.alwaysNamed,
    modelOf: (table) => models.get(keyOf(table)) ?? '',
    attributeOf: (table, column) => named.get(keyOf(table))?.names.get(column) ?? column,
    spaces: new Map(
      [...named].map(([key, { names }]) => [
        key,
        { isReserved: settings.isReserved, taken: new Set(names.values()) },
      ]),
    ),
  });
  const isSpread = tables.some((table) => table.schema !== settings.defaultSchema);
  return [...named.values()].map((one): PlannedModel => {
    const { table, model, style } = one;
    const keys = planKeys(table);
    return {
      name: model,
      table,
      attributes: planAttributes(one, named, relations.relations, schema, keys.together, settings),
      associations: associations.get(keyOf(table)) ?? [],
      options: planOptions(table, style, {
        // A table that is named without its schema is looked for in that of the model that refers to it.
        schema: isSpread || table.name.includes('.') ? table.schema : undefined,
        defaults: settings.defaults,
        indexes: keys.indexes,
      }),
      hasPrimaryKey: primaryKeyOf(table).length > 0,
      comment: table.comment,
      unsaid: listUnsaid(table),
    };
  });
}

function planAttributes(
  { table, names, style }: NamedTable,
  named: ReadonlyMap<string, NamedTable>,
  relations: readonly Relation[],
  schema: Schema,
  together: ReadonlyMap<string, string>,
  { inflection }: ModelSettings,
): PlannedModel['attributes'] {
  const types = typeLookup(schema);
  const primaryKey = primaryKeyOf(table);
  const numbered = table.columns.filter((column) => incrementOf(column) !== 'none');
  // To a model without a primary key Sequelize adds one that is numbered, before it can be removed.
  const other = primaryKey.length === 0 ? undefined : numbered[0];
  const chosen = numbered.find(({ name }) => primaryKey.includes(name)) ?? other;
  const foreignKeys = foreignKeysOf(table);
  return table.columns.map((column) => {
    const name = names.get(column.name) ?? column.name;
    const foreignKey = foreignKeys.find((key) => key.column === column);
    const relation = relations.find(({ key, source }) => source === table && key.column === column);
    const target = relation && named.get(keyOf(relation.target));
    return planAttribute(column, {
      table,
      name,
      types,
      foreignKey,
      usualColumn: style.underscored ? inflection.underscore(name) : name,
      reference: target && {
        model: target.model,
        attribute: target.names.get(relation.key.target) ?? relation.key.target,
      },
      ownReference:
        foreignKey === undefined || (relation !== undefined && isSaidByAssociation(relation))
          ? []
          : ownReference(foreignKey),
      numbered: chosen?.name,
      uniqueTogether: together.get(column.name),
      isTimestamp: style.timestamps.has(name),
    });
  });
}

/** A reference with all that it has, where no association says it. */
function ownReference({ constraint, references, target }: ForeignKey): [string, Code][] {
  const { deferrable } = constraint;
  const model = object([
    ['tableName', text(references.name)],
    ['schema', text(references.schema)],
  ]);
  const deferred = deferrable === 'deferred' ? 'INITIALLY_DEFERRED' : 'INITIALLY_IMMEDIATE';
  return [
    [
      'references',
      object([
        ['model', model],
        ['key', text(target)],
        ['deferrable', deferrable === 'not' ? undefined : `new Deferrable.${deferred}()`],
      ]),
    ],
    ['onDelete', text(references.onDelete)],
    ['onUpdate', text(references.onUpdate)],
  ];
}
