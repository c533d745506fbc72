import { Sequelize } from 'sequelize';
import { defineModels } from '../models/define-models';
import { runExamples } from './scratch-database';
import type { ScratchDatabase } from './scratch-database';

/** Many-to-many: a Student joins many Courses, and a Course has many Students. */
export async function manyToMany(scratch: ScratchDatabase): Promise<void> {
  const { database, username, password, options } = scratch;
  const sequelize = new Sequelize(database, username, password, {
    ...options,
    dialect: 'postgres',
  });

  // Student.belongsToMany(Course, { through: 'StudentCourses' }) and its other side are in
  // models/student.ts and models/course.ts; sync makes the junction table by itself.
  const { Student, Course } = defineModels(sequelize);
  await sequelize.sync({ force: true });

  const dana = await Student.create({ name: 'Dana' });
  const emil = await Student.create({ name: 'Emil' });
  const databases = await Course.create({ title: 'Databases' });
  const history = await Course.create({ title: 'History' });

  // Each adds a row to StudentCourses.
  await dana.addCourse(databases);
  await dana.addCourse(history);
  await emil.addCourse(databases);

  // Joins the courses through StudentCourses, whose own columns are left out.
  const students = await Student.findAll({
    attributes: ['id', 'name'],
    include: { model: Course, attributes: ['id', 'title'], through: { attributes: [] } },
    order: ['id', [Course, 'id', 'ASC']],
  });
  console.log('Many-to-many: students and their courses');
  console.log(JSON.stringify(students, null, 2));

  // The same rows of the junction, seen from the other side.
  const classmates = await databases.getStudents({ order: ['id'] });
  console.log(`In ${databases.title}: ${classmates.map(({ name }) => name).join(', ')}`);

  await sequelize.close();
}

if (require.main === module) void runExamples(manyToMany);
