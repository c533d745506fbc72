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

/** A model with the function that sets its relationships, called once all models are defined. */
export type AssociableModel<M extends Model> = ModelCtor<M> & {
  associate?: (models: Models) => void;
};

/** The attributes that a model declares itself; Sequelize adds the others. */
export type DeclaredAttributes<M extends Model> = Omit<
  Attributes<M>,
  'id' | 'createdAt' | 'updatedAt'
>;
