import type { Model, ModelStatic } from 'sequelize';

/** What a model says about one of its columns. */
export interface ModelColumn {
  readonly attribute: string;
  readonly field: string;
  readonly unique: boolean;
  /** Sequelize's `validate`, as it was given. */
  readonly validators: Readonly<Record<string, unknown>>;
  /** The attribute's role in the model, where it has one. */
  readonly role: 'createdAt' | 'updatedAt' | 'deletedAt' | 'version' | undefined;
  /** Filled by Sequelize from others; there is no such column. */
  readonly virtual: boolean;
  /** Whether the application leaves it to the model's own default, and which: a plain value only. */
  readonly defaultValue: unknown;
}

/** Columns that refer to another model, by its associations. */
interface ModelReference {
  readonly fields: readonly string[];
  readonly target: string;
  readonly targetFields: readonly string[];
  /** A `hasOne` on the other side: at most one child. */
  readonly one: boolean;
  /** Values that an association's scope gives to other fields of this model. */
  readonly scope: Readonly<Record<string, unknown>>;
}

/** A model as far as filling its table needs it. */
export interface ModelDescription {
  readonly name: string;
  readonly schema: string | undefined;
  readonly table: string;
  readonly columns: readonly ModelColumn[];
  readonly references: readonly ModelReference[];
  /** The junction of a `belongsToMany`. */
  readonly junction: boolean;
  /** Models associated with this one, by name. */
  readonly neighbours: readonly string[];
}

type AnyModel = ModelStatic<Model>;

interface RawAttribute {
  readonly field?: string;
  readonly unique?: unknown;
  readonly validate?: Readonly<Record<string, unknown>>;
  readonly defaultValue?: unknown;
  readonly references?: { readonly model?: unknown; readonly key?: string } | string;
  readonly type?: { readonly key?: string };
}

interface RawAssociation {
  readonly associationType: string;
  readonly source: AnyModel;
  readonly target: AnyModel;
  readonly foreignKey: string;
  readonly targetKey?: string;
  readonly sourceKey?: string;
  readonly scope?: Readonly<Record<string, unknown>> | null;
  readonly through?: {
    readonly model: AnyModel;
    readonly scope?: Readonly<Record<string, unknown>> | null;
  };
  readonly otherKey?: string;
}

interface RawModel {
  readonly name: string;
  readonly rawAttributes: Readonly<Record<string, RawAttribute>>;
  readonly associations: Readonly<Record<string, RawAssociation>>;
  readonly _timestampAttributes?: Readonly<Record<string, string | undefined>>;
  readonly _versionAttribute?: string;
  getTableName(): string | { tableName: string; schema?: string };
}

/** Reads what the models say; nothing is connected to. Junction models made by Sequelize are included. */
export function describeModels(models: readonly AnyModel[]): ModelDescription[] {
  const raw = models as unknown as readonly RawModel[];
  const references = new Map<string, ModelReference[]>(raw.map((model) => [model.name, []]));
  const neighbours = new Map<string, Set<string>>(
    raw.map((model) => [model.name, new Set<string>()]),
  );
  const junctions = new Set<string>();
  const link = (a: string, b: string): void => {
    neighbours.get(a)?.add(b);
    neighbours.get(b)?.add(a);
  };
  for (const model of raw) {
    for (const association of Object.values(model.associations)) {
      const through = association.through?.model.name;
      if (through !== undefined) {
        junctions.add(through);
        link(model.name, through);
      } else {
        link(model.name, association.target.name);
      }
      for (const [child, reference] of referencesOf(association, raw))
        addReference(references.get(child), reference);
    }
  }
  return raw.map((model) => ({
    name: model.name,
    ...tableOf(model),
    columns: columnsOf(model),
    references: references.get(model.name) ?? [],
    junction: junctions.has(model.name),
    neighbours: [...(neighbours.get(model.name) ?? [])],
  }));
}

function referencesOf(
  association: RawAssociation,
  models: readonly RawModel[],
): [string, ModelReference][] {
  const find = (model: AnyModel): RawModel =>
    models.find((each) => each.name === model.name) ?? (model as unknown as RawModel);
  const source = find(association.source);
  const target = find(association.target);
  const { foreignKey, associationType } = association;
  const reference = (
    child: RawModel,
    parent: RawModel,
    key: string | undefined,
    field: string,
  ): [string, ModelReference] => [
    child.name,
    {
      fields: [fieldOf(child, field)],
      target: parent.name,
      targetFields: [fieldOf(parent, key ?? primaryKeyOf(parent))],
      one: associationType === 'HasOne',
      scope: associationType.startsWith('Has') ? fieldsOf(child, association.scope ?? {}) : {},
    },
  ];
  switch (associationType) {
    case 'BelongsTo':
      return [reference(source, target, association.targetKey, foreignKey)];
    case 'HasOne':
    case 'HasMany':
      return [reference(target, source, association.sourceKey, foreignKey)];
    case 'BelongsToMany': {
      const junction = association.through && find(association.through.model);
      if (!junction || association.otherKey === undefined) return [];
      return [
        [
          junction.name,
          {
            ...reference(junction, source, association.sourceKey, foreignKey)[1],
            scope: fieldsOf(junction, association.through?.scope ?? {}),
          },
        ],
        reference(junction, target, association.targetKey, association.otherKey),
      ];
    }
    default:
      return [];
  }
}

/** Both sides of an association name the same columns: the one that knows more wins. */
function addReference(list: ModelReference[] | undefined, reference: ModelReference): void {
  if (!list) return;
  const at = list.findIndex(
    ({ fields, target }) => fields[0] === reference.fields[0] && target === reference.target,
  );
  const known = list[at];
  if (!known) list.push(reference);
  else {
    list[at] = {
      ...known,
      one: known.one || reference.one,
      scope: { ...known.scope, ...reference.scope },
    };
  }
}

function columnsOf(model: RawModel): ModelColumn[] {
  const stamps = model._timestampAttributes ?? {};
  const roleOf = (attribute: string): ModelColumn['role'] => {
    if (attribute === stamps.createdAt) return 'createdAt';
    if (attribute === stamps.updatedAt) return 'updatedAt';
    if (attribute === stamps.deletedAt) return 'deletedAt';
    return attribute === model._versionAttribute ? 'version' : undefined;
  };
  return Object.entries(model.rawAttributes).map(([attribute, raw]) => ({
    attribute,
    field: raw.field ?? attribute,
    unique: raw.unique === true,
    validators: raw.validate ?? {},
    role: roleOf(attribute),
    virtual: raw.type?.key === 'VIRTUAL',
    defaultValue: raw.defaultValue,
  }));
}

function tableOf(model: RawModel): { readonly schema: string | undefined; readonly table: string } {
  const name = model.getTableName();
  if (typeof name === 'string') return { schema: undefined, table: name };
  return { schema: name.schema === '' ? undefined : name.schema, table: name.tableName };
}

function fieldOf(model: RawModel, attribute: string): string {
  return model.rawAttributes[attribute]?.field ?? attribute;
}

function fieldsOf(
  model: RawModel,
  values: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [fieldOf(model, name), value]),
  );
}

function primaryKeyOf(model: RawModel): string {
  return (model as unknown as { primaryKeyAttribute?: string }).primaryKeyAttribute ?? 'id';
}
