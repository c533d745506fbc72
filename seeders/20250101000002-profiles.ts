import type { QueryInterface } from 'sequelize';
import { deleteSeeds, insertSeeds } from './helpers/seed-rows';

// One to one: no two profiles have the same userId.
const profiles = [
  { id: 1, userId: 1, bio: 'Writes about databases' },
  { id: 2, userId: 2, bio: 'Reads more than he writes' },
  { id: 3, userId: 3, bio: 'New here' },
];

export async function up(queryInterface: QueryInterface): Promise<void> {
  await insertSeeds(queryInterface, 'profiles', profiles);
}

export async function down(queryInterface: QueryInterface): Promise<void> {
  await deleteSeeds(queryInterface, 'profiles', profiles);
}
