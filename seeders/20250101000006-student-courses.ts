import { Op } from 'sequelize';
import type { QueryInterface } from 'sequelize';

// Many to many: Dana (1) joins two courses, and Databases (2) has all three students.
const studentCourses = [
  { studentId: 1, courseId: 1 },
  { studentId: 1, courseId: 2 },
  { studentId: 2, courseId: 2 },
  { studentId: 3, courseId: 2 },
  { studentId: 3, courseId: 3 },
];

export async function up(queryInterface: QueryInterface): Promise<void> {
  const now = new Date();
  const rows = studentCourses.map((row) => ({ ...row, createdAt: now, updatedAt: now }));
  await queryInterface.bulkInsert('StudentCourses', rows);
}

export async function down(queryInterface: QueryInterface): Promise<void> {
  await queryInterface.bulkDelete('StudentCourses', { [Op.or]: studentCourses });
}
