import type { Attributes, Model, ModelCtor } from 'sequelize';
import type { Course } from './course';
import type { Post } from './post';
import type { Profile } from './profile';
import type { Student } from './student';
import type { User } from './user';

/** Every model by its name: what each `associate(models)` is given. */
export interface Models {
  readonly User: AssociableModel<User>;
  readonly Profile: AssociableModel<Profile>;
  readonly Post: AssociableModel<Post>;
  readonly Student: AssociableModel<Student>;
  readonly Course: AssociableModel<Course>;
}

export interface Associable {
  /** Sets the model's relationships; called once all models are defined. */
  associate?: (models: Models) => void;
}

export type AssociableModel<M extends Model> = ModelCtor<M> & Associable;

/** The attributes that a model declares itself; Sequelize adds the others. */
export type DeclaredAttributes<M extends Model> = Omit<
  Attributes<M>,
  'id' | 'createdAt' | 'updatedAt'
>;
