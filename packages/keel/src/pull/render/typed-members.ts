import type { PlannedAssociation, PlannedAttribute, PlannedModel } from '../plan/model-plan';

/** What the types of a model refer to. */
export interface TypeScope {
  /** Every model, by name. */
  readonly models: ReadonlyMap<string, PlannedModel>;
  /** Whether the type of another model can be imported. */
  readonly isImportable: (model: string) => boolean;
  /** Whether Sequelize has `InferAttributes` and its like, from version 6 on. */
  readonly infers: boolean;
  /** False where `ForeignKey` means a decorator. */
  readonly branded: boolean;
}

/** The type of an attribute. */
export function attributeType(
  attribute: PlannedAttribute,
  { models, isImportable, infers, branded }: TypeScope,
): string {
  const { valueType, references, isNullable, isFilled } = attribute;
  if (valueType === 'unknown') return 'unknown';
  const orNull = isNullable ? ' | null' : '';
  if (!infers) return `${valueType}${orNull}`;
  if (references !== undefined && branded) {
    const target = models
      .get(references.model)
      ?.attributes.find(({ name }) => name === references.attribute);
    // A key that is a foreign key itself may lead back here.
    const isPlain = target?.valueType === valueType && target.references === undefined;
    const type =
      isPlain && isImportable(references.model)
        ? `${references.model}['${references.attribute}']`
        : valueType;
    return `ForeignKey<${type}${orNull}>`;
  }
  return isFilled ? `CreationOptional<${valueType}${orNull}>` : `${valueType}${orNull}`;
}

/** The members that an association gives to a model: the rows that a query included, and its methods. */
export function associationMembers(association: PlannedAssociation, scope: TypeScope): string[] {
  const { kind, property, isNullable } = association;
  const type = scope.isImportable(association.target) ? association.target : 'Model';
  const rows = kind.endsWith('Many') ? `${type}[]` : isNullable ? `${type} | null` : type;
  const own = scope.infers ? `NonAttribute<${rows}>` : rows;
  const key = keyTypeOf(scope.models.get(association.target));
  return [`${property}?: ${own};`, ...methodTypes(association, type, key, scope)];
}

function methodTypes(
  association: PlannedAssociation,
  type: string,
  key: string,
  scope: TypeScope,
): string[] {
  const { kind, singular, plural, isNullable, foreignKey } = association;
  const mixin = (verb: string): string => `${upperKind[kind]}${verb}AssociationMixin`;
  if (kind === 'belongsTo' || kind === 'hasOne') {
    const found = isNullable ? `${type} | null` : type;
    return [
      `get${singular}: ${mixin('Get')}<${found}>;`,
      `set${singular}: ${mixin('Set')}<${found}, ${key}>;`,
      `create${singular}: ${mixin('Create')}<${type}>;`,
    ];
  }
  const create =
    kind === 'hasMany' && type !== 'Model' && scope.infers
      ? `<${type}, '${foreignKey}'>`
      : `<${type}>`;
  const several = (verb: string): string => `${upperKind[kind]}${verb}AssociationsMixin`;
  const methods: [string, string][] = [
    [`create${singular}`, `${mixin('Create')}${create}`],
    [`has${singular}`, `${mixin('Has')}<${type}, ${key}>`],
    [`add${singular}`, `${mixin('Add')}<${type}, ${key}>`],
    [`remove${singular}`, `${mixin('Remove')}<${type}, ${key}>`],
    [`get${plural}`, `${several('Get')}<${type}>`],
    [`count${plural}`, several('Count')],
    [`has${plural}`, `${several('Has')}<${type}, ${key}>`],
    [`set${plural}`, `${several('Set')}<${type}, ${key}>`],
    [`add${plural}`, `${several('Add')}<${type}, ${key}>`],
    [`remove${plural}`, `${several('Remove')}<${type}, ${key}>`],
  ];
  // A word that is its own plural has one method for one row and for several.
  return [...new Map(methods)].map(([name, mixinType]) => `${name}: ${mixinType};`);
}

const upperKind = {
  belongsTo: 'BelongsTo',
  hasOne: 'HasOne',
  hasMany: 'HasMany',
  belongsToMany: 'BelongsToMany',
} as const;

/** The type of the value by which a row is named; a key of several columns is no such value. */
function keyTypeOf(model: PlannedModel | undefined): string {
  const [key, ...others] = model?.attributes.filter(({ isPrimaryKey }) => isPrimaryKey) ?? [];
  return key === undefined || others.length > 0 ? 'never' : key.valueType;
}
