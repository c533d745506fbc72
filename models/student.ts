import { DataTypes } from 'sequelize';
import type {
  Attributes,
  BelongsToManyAddAssociationMixin,
  BelongsToManyAddAssociationsMixin,
  BelongsToManyCountAssociationsMixin,
  BelongsToManyCreateAssociationMixin,
  BelongsToManyGetAssociationsMixin,
  BelongsToManyHasAssociationMixin,
  BelongsToManyHasAssociationsMixin,
  BelongsToManyRemoveAssociationMixin,
  BelongsToManyRemoveAssociationsMixin,
  BelongsToManySetAssociationsMixin,
  CreationOptional,
  InferAttributes,
  InferCreationAttributes,
  Model,
  NonAttribute,
  Sequelize,
} from 'sequelize';
import type { Course } from './course';
import type { Associable } from './types';

export interface Student extends Model<InferAttributes<Student>, InferCreationAttributes<Student>> {
  id: CreationOptional<number>;
  name: string | null;
  createdAt: CreationOptional<Date>;
  updatedAt: CreationOptional<Date>;

  Courses?: NonAttribute<Course[]>;
  getCourses: BelongsToManyGetAssociationsMixin<Course>;
  countCourses: BelongsToManyCountAssociationsMixin;
  hasCourse: BelongsToManyHasAssociationMixin<Course, number>;
  hasCourses: BelongsToManyHasAssociationsMixin<Course, number>;
  setCourses: BelongsToManySetAssociationsMixin<Course, number>;
  addCourse: BelongsToManyAddAssociationMixin<Course, number>;
  addCourses: BelongsToManyAddAssociationsMixin<Course, number>;
  removeCourse: BelongsToManyRemoveAssociationMixin<Course, number>;
  removeCourses: BelongsToManyRemoveAssociationsMixin<Course, number>;
  createCourse: BelongsToManyCreateAssociationMixin<Course>;
}

/** A student joins many courses; `StudentCourses` is the junction table. */
export function defineStudent(sequelize: Sequelize): Associable<Student> {
  const Student: Associable<Student> = sequelize.define<Student, Partial<Attributes<Student>>>(
    'Student',
    { name: DataTypes.STRING },
    { tableName: 'students' },
  );

  Student.associate = (models) => {
    Student.belongsToMany(models.Course, {
      through: 'StudentCourses',
      foreignKey: 'studentId',
      otherKey: 'courseId',
    });
  };

  return Student;
}
