import type { AnyAssociation, AnyModel } from './sequelize-internals';
import type { ModelNotice } from './model-facts';
import type { QualifiedName } from './schema';

/** The associations whose foreign key is the attribute `key` of `model`. */
function associationsOf(model: AnyModel, key: string): AnyAssociation[] {
  const models = model.sequelize?.modelManager.models ?? [model];
  return models.flatMap(({ associations }) =>
    Object.values(associations ?? {}).filter((association) => {
      if (association.foreignKey !== key) return false;
      if (association.associationType === 'BelongsTo') return association.source === model;
      const isHas =
        association.associationType === 'HasMany' || association.associationType === 'HasOne';
      return isHas && association.target === model;
    }),
  );
}

/** Whether the attribute is the foreign key of an association, which then says that it may be null. */
export function isInjected(model: AnyModel, key: string): boolean {
  return associationsOf(model, key).length > 0;
}

/**
 * Where two associations of one foreign key say different actions: Sequelize takes the first one's, and
 * leaves the other unsaid.
 */
export function actionNotices(model: AnyModel, table: QualifiedName): ModelNotice[] {
  return Object.entries(model.tableAttributes).flatMap(([key, attribute]) => {
    if (attribute.references === undefined) return [];
    return associationsOf(model, key).flatMap((association) =>
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
