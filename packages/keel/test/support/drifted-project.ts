import type { ProjectFiles } from './projects';
import { migration } from './project';

/**
 * A project as sequelize-cli makes it, five years on: its models and its migrations have drifted apart.
 */
export function driftedProject(): ProjectFiles {
  return {
    'models/index.js': modelsIndex,
    'models/user.js': model(
      'User',
      `{
        firstName: { type: DataTypes.STRING, allowNull: false },
        email: { type: DataTypes.STRING, unique: true },
        role: { type: DataTypes.ENUM('admin', 'member', 'guest'), defaultValue: 'member' },
        token: { type: DataTypes.UUID, defaultValue: DataTypes.UUIDV4 },
      }`,
      `User.hasMany(models.Article, { foreignKey: 'authorId' });
       User.belongsToMany(models.Group, { through: 'Memberships', foreignKey: 'userId' });`,
    ),
    'models/blog/article.js': model(
      'Article',
      `{ title: DataTypes.TEXT, slug: DataTypes.STRING(80), views: { type: DataTypes.INTEGER, defaultValue: 0 } }`,
      `Article.belongsTo(models.User, { as: 'author', foreignKey: 'authorId' });`,
      `indexes: [{ fields: ['slug'], unique: true }]`,
    ),
    'models/group.js': model(
      'Group',
      `{ name: DataTypes.STRING }`,
      `Group.belongsToMany(models.User, { through: 'Memberships', foreignKey: 'groupId' });`,
    ),
    'migrations/20200101000001-users.js': migration(
      `await q.createTable('Users', {
         id: { type: S.INTEGER, allowNull: false, primaryKey: true, autoIncrement: true },
         first_name: { type: S.STRING, allowNull: false },
         email: S.STRING,
         role: { type: S.ENUM('admin', 'member'), defaultValue: 'member' },
         token: { type: S.UUID, defaultValue: S.literal('gen_random_uuid()') },
         createdAt: { type: S.DATE, allowNull: false, defaultValue: S.fn('now') },
         updatedAt: { type: S.DATE, allowNull: false, defaultValue: S.fn('now') },
       });
       await q.addIndex('Users', ['email'], { unique: true });
       await q.addIndex('Users', ['first_name']);`,
      `await q.dropTable('Users'); await q.sequelize.query('DROP TYPE "enum_Users_role"');`,
    ),
    'migrations/20200101000002-articles.js': migration(
      `await q.createTable('Articles', {
         id: { type: S.INTEGER, allowNull: false, primaryKey: true, autoIncrement: true },
         title: S.STRING,
         slug: S.STRING(200),
         views: S.INTEGER,
         legacy: S.STRING,
         authorId: { type: S.INTEGER, references: { model: 'Users', key: 'id' } },
         createdAt: { type: S.DATE, allowNull: false },
         updatedAt: { type: S.DATE, allowNull: false },
       });
       await q.createTable('Sessions', { sid: { type: S.STRING, primaryKey: true } });
       await q.sequelize.query('CREATE VIEW popular AS SELECT id, title FROM "Articles" WHERE views > 100');
       await q.sequelize.query('DROP VIEW popular');`,
      `await q.dropTable('Sessions'); await q.dropTable('Articles');`,
    ),
  };
}

/** A model file of sequelize-cli's form. */
export function model(name: string, attributes: string, associate = '', options = ''): string {
  return `'use strict';
module.exports = (sequelize, DataTypes) => {
  const ${name} = sequelize.define('${name}', ${attributes}, { ${options} });
  ${name}.associate = (models) => { ${associate} };
  return ${name};
};
`;
}

/** The index that sequelize-cli writes, with sub-folders. */
const modelsIndex = `'use strict';
const fs = require('fs');
const path = require('path');
const Sequelize = require('sequelize');
const sequelize = new Sequelize(process.env.DATABASE_URL || 'postgres://localhost/none', { logging: false });
const db = {};
const load = (folder) => {
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) load(file);
    else if (file !== __filename) {
      const model = require(file)(sequelize, Sequelize.DataTypes);
      db[model.name] = model;
    }
  }
};
load(__dirname);
for (const model of Object.values(db)) if (model.associate) model.associate(db);
module.exports = { ...db, sequelize, Sequelize };
`;
