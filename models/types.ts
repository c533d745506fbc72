import type { Model, ModelStatic } from 'sequelize';
import type { Course } from './course';
import type { Post } from './post';
import type { Profile } from './profile';
import type { Student } from './student';
import type { User } from './user';

/** A model, and the function that sets its relationships once all models are defined. */
export type Associable<M extends Model> = ModelStatic<M> & {
  associate?: (models: Models) => void;
};

/** Every model by its name. */
export interface Models {
  User: Associable<User>;
  Profile: Associable<Profile>;
  Post: Associable<Post>;
  Student: Associable<Student>;
  Course: Associable<Course>;
}
