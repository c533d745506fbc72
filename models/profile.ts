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

export interface Profile extends Model<InferAttributes<Profile>, InferCreationAttributes<Profile>> {
  id: CreationOptional<number>;
  bio: string | null;
  userId: ForeignKey<User['id'] | null>;
  createdAt: CreationOptional<Date>;
  updatedAt: CreationOptional<Date>;

  User?: NonAttribute<User | null>;
  getUser: BelongsToGetAssociationMixin<User | null>;
  setUser: BelongsToSetAssociationMixin<User | null, number>;
  createUser: BelongsToCreateAssociationMixin<User>;
}

/** A profile belongs to one user. */
export function defineProfile(sequelize: Sequelize): Associable<Profile> {
  const Profile: Associable<Profile> = sequelize.define<Profile, Partial<Attributes<Profile>>>(
    'Profile',
    {
      bio: DataTypes.STRING,
      // The unique column keeps a second profile of a user out of the database. It is nullable, since a
      // profile may be created first and then attached by `user.setProfile(profile)`.
      userId: { type: DataTypes.INTEGER, allowNull: true, unique: true },
    },
    { tableName: 'profiles' },
  );

  Profile.associate = (models) => {
    Profile.belongsTo(models.User, { foreignKey: 'userId' });
  };

  return Profile;
}
