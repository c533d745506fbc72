import { readProject } from '../../src/project/read-project';
import { loadModels, type LoadedModels } from '../../src/project/load-models';
import { ModelFailures } from '../../src/project/model-failures';
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

/** Loads the models of a project with these files. */
async function modelsOf(files: ProjectFiles, config: object = {}): Promise<LoadedModels> {
  const environment = { ...CONFIG.development, ...config };
  return withProject(
    { 'config/config.json': { development: environment }, ...files },
    async ({ root }) => loadModels(await readProject({ cwd: root, env: 'development' })),
  );
}

const namesOf = ({ models }: LoadedModels): string[] => models.map(({ name }) => name).sort();

test('what else stands in the folder of the models is no model', async () => {
  const loaded = await modelsOf({
    'models/user.js': `module.exports = ${userFactory}`,
    'models/post.js': `const make = (s, T) => s.define('Post', { title: T.STRING });
      module.exports = (s, T) => make(s, T);`,
    'models/helpers/phone.js': `module.exports = (phone) => phone.replace(/[^0-9]/g, '');`,
    'models/helpers/fetch.js': `module.exports = async (user) => user.profile.name;`,
    'models/helpers/waiting.js': `module.exports = (event) => new Promise(() => event);`,
    'models/helpers/silent.js': `module.exports = () => { throw new Error(); };`,
    'models/helpers/money.js': `module.exports = class Money { constructor(x) { this.x = x.y; } };`,
    'models/helpers/names.js': `exports.initials = (name) => name.split(' ').map(([first]) => first);
      exports.format = (user) => user.name.toUpperCase();`,
    'models/helpers/base.js': `exports.Model = require('sequelize').Model;`,
    'models/index.js': `exports.Sequelize = require('sequelize');`,
  });
  expect(namesOf(loaded)).toEqual(['Post', 'User']);
  expect(loaded.leftOut).toEqual([
    expect.stringMatching(/fetch\.js exports no model: .*'name'/),
    expect.stringMatching(/phone\.js exports no model: phone\.replace is not a function/),
    expect.stringMatching(/silent\.js exports no model: Error without a message/),
  ]);
});

test('what only Babel allows in an import is said to be so', () => {
  const failures = new ModelFailures();
  for (const text of [
    "Cannot find module '/p/src/roles' imported from /p/src/models/user.js",
    "Directory import '/p/src/db' is not supported resolving ES modules imported from /p/a.js",
    "The requested module 'sequelize' does not provide an export named 'Op'",
    "Cannot find package 'bcrypt' imported from /p/src/models/user.js",
  ])
    void failures.attempt({ where: 'user.js', hint: 'Correct it.' }, () => {
      throw new Error(text);
    });
  const told = Promise.resolve().then(() => failures.throwIfAny());
  return expect(told).rejects.toMatchObject({
    hint: expect.stringMatching(/^Node takes .*require\('@babel\/register'\)\nCorrect it\.$/),
  });
});

test('every model that fails is named, by its file where an index loads it', async () => {
  const broken = {
    'models/a.js': `module.exports = (sequelize) => sequelize.define('A', { a: sequelize.nothing.x });`,
    'models/b.js': `module.exports = (sequelize) => { throw new Error(); };`,
    'models/c.js': `require('./not-there');`,
    'models/user.js': `module.exports = ${userFactory}`,
  };
  const index = `const { Sequelize, DataTypes } = require('sequelize');
    const sequelize = ${instance};
    for (const name of ['a', 'b', 'c', 'user']) require('./' + name)(sequelize, DataTypes);
    exports.sequelize = sequelize;`;
  for (const files of [broken, { ...broken, 'models/index.js': index }]) {
    await expect(modelsOf(files)).rejects.toMatchObject({
      code: 'MODELS_FAILED',
      message: 'The models could not be loaded, for 3 reasons.',
      details: [
        expect.stringMatching(/a\.js: .*reading 'x'/),
        expect.stringMatching(/b\.js: Error without a message/),
        expect.stringMatching(/c\.js: Cannot find module '\.\/not-there'/),
      ],
    });
  }
});

test('an index that fails by itself is named once', () =>
  expect(
    modelsOf({
      'models/index.js': `throw new Error('NO_VARIABLE is not set');`,
      'models/user.js': `require('.');`,
      'models/post.js': `require('.');`,
    }),
  ).rejects.toMatchObject({
    message: expect.stringMatching(/post\.js, \S+user\.js: NO_VARIABLE is not set$/),
    details: [],
  }));

test('classes that never become models are all named', () =>
  expect(
    modelsOf({
      'models/a.js': `exports.A = class A extends require('sequelize').Model {};`,
      'models/b.js': `exports.B = class B extends require('sequelize').Model {};`,
    }),
  ).rejects.toThrow('The classes A, B are exported among the models and never become models.'));

test('a ledger is no model, whatever it is called', async () => {
  const index = `const { Sequelize, DataTypes } = require('sequelize');
    const { SequelizeStorage } = require('umzug');
    const sequelize = ${instance};
    (${userFactory})(sequelize, DataTypes);
    for (const options of [{}, { modelName: 'SequelizeData' }, { tableName: 'steps', schema: 'own', modelName: 'Steps' },
        { tableName: 'keel_history', modelName: 'KeelHistory' }, { tableName: 'fills', modelName: 'Fills' }])
      new SequelizeStorage({ sequelize, ...options });
    exports.sequelize = sequelize;`;
  const loaded = await modelsOf(
    { 'models/index.js': index },
    {
      migrationStorageTableName: 'steps',
      migrationStorageTableSchema: 'own',
      seederStorage: 'sequelize',
      seederStorageTableName: 'fills',
    },
  );
  expect(namesOf(loaded)).toEqual(['User']);
  // A table of the app's own may have the name of a ledger in another schema.
  const other = await modelsOf(
    { 'models/index.js': index.replace("schema: 'own'", "schema: 'other'") },
    { migrationStorageTableName: 'steps', migrationStorageTableSchema: 'own' },
  );
  expect(namesOf(other)).toEqual(['Fills', 'Steps', 'User']);
});

test('models are those of the instances for the database, of whatever file they are', async () => {
  const head = `const { Sequelize, DataTypes } = require('sequelize');`;
  const other = `new Sequelize('postgres://localhost/other', { logging: false })`;
  const audit = `.define('Audit', { at: DataTypes.DATE })`;
  const files = {
    'models/connection.js': `${head} module.exports = ${instance};`,
    'models/user.js': `${head} const User = (${userFactory})(require('./connection'), DataTypes);
      exports.findUser = (id) => User.findByPk(id);`,
    'models/post.js': `${head} module.exports = ${instance}.define('Post', { title: DataTypes.STRING });`,
    'models/audit.js': `${head} module.exports = ${other}${audit};`,
    'models/tag.js': `module.exports = (s, T) => s.define('Tag', { name: T.STRING });`,
  };
  const loaded = await modelsOf(files);
  expect(namesOf(loaded)).toEqual(['Post', 'Tag', 'User']);
  const leftOut = 'the models Audit are for another database, other, and are left out';
  expect(loaded.leftOut).toEqual([leftOut]);

  const index = `${head} const [log, main] = [${other}, ${instance}];
    log${audit}; (${userFactory})(main, DataTypes);
    module.exports = { log, main };`;
  const indexed = await modelsOf({ 'models/index.js': index });
  expect(namesOf(indexed)).toEqual(['User']);
  expect(indexed.leftOut).toEqual([leftOut]);
});
