import type { QueryInterface } from 'sequelize';
import { deleteSeeds, insertSeeds } from './helpers/seed-rows';

const courses = [
  { id: 1, title: 'Mathematics' },
  { id: 2, title: 'Databases' },
  { id: 3, title: 'History' },
];

export async function up(queryInterface: QueryInterface): Promise<void> {
  await insertSeeds(queryInterface, 'courses', courses);
}

export async function down(queryInterface: QueryInterface): Promise<void> {
  await deleteSeeds(queryInterface, 'courses', courses);
}
