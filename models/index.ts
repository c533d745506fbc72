import { Sequelize } from 'sequelize';
import { readEnvironment } from '../config/environment';
import { defineModels } from './define-models';

/** The database of the environment named by NODE_ENV; it is connected to by the first query. */
const sequelize = new Sequelize(readEnvironment());
const models = defineModels(sequelize);

export const { User, Profile, Post, Student, Course } = models;
export { sequelize, Sequelize };

export default { ...models, sequelize, Sequelize };
