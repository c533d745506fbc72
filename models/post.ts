import { DataTypes } from 'sequelize';
import type {
  Attributes,
  BelongsToCreateAssociationMixin,
  BelongsToGetAssociationMixin,
  BelongsToSetAssociationMixin,
  CreationOptional,
  ForeignKey,
  InferAttributes,
  InferCreationAttributes,
  Model,
  NonAttribute,
  Sequelize,
} from 'sequelize';
import type { Associable } from './types';
import type { User } from './user';

export interface Post extends Model<InferAttributes<Post>, InferCreationAttributes<Post>> {
  id: CreationOptional<number>;
  title: string | null;
  content: string | null;
  userId: ForeignKey<User['id'] | null>;
  createdAt: CreationOptional<Date>;
  updatedAt: CreationOptional<Date>;

  User?: NonAttribute<User | null>;
  getUser: BelongsToGetAssociationMixin<User | null>;
  setUser: BelongsToSetAssociationMixin<User | null, number>;
  createUser: BelongsToCreateAssociationMixin<User>;
}

/** A post belongs to one user. */
export function definePost(sequelize: Sequelize): Associable<Post> {
  const Post: Associable<Post> = sequelize.define<Post, Partial<Attributes<Post>>>(
    'Post',
    {
      title: DataTypes.STRING,
      content: DataTypes.TEXT,
      // Nullable, since a post may be created first and then attached by `user.addPost(post)`.
      userId: { type: DataTypes.INTEGER, allowNull: true },
    },
    // PostgreSQL makes no index for a foreign key, and a user's posts are found by it.
    { tableName: 'posts', indexes: [{ fields: ['userId'] }] },
  );

  Post.associate = (models) => {
    Post.belongsTo(models.User, { foreignKey: 'userId' });
  };

  return Post;
}
