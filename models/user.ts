import { DataTypes } from 'sequelize';
import type {
  Attributes,
  CreationOptional,
  HasManyAddAssociationMixin,
  HasManyAddAssociationsMixin,
  HasManyCountAssociationsMixin,
  HasManyCreateAssociationMixin,
  HasManyGetAssociationsMixin,
  HasManyHasAssociationMixin,
  HasManyHasAssociationsMixin,
  HasManyRemoveAssociationMixin,
  HasManyRemoveAssociationsMixin,
  HasManySetAssociationsMixin,
  HasOneCreateAssociationMixin,
  HasOneGetAssociationMixin,
  HasOneSetAssociationMixin,
  InferAttributes,
  InferCreationAttributes,
  Model,
  NonAttribute,
  Sequelize,
} from 'sequelize';
import type { Post } from './post';
import type { Profile } from './profile';
import type { Associable } from './types';

export interface User extends Model<InferAttributes<User>, InferCreationAttributes<User>> {
  id: CreationOptional<number>;
  name: string | null;
  createdAt: CreationOptional<Date>;
  updatedAt: CreationOptional<Date>;

  Profile?: NonAttribute<Profile | null>;
  getProfile: HasOneGetAssociationMixin<Profile | null>;
  setProfile: HasOneSetAssociationMixin<Profile | null, number>;
  createProfile: HasOneCreateAssociationMixin<Profile>;

  Posts?: NonAttribute<Post[]>;
  getPosts: HasManyGetAssociationsMixin<Post>;
  countPosts: HasManyCountAssociationsMixin;
  hasPost: HasManyHasAssociationMixin<Post, number>;
  hasPosts: HasManyHasAssociationsMixin<Post, number>;
  setPosts: HasManySetAssociationsMixin<Post, number>;
  addPost: HasManyAddAssociationMixin<Post, number>;
  addPosts: HasManyAddAssociationsMixin<Post, number>;
  removePost: HasManyRemoveAssociationMixin<Post, number>;
  removePosts: HasManyRemoveAssociationsMixin<Post, number>;
  createPost: HasManyCreateAssociationMixin<Post, 'userId'>;
}

/** A user has one profile and many posts. */
export function defineUser(sequelize: Sequelize): Associable<User> {
  const User: Associable<User> = sequelize.define<User, Partial<Attributes<User>>>(
    'User',
    { name: DataTypes.STRING },
    { tableName: 'users' },
  );

  User.associate = (models) => {
    User.hasOne(models.Profile, { foreignKey: 'userId' });
    User.hasMany(models.Post, { foreignKey: 'userId' });
  };

  return User;
}
