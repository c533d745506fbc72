import type { QueryInterface } from 'sequelize';
import { deleteSeeds, insertSeeds } from './helpers/seed-rows';

// Many to many: Dana (1) joins two courses, and Databases (2) has all three students.
const studentCourses = [
  { studentId: 1, courseId: 1 },
  { studentId: 1, courseId: 2 },
  { studentId: 2, courseId: 2 },
  { studentId: 3, courseId: 2 },
  { studentId: 3, courseId: 3 },
];

export async function up(queryInterface: QueryInterface): Promise<void> {
  await insertSeeds(queryInterface, 'StudentCourses', studentCourses);
}

export async function down(queryInterface: QueryInterface): Promise<void> {
  await deleteSeeds(queryInterface, 'StudentCourses', studentCourses);
}
