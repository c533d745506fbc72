import type { QueryInterface } from 'sequelize';
import { deleteSeeds, insertSeeds } from './helpers/seed-rows';

const students = [
  { id: 1, name: 'Dana' },
  { id: 2, name: 'Emil' },
  { id: 3, name: 'Fatima' },
];

export async function up(queryInterface: QueryInterface): Promise<void> {
  await insertSeeds(queryInterface, 'students', students);
}

export async function down(queryInterface: QueryInterface): Promise<void> {
  await deleteSeeds(queryInterface, 'students', students);
}
