import { Sequelize } from 'sequelize';
import { defineModels } from '../models/define-models';
import { runExamples } from './scratch-database';
import type { ScratchDatabase } from './scratch-database';

/** One-to-one: a User has one Profile, and a Profile belongs to one User. */
export async function oneToOne(scratch: ScratchDatabase): Promise<void> {
  const { database, username, password, options } = scratch;
  const sequelize = new Sequelize(database, username, password, {
    ...options,
    dialect: 'postgres',
  });

  // User.hasOne(Profile) and Profile.belongsTo(User) are in models/user.ts and models/profile.ts.
  const { User, Profile } = defineModels(sequelize);
  await sequelize.sync({ force: true });

  const user = await User.create({ name: 'Alice' });
  const profile = await Profile.create({ bio: 'Writes about databases' });

  // Sets the profile's userId.
  await user.setProfile(profile);

  // Joins the profile to its user.
  const found = await User.findOne({
    rejectOnEmpty: true,
    attributes: ['id', 'name'],
    include: { model: Profile, attributes: ['id', 'bio', 'userId'] },
  });
  console.log('One-to-one: a user and their profile');
  console.log(`${found.name}: ${found.Profile?.bio}`);
  console.log(JSON.stringify(found, null, 2));

  await sequelize.close();
}

if (require.main === module) void runExamples(oneToOne);
