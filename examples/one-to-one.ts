import { Sequelize } from 'sequelize';
import config from '../config/config';
import { defineModels } from '../models';

/** One-to-one: a User has one Profile, and a Profile belongs to one User. */
async function oneToOne(): Promise<void> {
  // new Sequelize('demo_examples', 'postgres', '1971', { dialect: 'postgres', … })
  const sequelize = new Sequelize(config.examples);

  // models/user.ts: User.hasOne(models.Profile)
  // models/profile.ts: Profile.belongsTo(models.User)
  const { User, Profile } = defineModels(sequelize);

  // Drops the tables and makes them anew.
  await sequelize.sync({ force: true });

  const user = await User.create({ name: 'Alice' });
  const profile = await Profile.create({ bio: 'Writes about databases' });

  // Sets the profile's userId.
  await user.setProfile(profile);

  // Joins the profile to its user.
  const found = await User.findOne({
    attributes: ['id', 'name'],
    include: { model: Profile, attributes: ['id', 'bio', 'userId'] },
  });
  console.log('One-to-one: a user and their profile');
  console.log(`${found?.name}: ${found?.Profile?.bio}`);
  console.log(JSON.stringify(found, null, 2));

  await sequelize.close();
}

void oneToOne();
