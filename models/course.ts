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
import type { Student } from './student';
import type { Associable } from './types';

export interface Course extends Model<InferAttributes<Course>, InferCreationAttributes<Course>> {
  id: CreationOptional<number>;
  title: string | null;
  createdAt: CreationOptional<Date>;
  updatedAt: CreationOptional<Date>;

  Students?: NonAttribute<Student[]>;
  getStudents: BelongsToManyGetAssociationsMixin<Student>;
  countStudents: BelongsToManyCountAssociationsMixin;
  hasStudent: BelongsToManyHasAssociationMixin<Student, number>;
  hasStudents: BelongsToManyHasAssociationsMixin<Student, number>;
  setStudents: BelongsToManySetAssociationsMixin<Student, number>;
  addStudent: BelongsToManyAddAssociationMixin<Student, number>;
  addStudents: BelongsToManyAddAssociationsMixin<Student, number>;
  removeStudent: BelongsToManyRemoveAssociationMixin<Student, number>;
  removeStudents: BelongsToManyRemoveAssociationsMixin<Student, number>;
  createStudent: BelongsToManyCreateAssociationMixin<Student>;
}

/** A course has many students, through the same junction table. */
export function defineCourse(sequelize: Sequelize): Associable<Course> {
  const Course: Associable<Course> = sequelize.define<Course, Partial<Attributes<Course>>>(
    'Course',
    { title: DataTypes.STRING },
    { tableName: 'courses' },
  );

  Course.associate = (models) => {
    Course.belongsToMany(models.Student, {
      through: 'StudentCourses',
      foreignKey: 'courseId',
      otherKey: 'studentId',
    });
  };

  return Course;
}
