import { keyOf } from '../../schema/object-names';
import type { Table } from '../../schema/schema';
import { claimAlias, type AliasCandidate, type NameSpace } from './claim-alias';
import type { PlannedAssociation } from './model-plan';
import { lowerFirst, upperFirst, withoutKeySuffix, type Inflection } from './names';
import type { Junction, Relation, Relations } from './relation';
import { primaryKeyOf } from './table-facts';

/** What associations are named from. */
export interface AssociationNames {
  readonly inflection: Inflection;
  readonly modelOf: (table: Table) => string;
  readonly attributeOf: (table: Table, column: string) => string;
  /** The names that a model has already, by the table's key; what is claimed is added. */
  readonly spaces: ReadonlyMap<string, NameSpace>;
  /** Whether every association is given a name, as the properties of decorated classes do. */
  readonly alwaysNamed: boolean;
}

/** The associations of each model, by the table's key. */
export function planAssociations(
  { relations, junctions }: Relations,
  names: AssociationNames,
): ReadonlyMap<string, readonly PlannedAssociation[]> {
  const planned = new Map<string, PlannedAssociation[]>();
  const add = (table: Table, association: PlannedAssociation): void => {
    planned.set(keyOf(table), [...(planned.get(keyOf(table)) ?? []), association]);
  };
  for (const relation of relations) add(relation.source, belongsTo(relation, names));
  const joining = new Set(junctions.map(({ table }) => keyOf(table)));
  for (const relation of relations) {
    if (!joining.has(keyOf(relation.source))) add(relation.target, has(relation, names));
  }
  for (const { table, first, second } of junctions) {
    add(first.target, belongsToMany({ table, first, second }, names));
    add(second.target, belongsToMany({ table, first: second, second: first }, names));
  }
  return planned;
}

/** `author` of `authorId`; the attribute's name where it does not end like a key. */
function roleOf({ key, source }: Relation, { attributeOf }: AssociationNames): string {
  const attribute = attributeOf(source, key.column.name);
  return withoutKeySuffix(attribute) ?? attribute;
}

function belongsTo(relation: Relation, names: AssociationNames): PlannedAssociation {
  const { source, target, key } = relation;
  const model = names.modelOf(target);
  const role = roleOf(relation, names);
  const alias = claim(source, false, names, [
    ...(role.toLowerCase() === model.toLowerCase() ? [usualName(model, names)] : []),
    { as: role },
    { as: `${role}${model}` },
  ]);
  return {
    ...alias,
    kind: 'belongsTo',
    target: model,
    foreignKey: names.attributeOf(source, key.column.name),
    targetKey: otherKeyOf(relation, names),
    ...actionsOf(relation),
    isNullable: !key.column.notNull,
  };
}

function has(relation: Relation, names: AssociationNames): PlannedAssociation {
  const { source, target, key, isUnique, siblings } = relation;
  const { pluralize, singularize } = names.inflection;
  const model = names.modelOf(source);
  const role = roleOf(relation, names);
  const isUsual = siblings === 1 || role.toLowerCase() === names.modelOf(target).toLowerCase();
  const own = isUnique ? singularize(model) : pluralize(model);
  const self = selfName(relation, names, own);
  const alias = claim(
    target,
    !isUnique,
    names,
    source === target
      ? [{ as: self }, { as: `${role}${own}` }]
      : [...(isUsual ? [usualName(model, names)] : []), { as: `${role}${own}` }],
  );
  return {
    ...alias,
    kind: isUnique ? 'hasOne' : 'hasMany',
    target: model,
    foreignKey: names.attributeOf(source, key.column.name),
    sourceKey: otherKeyOf(relation, names),
    ...actionsOf(relation),
    isNullable: true,
  };
}

/** `children`, `managerOf`, or `employeesByReportsTo` where the column is not called like a key. */
function selfName(relation: Relation, names: AssociationNames, own: string): string {
  const { source, key, isUnique } = relation;
  const attribute = names.attributeOf(source, key.column.name);
  const role = roleOf(relation, names);
  if (role === 'parent') return isUnique ? 'child' : 'children';
  return role === attribute ? `${lowerFirst(own)}By${upperFirst(role)}` : `${role}Of`;
}

function belongsToMany(
  { table, first, second }: Junction,
  names: AssociationNames,
): PlannedAssociation {
  const { pluralize } = names.inflection;
  const model = names.modelOf(second.target);
  const role = roleOf(second, names);
  const through = names.modelOf(table);
  // Sequelize wants a name for each of the two sides where both are the same model.
  const isUsual = first.target !== second.target && role.toLowerCase() === model.toLowerCase();
  const alias = claim(first.target, true, names, [
    ...(isUsual ? [usualName(model, names)] : []),
    { as: pluralize(role) },
    { as: `${lowerFirst(through)}${pluralize(model)}` },
  ]);
  return {
    ...alias,
    kind: 'belongsToMany',
    target: model,
    through,
    foreignKey: names.attributeOf(table, first.key.column.name),
    otherKey: names.attributeOf(table, second.key.column.name),
    sourceKey: otherKeyOf(first, names),
    targetKey: otherKeyOf(second, names),
    isNullable: false,
  };
}

/** The name that Sequelize gives by itself: the other model's. */
function usualName(model: string, { alwaysNamed, inflection }: AssociationNames): AliasCandidate {
  if (!alwaysNamed) return { model };
  return { as: lowerFirst(model), plural: lowerFirst(inflection.pluralize(model)) };
}

function claim(
  table: Table,
  isMany: boolean,
  { spaces, inflection }: AssociationNames,
  candidates: readonly AliasCandidate[],
): Pick<PlannedAssociation, 'as' | 'property' | 'singular' | 'plural'> {
  const space = spaces.get(keyOf(table));
  if (space === undefined) throw new Error(`The table ${keyOf(table)} has no model.`);
  return claimAlias(space, candidates, isMany, inflection);
}

/** The attribute that the key refers to, where it is not the primary key. */
function otherKeyOf({ target, key }: Relation, { attributeOf }: AssociationNames) {
  const primaryKey = primaryKeyOf(target);
  const isUsual = primaryKey.length === 1 && primaryKey[0] === key.target;
  return isUsual ? undefined : attributeOf(target, key.target);
}

/**
 * What becomes of the rows. Both sides of a relationship say it alike, because Sequelize takes what the side says that
 * it comes to first. Left out is what both sides would have by themselves.
 */
function actionsOf({ key }: Relation): Pick<PlannedAssociation, 'onDelete' | 'onUpdate'> {
  const { onDelete, onUpdate } = key.references;
  return {
    onDelete: onDelete === 'SET NULL' && !key.column.notNull ? undefined : onDelete,
    onUpdate: onUpdate === 'CASCADE' ? undefined : onUpdate,
  };
}
