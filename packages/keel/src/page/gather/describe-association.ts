import type { AssociationEnd, PageAssociation } from '../document/page-document';
import { associationCalls } from '../plan/association-calls';
import type { FullAssociation, FullModel } from './association-model';
import { captureInclude } from './capture-include';

const METHODS: Readonly<Record<string, PageAssociation['method']>> = {
  HasOne: 'hasOne',
  HasMany: 'hasMany',
  BelongsTo: 'belongsTo',
  BelongsToMany: 'belongsToMany',
};

/** What PostgreSQL calls what models declare. */
export interface NamesInDatabase {
  /** The key of a model's table. */
  readonly table: (model: FullModel) => string;
  /** The column of this `field`. */
  readonly column: (field: string) => string;
}

/** An association in the words of the pictures; undefined for a kind that Sequelize does not have. */
export async function describeAssociation(
  association: FullAssociation,
  names: NamesInDatabase,
): Promise<PageAssociation | undefined> {
  const { source, target, through } = association;
  const method = METHODS[association.associationType];
  if (method === undefined) return undefined;
  return {
    method,
    source: source.name,
    target: target.name,
    sourceTable: names.table(source),
    targetTable: names.table(target),
    through: through === undefined ? undefined : names.table(through.model),
    label: [
      `${source.name}.${method}(${target.name})${aliasOf(association)}`,
      ...(through === undefined ? [] : [`through ${through.model.name}`]),
    ],
    code: codeOf(association, method),
    include:
      association.isAliased === true
        ? `{ model: ${target.name}, as: ${quote(association.as)} }`
        : target.name,
    sql: await captureInclude(source, association),
    calls: associationCalls({
      method,
      source: source.name,
      target: target.name,
      keyType: keyTypeOf(target),
      accessors: association.accessors,
    }),
    ends: endsOf(association, names),
  };
}

function aliasOf({ isAliased, as }: FullAssociation): string {
  return isAliased === true ? ` as ${as}` : '';
}

function codeOf(association: FullAssociation, method: string): string {
  const { source, target, through, foreignKey, otherKey, options } = association;
  const entries = [
    association.isAliased === true ? `as: ${quote(association.as)}` : undefined,
    through === undefined ? undefined : `through: ${quote(through.model.name)}`,
    `foreignKey: ${quote(foreignKey)}`,
    otherKey === undefined ? undefined : `otherKey: ${quote(otherKey)}`,
    options.constraints === false ? 'constraints: false' : undefined,
  ].filter((entry) => entry !== undefined);
  return `${source.name}.${method}(${target.name}, { ${entries.join(', ')} })`;
}

/** First the line to the source's own side. */
function endsOf(association: FullAssociation, names: NamesInDatabase): AssociationEnd[] {
  const { source, target, through, foreignKey, otherKey, sourceKey, targetKey } = association;
  const end = (
    child: FullModel,
    childKey: string | undefined,
    parent: FullModel,
    parentKey: string | undefined,
  ): AssociationEnd => ({
    child: names.table(child),
    childColumn: names.column(fieldOf(child, childKey)),
    parent: names.table(parent),
    parentColumn: names.column(fieldOf(parent, parentKey ?? parent.primaryKeyAttribute)),
  });
  if (through !== undefined) {
    return [
      end(through.model, foreignKey, source, sourceKey),
      end(through.model, otherKey, target, targetKey),
    ];
  }
  return association.associationType === 'BelongsTo'
    ? [end(source, foreignKey, target, targetKey)]
    : [end(target, foreignKey, source, sourceKey)];
}

/** What the column of an attribute is called. */
function fieldOf(model: FullModel, attribute: string | undefined): string {
  const key = attribute ?? 'id';
  return model.tableAttributes[key]?.field ?? key;
}

function keyTypeOf({ tableAttributes, primaryKeyAttribute = 'id' }: FullModel): string {
  const type = tableAttributes[primaryKeyAttribute]?.type as { readonly key?: string } | undefined;
  return ['INTEGER', 'SMALLINT', 'TINYINT', 'MEDIUMINT'].includes(type?.key ?? '')
    ? 'number'
    : 'string';
}

function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
