import { isPlainForeignKey } from '../../codegen/constraint-code';
import { keyOf } from '../../schema/object-names';
import type { Table } from '../../schema/schema';
import {
  foreignKeysOf,
  isUniqueColumn,
  junctionKeysOf,
  primaryKeyOf,
  type ForeignKey,
} from './table-facts';

/** A foreign key between two tables that both have a model. */
export interface Relation {
  readonly key: ForeignKey;
  readonly source: Table;
  readonly target: Table;
  /** Whether at most one row refers to another one. */
  readonly isUnique: boolean;
  /** How many relations lead from `source` to `target`. */
  readonly siblings: number;
}

/** Two tables and the one that joins them. */
export interface Junction {
  readonly table: Table;
  readonly first: Relation;
  readonly second: Relation;
}

export interface Relations {
  readonly relations: readonly Relation[];
  readonly junctions: readonly Junction[];
}

/** What the tables' foreign keys say of how they belong together. */
export function findRelations(tables: readonly Table[]): Relations {
  const byKey = new Map(tables.map((table) => [keyOf(table), table]));
  const keys = tables.flatMap((source) =>
    foreignKeysOf(source).flatMap((key) => {
      const target = byKey.get(keyOf(key.references));
      return target === undefined ? [] : [{ key, source, target }];
    }),
  );
  const relations = keys.map((one): Relation => {
    const siblings = keys.filter(
      ({ source, target }) => source === one.source && target === one.target,
    );
    const isUnique = isUniqueColumn(one.source, one.key.column.name);
    return { ...one, isUnique, siblings: siblings.length };
  });
  const junctions = tables.flatMap((table): Junction[] => {
    const pair = junctionKeysOf(table)?.map(({ column }) =>
      relations.find(({ source, key }) => source === table && key.column.name === column.name),
    );
    const [first, second] = pair ?? [];
    if (first === undefined || second === undefined) return [];
    // belongsToMany gives the keys the types of what they refer to.
    const isAlike = [first, second].every((relation) => isOfTargetType(relation));
    return isAlike ? [{ table, first, second }] : [];
  });
  return { relations, junctions };
}

function isOfTargetType({ key, target }: Relation): boolean {
  return target.columns.find(({ name }) => name === key.target)?.type === key.column.type;
}

/** Whether the association's reference is the whole of the foreign key, so that no attribute has to say it. */
export function isSaidByAssociation({ key, target }: Relation): boolean {
  if (!isPlainForeignKey({ ...key.constraint, validated: true })) {
    // Without effect for a single column.
    if (key.constraint.deferrable !== 'not') return false;
  }
  // Sequelize leaves the reference out where it leads to a part of a longer key.
  const primaryKey = primaryKeyOf(target);
  return primaryKey.length <= 1 || !primaryKey.includes(key.target);
}
