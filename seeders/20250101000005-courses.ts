import type { QueryInterface } from 'sequelize';

const courses = [
  { id: 1, title: 'Mathematics' },
  { id: 2, title: 'Databases' },
  { id: 3, title: 'History' },
];

export async function up(queryInterface: QueryInterface): Promise<void> {
  const now = new Date();
  const rows = courses.map((row) => ({ ...row, createdAt: now, updatedAt: now }));
  await queryInterface.bulkInsert('courses', rows);
  // An id that is given does not move the sequence, which would then give it again.
  await queryInterface.sequelize.query(`SELECT setval('courses_id_seq', max(id)) FROM courses`);
}

export async function down(queryInterface: QueryInterface): Promise<void> {
  await queryInterface.bulkDelete('courses', { id: courses.map(({ id }) => id) });
}
