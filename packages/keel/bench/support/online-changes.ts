/** A change of the full table `users`, done at once and in keel's steps. */
export interface OnlineChange {
  readonly name: string;
  /** What the model of users has more than the table; `undefined` for what it has not. */
  readonly attributes?: string;
  /** What is changed beside the old columns, as `--expand` takes it. */
  readonly expand?: readonly string[];
  readonly options?: string;
  /** The body of one plain migration, as people write it. */
  readonly naive: string;
  /** keel's own migration, where models cannot describe it. */
  readonly steps?: string;
  /** The values that are written into the files with a place for them. */
  readonly value?: string;
}

const VALUE = `S.literal("'+49 ' || id")`;

/** The kinds of changes that are measured. */
export const CHANGES: readonly OnlineChange[] = [
  {
    name: 'required column',
    attributes: `phone: { type: T.STRING(20), allowNull: false },`,
    value: VALUE,
    naive: `await q.addColumn('users', 'phone', { type: S.STRING(20) });
      await q.bulkUpdate('users', { phone: ${VALUE} }, {});
      await q.changeColumn('users', 'phone', { type: S.STRING(20), allowNull: false });`,
  },
  {
    name: 'required foreign key',
    attributes: `teamId: { type: T.INTEGER, allowNull: false, references: { model: 'teams', key: 'id' } },`,
    value: `S.literal('1 + id % 100')`,
    naive: `await q.addColumn('users', 'teamId', { type: S.INTEGER, references: { model: 'teams', key: 'id' } });
      await q.bulkUpdate('users', { teamId: S.literal('1 + id % 100') }, {});
      await q.sequelize.query('ALTER TABLE users ALTER COLUMN "teamId" SET NOT NULL');`,
  },
  {
    name: 'unique index',
    options: `indexes: [{ fields: ['email'], unique: true }],`,
    naive: `await q.addIndex('users', ['email'], { unique: true });`,
  },
  {
    name: 'NOT NULL and foreign key of columns that are there',
    attributes: `email: { type: T.TEXT, allowNull: false },
      plan: { type: T.INTEGER, references: { model: 'teams', key: 'id' } },`,
    naive: `await q.changeColumn('users', 'email', { type: S.TEXT, allowNull: false });
      await q.addConstraint('users', { type: 'foreign key', fields: ['plan'], name: 'users_plan_fkey',
        references: { table: 'teams', field: 'id' }, onUpdate: 'CASCADE', onDelete: 'SET NULL' });`,
  },
  {
    name: 'rename',
    attributes: `plan: undefined, tier: T.INTEGER,`,
    expand: ['users.plan:users.tier'],
    naive: `await q.renameColumn('users', 'plan', 'tier');`,
  },
  {
    name: 'primary key from INTEGER to BIGINT',
    attributes: `id: { type: T.BIGINT, primaryKey: true, autoIncrement: true },`,
    expand: ['users.id'],
    naive: `await q.sequelize.query('ALTER TABLE users ALTER COLUMN id TYPE bigint');`,
  },
  {
    name: 'new values in every row',
    naive: `await q.bulkUpdate('users', { name: S.fn('upper', S.col('name')) }, {});`,
    steps: `await backfill(q, { table: 'users', set: { name: S.fn('upper', S.col('name')) } });`,
  },
];
