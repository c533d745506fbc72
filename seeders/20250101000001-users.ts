import type { QueryInterface } from 'sequelize';
import { deleteSeeds, insertSeeds } from './helpers/seed-rows';

const users = [
  { id: 1, name: 'Alice' },
  { id: 2, name: 'Bob' },
  { id: 3, name: 'Carol' },
];

export async function up(queryInterface: QueryInterface): Promise<void> {
  await insertSeeds(queryInterface, 'users', users);
}

export async function down(queryInterface: QueryInterface): Promise<void> {
  await deleteSeeds(queryInterface, 'users', users);
}
