import { readProject } from '../../src/project/read-project';
import { loadModels } from '../../src/project/load-models';
import { evaluateInProcess, resultOf } from '../support/embedded';
import { withProject, type ProjectFiles } from '../support/projects';

const CONFIG = { development: { dialect: 'postgres', database: 'none' } };

const userFactory = `(sequelize, DataTypes) => {
  const User = sequelize.define('User', { name: DataTypes.STRING }, { tableName: 'users' });
  User.associate = (models) => { if (models.Post) User.hasMany(models.Post, { foreignKey: 'userId' }); };
  return User;
}`;

const userClass = `class User extends Model {
  static init(sequelize) { return super.init({ name: DataTypes.STRING }, { sequelize, tableName: 'users' }); }
  static associate(models) { this.hasMany(models.Post, { foreignKey: 'userId' }); }
}`;

const postClass = `class Post extends Model {
  static init(sequelize, DataTypes) { super.init({ title: DataTypes.STRING }, { sequelize, tableName: 'posts' }); }
}`;

const instance = `new Sequelize('postgres://localhost/none', { logging: false })`;

/** The files of a project for each way of writing models; all have the table users, some posts. */
const styles: Readonly<Record<string, ProjectFiles>> = {
  'a function a file, in sub-folders': {
    'models/user.js': `module.exports = ${userFactory}`,
    'models/blog/post.js': `module.exports = (s, T) => s.define('Post', { title: T.STRING }, { tableName: 'posts' })`,
  },
  'a folder a model': {
    'models/user/index.js': `module.exports = ${userFactory}`,
    'models/user/scopes.js': `exports.active = { where: { active: true } };`,
  },
  'classes with a static init': {
    'models/base.js': `exports.Base = class Base extends require('sequelize').Model {};`,
    'models/user.js': `const { Model, DataTypes } = require('sequelize'); module.exports = ${userClass}`,
    'models/blog/post.js': `const { Base: Model } = require('../base'); exports.Post = ${postClass}`,
  },
  'classes that a function initializes': {
    'models/User.js': `const { Model, DataTypes } = require('sequelize'); module.exports = ${userClass}`,
    'models/Post.js': `const { Model } = require('sequelize'); module.exports = ${postClass}`,
    'models/init-models.js': `const { DataTypes } = require('sequelize');
      function initModels(sequelize) {
        const [User, Post] = ['./User', './Post'].map((file) => require(file));
        User.init(sequelize, DataTypes); Post.init(sequelize, DataTypes); User.hasMany(Post, { foreignKey: 'userId' });
      }
      module.exports = { initModels };`,
  },
  'classes that are models once they are loaded': {
    'db.js': `const { Sequelize } = require('sequelize'); module.exports = ${instance};`,
    'models/user.js': `const { Model, DataTypes } = require('sequelize'); ${userClass}
      module.exports = User.init(require('../db')); User.associate = undefined;`,
  },
  'TypeScript with functions among others': {
    'models/user.ts': `import { DataTypes, type Sequelize } from 'sequelize';
      export const format = (user: { name: string }): string => user.name.toUpperCase();
      export function defineUser(sequelize: Sequelize) {
        return sequelize.define('User', { name: DataTypes.STRING }, { tableName: 'users' });
      }`,
  },
  'an index with one function': {
    'models/index.js': `module.exports = (sequelize, DataTypes) => { (${userFactory})(sequelize, DataTypes); };`,
  },
  'an index that exports db': {
    'models/index.js': `const { Sequelize, DataTypes } = require('sequelize');
      const sequelize = ${instance};
      const db = { models: { User: (${userFactory})(sequelize, DataTypes) } };
      exports.db = db;
      exports.notModels = require('sequelize');`,
  },
  'an index with the instance alone': {
    'models/index.js': `const { Sequelize } = require('sequelize'); exports.sequelize = ${instance};`,
    'models/user.js': `const { sequelize } = require('.'); const { DataTypes } = require('sequelize');
      exports.User = (${userFactory})(sequelize, DataTypes);`,
  },
  'ES modules': {
    'package.json': { type: 'module' },
    'models/user.js': `export default ${userFactory}`,
    'models/blog/post.js': `import { Model } from 'sequelize'; export ${postClass}`,
  },
  'an ES module that exports db': {
    'package.json': { type: 'module' },
    'models/index.js': `import { Sequelize, DataTypes } from 'sequelize';
      const db = { sequelize: ${instance} };
      const { default: define } = await import(new URL('user.js', import.meta.url).href);
      db.User = define(db.sequelize, DataTypes);
      export default db;`,
    'models/user.js': `export default ${userFactory}`,
  },
};

const inFolder = (folder: number, files: ProjectFiles): ProjectFiles =>
  Object.fromEntries(
    Object.entries({ 'config/config.json': CONFIG, ...files }).map(([name, content]) => [
      `${folder}/${name}`,
      content,
    ]),
  );

test('models are found in whatever way they are written', async () => {
  const all = Object.values(styles).map((files, folder) => inFolder(folder, files));
  const found = await withProject(Object.assign({}, ...all) as ProjectFiles, ({ root }) =>
    // jest cannot import() ES modules.
    resultOf(
      evaluateInProcess(`(async () => {
        const found = [];
        for (let folder = 0; folder < ${all.length}; folder += 1) {
          const project = await load('project/read-project.js').readProject({ cwd: ${JSON.stringify(root)} + '/' + folder });
          const { models } = await load('project/load-models.js').loadModels(project);
          found.push(models.map((model) => [model.getTableName(), ...Object.keys(model.rawAttributes)].join(' ')).sort());
        }
        return found;
      })()`),
    ),
  );
  const users = 'users id name createdAt updatedAt';
  const posts = 'posts id title createdAt updatedAt';
  const expected = Object.entries(styles).map(([style, files]) => {
    const hasPosts = Object.keys(files).some((name) => /\/post\.js$/i.test(name));
    return [style, hasPosts ? [`${posts} userId`, users] : [users]];
  });
  const names = Object.keys(styles);
  expect(names.map((style, folder) => [style, (found as unknown[])[folder]])).toEqual(expected);
});

test.each([
  [
    'a class that never becomes a model',
    `const { Model } = require('sequelize'); exports.User = class User extends Model {};`,
    { code: 'MODEL_NOT_DEFINED', message: expect.stringMatching(/class User .*never becomes one/) },
  ],
  [
    'a function that throws',
    `module.exports = (sequelize) => { throw new Error('no such thing'); };`,
    { code: 'MODELS_FAILED', message: expect.stringMatching(/user\.js: no such thing/) },
  ],
  [
    'an association to a model that is not there',
    `module.exports = (s, T) => Object.assign(s.define('User', {}), { associate: (m) => m.User.hasMany(m.Post) });`,
    { code: 'MODELS_FAILED', message: expect.stringMatching(/associate\(\) of the model User/) },
  ],
])('%s is named', (_, text, error) =>
  withProject({ 'config/config.json': CONFIG, 'models/user.js': text }, async ({ root }) => {
    await expect(
      loadModels(await readProject({ cwd: root, env: 'development' })),
    ).rejects.toMatchObject(error);
  }),
);
