import type { Sequelize } from 'sequelize';
import { defineCourse } from './course';
import { definePost } from './post';
import { defineProfile } from './profile';
import { defineStudent } from './student';
import type { Associable, Models } from './types';
import { defineUser } from './user';

/**
 * Defines every model on the given Sequelize instance and then, since a relationship needs both of
 * its sides, calls every `associate`. Connects to nothing.
 */
export function defineModels(sequelize: Sequelize): Models {
  const models: Models = {
    User: defineUser(sequelize),
    Profile: defineProfile(sequelize),
    Post: definePost(sequelize),
    Student: defineStudent(sequelize),
    Course: defineCourse(sequelize),
  };
  for (const model of Object.values<Associable>({ ...models })) model.associate?.(models);
  return models;
}
