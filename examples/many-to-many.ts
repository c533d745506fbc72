import { Sequelize } from 'sequelize';
import config from '../config/config';
import { defineModels } from '../models';

/** Many-to-many: a Student joins many Courses, and a Course has many Students. */
async function manyToMany(): Promise<void> {
  // new Sequelize('demo_examples', 'postgres', '1971', { dialect: 'postgres', … })
  const sequelize = new Sequelize(config.examples);

  // models/student.ts: Student.belongsToMany(models.Course, { through: 'StudentCourses' })
  // models/course.ts: Course.belongsToMany(models.Student, { through: 'StudentCourses' })
  const { Student, Course } = defineModels(sequelize);

  // Drops the tables and makes them anew, the junction table StudentCourses too.
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

  // The same rows of StudentCourses, seen from the other side.
  const classmates = await databases.getStudents({ order: ['id'] });
  console.log(`In ${databases.title}: ${classmates.map(({ name }) => name).join(', ')}`);

  await sequelize.close();
}

void manyToMany();
