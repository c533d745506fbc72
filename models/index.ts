import { Sequelize } from 'sequelize';
import config from '../config/config';
import { defineCourse } from './course';
import { definePost } from './post';
import { defineProfile } from './profile';
import { defineStudent } from './student';
import type { Models } from './types';
import { defineUser } from './user';

/** Defines every model, and then the relationships, since each needs both of its sides. */
export function defineModels(sequelize: Sequelize): Models {
  const models = {
    User: defineUser(sequelize),
    Profile: defineProfile(sequelize),
    Post: definePost(sequelize),
    Student: defineStudent(sequelize),
    Course: defineCourse(sequelize),
  };
  for (const model of Object.values(models)) model.associate?.(models);
  return models;
}

const environment = (process.env.NODE_ENV || 'development') as keyof typeof config;

/** The database of the environment that NODE_ENV names. The first query connects to it. */
export const sequelize = new Sequelize(config[environment]);

export const { User, Profile, Post, Student, Course } = defineModels(sequelize);
