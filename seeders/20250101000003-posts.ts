import type { QueryInterface } from 'sequelize';

// One to many: Alice (1) has two posts, Bob (2) one, Carol (3) none yet.
const posts = [
  { id: 1, userId: 1, title: 'Hello', content: 'My first post.' },
  { id: 2, userId: 1, title: 'Associations', content: 'A user has many posts.' },
  { id: 3, userId: 2, title: 'Reading list', content: 'What I am reading this month.' },
];

export async function up(queryInterface: QueryInterface): Promise<void> {
  const now = new Date();
  const rows = posts.map((row) => ({ ...row, createdAt: now, updatedAt: now }));
  await queryInterface.bulkInsert('posts', rows);
  // An id that is given does not move the sequence, which would then give it again.
  await queryInterface.sequelize.query(`SELECT setval('posts_id_seq', max(id)) FROM posts`);
}

export async function down(queryInterface: QueryInterface): Promise<void> {
  await queryInterface.bulkDelete('posts', { id: posts.map(({ id }) => id) });
}
