import type { QueryInterface } from 'sequelize';

// One to one: no two profiles have the same userId.
const profiles = [
  { id: 1, userId: 1, bio: 'Writes about databases' },
  { id: 2, userId: 2, bio: 'Reads more than he writes' },
  { id: 3, userId: 3, bio: 'New here' },
];

export async function up(queryInterface: QueryInterface): Promise<void> {
  const now = new Date();
  const rows = profiles.map((row) => ({ ...row, createdAt: now, updatedAt: now }));
  await queryInterface.bulkInsert('profiles', rows);
  // An id that is given does not move the sequence, which would then give it again.
  await queryInterface.sequelize.query(`SELECT setval('profiles_id_seq', max(id)) FROM profiles`);
}

export async function down(queryInterface: QueryInterface): Promise<void> {
  await queryInterface.bulkDelete('profiles', { id: profiles.map(({ id }) => id) });
}
