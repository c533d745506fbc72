import type { Code } from '../../codegen/code';
import type { QualifiedName } from '../../schema/schema';

/** One attribute of a model to be written. */
export interface PlannedAttribute {
  readonly name: string;
  readonly column: string;
  /** What describes it in the model: its type alone, or an object. */
  readonly code: Code;
  /** Whether Sequelize has just this attribute by itself: `id` and the timestamps. */
  readonly isImplied: boolean;
  /** The TypeScript type of a value that is not NULL. */
  readonly valueType: string;
  readonly isNullable: boolean;
  /** Whether the database gives a value where the program gives none. */
  readonly isFilled: boolean;
  readonly isPrimaryKey: boolean;
  /** The attribute that it is a foreign key to. */
  readonly references?: { readonly model: string; readonly attribute: string };
}

export type AssociationKind = 'belongsTo' | 'hasOne' | 'hasMany' | 'belongsToMany';

/** One association of a model to be written. */
export interface PlannedAssociation {
  readonly kind: AssociationKind;
  readonly target: string;
  /** The name that the association is given; undefined where Sequelize would choose it by itself. */
  readonly as: string | undefined;
  /** The name of the property with the associated rows. */
  readonly property: string;
  /** How the methods call one row and several: `Post` and `Posts` in `addPost` and `addPosts`. */
  readonly singular: string;
  readonly plural: string;
  /** An attribute of the model that has the key. */
  readonly foreignKey: string;
  /** The attributes that keys refer to, in this model and in the other one, where these are not primary keys. */
  readonly sourceKey?: string;
  readonly targetKey?: string;
  readonly onDelete?: string;
  readonly onUpdate?: string;
  /** Whether the one row may be missing. */
  readonly isNullable: boolean;
  /** Of belongsToMany. */
  readonly through?: string;
  readonly otherKey?: string;
}

/** A model to be written. */
export interface PlannedModel {
  readonly name: string;
  readonly table: QualifiedName;
  readonly attributes: readonly PlannedAttribute[];
  readonly associations: readonly PlannedAssociation[];
  /** The options besides the model's name, as `sequelize.define` takes them. */
  readonly options: readonly (readonly [string, Code])[];
  /** Whether the table has a primary key: Sequelize would add an `id` where there is none. */
  readonly hasPrimaryKey: boolean;
  readonly comment: string | undefined;
  /** What the table has and Sequelize has no words for. */
  readonly unsaid: readonly string[];
}

/** A model that the project has already. */
export interface ExistingModel {
  readonly name: string;
  /** The attributes' names, by column. */
  readonly attributes: ReadonlyMap<string, string>;
}
