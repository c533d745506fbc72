import { DataTypes } from 'sequelize';
import type {
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
import type { AssociableModel, DeclaredAttributes } from './types';
import type { User } from './user';

export interface Profile extends Model<InferAttributes<Profile>, InferCreationAttributes<Profile>> {
  id: CreationOptional<number>;
  bio: string | null;
  userId: ForeignKey<User['id'] | null>;
  createdAt: CreationOptional<Date>;
  updatedAt: CreationOptional<Date>;

  /** Loaded by `include: User`. */
  User?: NonAttribute<User | null>;
  getUser: BelongsToGetAssociationMixin<User | null>;
  setUser: BelongsToSetAssociationMixin<User | null, number>;
  createUser: BelongsToCreateAssociationMixin<User>;
}

/** A profile belongs to one user. */
export function defineProfile(sequelize: Sequelize): AssociableModel<Profile> {
  const Profile: AssociableModel<Profile> = sequelize.define<Profile, DeclaredAttributes<Profile>>(
    'Profile',
    {
      bio: DataTypes.STRING,
      // hasOne alone does not keep a second profile out of the database: the unique column does.
      // It is nullable because a profile may be created first and attached by `user.setProfile`.
      userId: { type: DataTypes.INTEGER, allowNull: true, unique: true },
    },
    { tableName: 'profiles' },
  );

  Profile.associate = (models) => {
    Profile.belongsTo(models.User, { foreignKey: 'userId' });
  };

  return Profile;
}
