import { Sequelize } from 'sequelize';
import { defineModels } from '../models/define-models';
import { runExamples } from './scratch-database';
import type { ScratchDatabase } from './scratch-database';

/** One-to-many: a User has many Posts, and a Post belongs to one User. */
export async function oneToMany(scratch: ScratchDatabase): Promise<void> {
  // new Sequelize('demo', 'postgres', '1971', { dialect: 'postgres' }), but for the database:
  // sync({ force: true }) drops every table, so it gets one that has nothing to lose.
  const { database, username, password, options } = scratch;
  const sequelize = new Sequelize(database, username, password, {
    ...options,
    dialect: 'postgres',
  });

  // User.hasMany(Post) and Post.belongsTo(User) are in models/user.ts and models/post.ts.
  const { User, Post } = defineModels(sequelize);
  await sequelize.sync({ force: true });

  const user = await User.create({ name: 'Alice' });
  const hello = await Post.create({ title: 'Hello', content: 'My first post.' });
  const associations = await Post.create({
    title: 'Associations',
    content: 'A user has many posts.',
  });

  // Sets the posts' userId.
  await user.addPost(hello);
  await user.addPost(associations);

  // Joins all posts to their user.
  const found = await User.findOne({
    attributes: ['id', 'name'],
    include: { model: Post, attributes: ['id', 'title', 'content', 'userId'] },
    order: [[Post, 'id', 'ASC']],
  });
  console.log('One-to-many: a user and all their posts');
  console.log(JSON.stringify(found, null, 2));

  await sequelize.close();
}

if (require.main === module) void runExamples(oneToMany);
