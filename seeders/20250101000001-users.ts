import type { QueryInterface } from 'sequelize';

const users = [
  { id: 1, name: 'Alice' },
  { id: 2, name: 'Bob' },
  { id: 3, name: 'Carol' },
];

export async function up(queryInterface: QueryInterface): Promise<void> {
  const now = new Date();
  const rows = users.map((row) => ({ ...row, createdAt: now, updatedAt: now }));
  await queryInterface.bulkInsert('users', rows);
  // An id that is given does not move the sequence, which would then give it again.
  await queryInterface.sequelize.query(`SELECT setval('users_id_seq', max(id)) FROM users`);
}

export async function down(queryInterface: QueryInterface): Promise<void> {
  await queryInterface.bulkDelete('users', { id: users.map(({ id }) => id) });
}
