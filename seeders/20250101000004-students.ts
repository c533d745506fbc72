import type { QueryInterface } from 'sequelize';

const students = [
  { id: 1, name: 'Dana' },
  { id: 2, name: 'Emil' },
  { id: 3, name: 'Fatima' },
];

export async function up(queryInterface: QueryInterface): Promise<void> {
  const now = new Date();
  const rows = students.map((row) => ({ ...row, createdAt: now, updatedAt: now }));
  await queryInterface.bulkInsert('students', rows);
  // An id that is given does not move the sequence, which would then give it again.
  await queryInterface.sequelize.query(`SELECT setval('students_id_seq', max(id)) FROM students`);
}

export async function down(queryInterface: QueryInterface): Promise<void> {
  await queryInterface.bulkDelete('students', { id: students.map(({ id }) => id) });
}
