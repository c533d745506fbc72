import type { AnyAssociation, AnyModel } from '../../schema/sequelize-internals';

/** What Sequelize knows of an association besides what building a schema needs; the same in versions 5 and 6. */
export interface FullAssociation extends AnyAssociation {
  readonly as: string;
  /** Whether `as` was given rather than made from the target's name. */
  readonly isAliased?: boolean;
  /** Of belongsToMany. */
  readonly otherKey?: string;
  readonly through?: { readonly model: FullModel };
  /** Attributes: of the source for `has…`, of the target for `belongsTo`; both for belongsToMany. */
  readonly sourceKey?: string;
  readonly targetKey?: string;
  readonly accessors: Readonly<Record<string, string>>;
  readonly scope?: object;
  readonly source: FullModel;
  readonly target: FullModel;
}

export interface FullModel extends AnyModel {
  readonly primaryKeyAttribute?: string;
  readonly associations?: Readonly<Record<string, FullAssociation>>;
  findAll(options: object): Promise<unknown>;
}
