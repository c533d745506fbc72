import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { PageDocument } from '../../src/page/document/page-document';
import type { DatabaseProject } from './project';
import { migration } from './project';
import type { ProjectFiles } from './projects';

/** The page that a project's command writes, and the data in it. */
export async function writePage(
  project: Pick<DatabaseProject, 'keel' | 'root'>,
  ...flags: string[]
): Promise<{ html: string; file: string; document: PageDocument; stderr: string }> {
  const { code, stdout, stderr } = await project.keel(['schema:page', '--json', ...flags]);
  if (code !== 0) throw new Error(stderr + stdout);
  const file = path.join(project.root, '.keel', 'schema.html');
  const html = readFileSync(file, 'utf8');
  return { html, file, document: dataOf(html), stderr };
}

/** What a page carries for its script. */
export function dataOf(html: string): PageDocument {
  const [, json] = /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(html) ?? [];
  return JSON.parse(json ?? '') as PageDocument;
}

/** Every kind of association, also those that are not what they seem. */
export function everyAssociation(): ProjectFiles {
  return {
    'models/index.js': `
      const { Sequelize, DataTypes } = require('sequelize');
      const sequelize = new Sequelize('postgres://nobody@localhost:1/none', { logging: false });
      const define = (name, table, fields) =>
        sequelize.define(name, fields, { tableName: table, timestamps: false });
      const User = define('User', 'users', { name: DataTypes.STRING });
      const Profile = define('Profile', 'profiles', { userId: { type: DataTypes.INTEGER, unique: true } });
      const Badge = define('Badge', 'badges', {});
      const Post = define('Post', 'posts', { title: DataTypes.STRING });
      const Tag = define('Tag', 'tags', {});
      const Note = define('Note', 'notes', { aboutId: DataTypes.INTEGER });
      const Loose = define('Loose', 'loose', {});
      User.hasOne(Profile, { foreignKey: 'userId' });
      Profile.belongsTo(User, { foreignKey: 'userId' });
      User.hasOne(Badge, { foreignKey: 'ownerId' });
      User.hasMany(Post, { as: 'articles', foreignKey: 'authorId' });
      Post.belongsTo(User, { as: 'author', foreignKey: 'authorId' });
      User.belongsTo(User, { as: 'boss', foreignKey: 'bossId' });
      Post.belongsToMany(Tag, { through: 'PostTags', timestamps: false });
      Tag.belongsToMany(Post, { through: 'PostTags', timestamps: false });
      Post.hasMany(Note, { foreignKey: 'aboutId', constraints: false });
      module.exports = { sequelize };`,
    'migrations/1-people.js': migration(
      `const id = { type: S.INTEGER, primaryKey: true, autoIncrement: true, allowNull: false };
       const to = (model) => ({ type: S.INTEGER, references: { model, key: 'id' }, onDelete: 'SET NULL', onUpdate: 'CASCADE' });
       await q.createTable('users', { id, name: S.STRING, bossId: to('users') });
       await q.createTable('profiles', { id, userId: { ...to('users'), unique: true } });
       await q.createTable('badges', { id, ownerId: to('users') });`,
    ),
    'migrations/2-posts.js': migration(
      `const id = { type: S.INTEGER, primaryKey: true, autoIncrement: true, allowNull: false };
       const to = (model, rest) => ({ type: S.INTEGER, references: { model, key: 'id' }, onDelete: 'SET NULL', onUpdate: 'CASCADE', ...rest });
       const key = { primaryKey: true, onDelete: 'CASCADE' };
       await q.createTable('posts', { id, title: S.TEXT, old: S.STRING, authorId: to('users') });
       await q.createTable('tags', { id });
       await q.createTable('PostTags', { PostId: to('posts', key), TagId: to('tags', key) });
       await q.createTable('notes', { id, aboutId: S.INTEGER });
       await q.createTable('loose', { id, tagId: to('tags') });`,
    ),
    'migrations/3-change.js': migration(
      `await q.removeColumn('posts', 'old');
       await q.changeColumn('posts', 'title', { type: S.STRING });
       await q.addIndex('posts', ['title']);`,
    ),
  };
}
