import type { QueryInterface } from 'sequelize';
import { deleteSeeds, insertSeeds } from './helpers/seed-rows';

// One to many: Alice (1) has two posts, Bob (2) one, Carol (3) none yet.
const posts = [
  { id: 1, userId: 1, title: 'Hello', content: 'My first post.' },
  { id: 2, userId: 1, title: 'Associations', content: 'A user has many posts.' },
  { id: 3, userId: 2, title: 'Reading list', content: 'What I am reading this month.' },
];

export async function up(queryInterface: QueryInterface): Promise<void> {
  await insertSeeds(queryInterface, 'posts', posts);
}

export async function down(queryInterface: QueryInterface): Promise<void> {
  await deleteSeeds(queryInterface, 'posts', posts);
}
