import { Sequelize } from 'sequelize';
import config from '../config/config';
import { defineModels } from '../models';

/** One-to-many: a User has many Posts, and a Post belongs to one User. */
async function oneToMany(): Promise<void> {
  // new Sequelize('demo_examples', 'postgres', '1971', { dialect: 'postgres', … })
  const sequelize = new Sequelize(config.examples);

  // models/user.ts: User.hasMany(models.Post)
  // models/post.ts: Post.belongsTo(models.User)
  const { User, Post } = defineModels(sequelize);

  // Drops the tables and makes them anew.
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

void oneToMany();
