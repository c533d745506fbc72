import { addTo } from './catalog';
import type { AnyAssociation, AnyModel } from './sequelize-internals';
import type { ModelNotice } from './model-facts';
import type { QualifiedName } from './schema';

/** The associations that have an attribute for their foreign key, by the attribute's name. */
export type ForeignKeys = ReadonlyMap<string, readonly AnyAssociation[]>;

/** Those of each model, found in one pass: with a thousand models a search for each attribute takes longer than all else. */
export function foreignKeysOf(models: readonly AnyModel[]): (model: AnyModel) => ForeignKeys {
  const known = new Set(models);
  for (const instance of new Set(models.map(({ sequelize }) => sequelize)))
    for (const model of instance?.modelManager.models ?? []) known.add(model);
  const byModel = new Map<AnyModel, Map<string, AnyAssociation[]>>();
  for (const association of [...known].flatMap((model) =>
    Object.values(model.associations ?? {}),
  )) {
    const holder = holderOf(association);
    if (holder === undefined) continue;
    const ofModel = byModel.get(holder) ?? new Map<string, AnyAssociation[]>();
    addTo(ofModel, association.foreignKey, association);
    byModel.set(holder, ofModel);
  }
  return (model) => byModel.get(model) ?? new Map();
}

/** The model that has the foreign key; undefined where that is one in between. */
function holderOf({ associationType, source, target }: AnyAssociation): AnyModel | undefined {
  if (associationType === 'BelongsTo') return source;
  return associationType === 'HasMany' || associationType === 'HasOne' ? target : undefined;
}

/**
 * Where two associations of one foreign key say different actions: Sequelize takes the first one's, and
 * leaves the other unsaid.
 */
export function actionNotices(
  model: AnyModel,
  table: QualifiedName,
  foreignKeys: ForeignKeys,
): ModelNotice[] {
  return Object.entries(model.tableAttributes).flatMap(([key, attribute]) => {
    if (attribute.references === undefined) return [];
    return (foreignKeys.get(key) ?? []).flatMap((association) =>
      (['onDelete', 'onUpdate'] as const).flatMap((action): ModelNotice[] => {
        const said = saidAction(association, action, attribute.allowNull !== false);
        const made = attribute[action]?.toUpperCase();
        if (said === undefined || said === made) return [];
        const from = `${association.source.name}.${methods[association.associationType] ?? ''}(${association.target.name})`;
        const message = `${model.name}.${key}: ${from} says ${action} ${said}, but an earlier association of the same foreign key made it ${made ?? 'NO ACTION'}; say it in both`;
        return [{ model: model.name, table, column: attribute.field ?? key, message }];
      }),
    );
  });
}

const methods: Readonly<Record<string, string>> = {
  BelongsTo: 'belongsTo',
  HasMany: 'hasMany',
  HasOne: 'hasOne',
};

/** What the user wrote: belongsTo() and hasOne() put their defaults into the same options. */
function saidAction(
  { associationType, options }: AnyAssociation,
  action: 'onDelete' | 'onUpdate',
  isNullable: boolean,
): string | undefined {
  const said = options[action]?.toUpperCase();
  if (options.constraints === false || associationType === 'HasMany') return said;
  const whenRequired = associationType === 'HasOne' ? 'CASCADE' : 'NO ACTION';
  const usual = action === 'onUpdate' ? 'CASCADE' : isNullable ? 'SET NULL' : whenRequired;
  return said === usual ? undefined : said;
}
