import { DataTypes, type Sequelize } from 'sequelize';
import { generate, type PlanFile } from '../../../src/bulk/plan/define-plan';
import { connectTo, withModels, type BulkBench } from '../../support/bulk';

function define(sequelize: Sequelize): void {
  const User = sequelize.define('User', {
    name: DataTypes.STRING,
    code: { type: DataTypes.CHAR(2), unique: true },
  });
  const Profile = sequelize.define('Profile', { bio: DataTypes.STRING });
  const Tag = sequelize.define('Tag', {
    kind: { type: DataTypes.ENUM('a', 'b'), allowNull: false, unique: true },
  });
  User.hasOne(Profile, { foreignKey: { name: 'userId', allowNull: false } });
  Profile.belongsTo(User, { foreignKey: { name: 'userId', allowNull: false } });
  User.belongsToMany(Tag, { through: 'UserTags' });
  Tag.belongsToMany(User, { through: 'UserTags' });
  // Nothing else is associated with it.
  sequelize.define('Sensor', {
    data: DataTypes.JSON,
    level: {
      type: DataTypes.INTEGER,
      validate: {
        isPrime: (value: number) => {
          if (value !== 7) throw new Error('not 7');
        },
      },
    },
  });
}

const withTables = (use: (bench: BulkBench) => Promise<void>): Promise<void> =>
  withModels(define, use);

async function reasons(work: Promise<unknown>): Promise<string[]> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) =>
      thrown as { code: string; message: string; details: string[]; state: string },
  );
  expect(error?.state).toBe('Nothing was written.');
  return [error!.message, ...error!.details];
}

const seven = generate.constant(7);

test('what cannot be is refused before anything is written, with what would be possible', () =>
  withTables(async ({ run, value }) => {
    const refused = async (rows: Record<string, number>, file?: PlanFile): Promise<string> =>
      (await reasons(run(rows, { file }))).join('\n');
    expect(await refused({})).toContain(
      'Say how many rows to make: --rows Model=N for one of User, Profile, Tag',
    );
    expect(await refused({ Usr: 1 })).toContain(
      'Usr is not a model; there are: User, Profile, Tag',
    );
    expect(await refused({ User: 2000 })).toContain(
      'User.code is unique and its generator has 1,296 different values: at most 1,296 rows, not 2,000.',
    );
    expect(await refused({ User: 5, Profile: 6 })).toContain(
      'Profile.userId: 5 User rows have room for 5 Profile rows, not 6.',
    );
    expect(await refused({ User: 5, Tag: 3 })).toContain(
      'Tag.kind is unique and its generator has 2 different values',
    );
    expect(await refused({ User: 3, Tag: 2, UserTags: 7 })).toContain(
      'have room for 6 UserTags rows, not 7',
    );
    expect(await refused({ User: 0, Profile: 1 })).toContain(
      'Profile.userId is NOT NULL and there is no User',
    );
    const plan = (models: PlanFile['models'], junctions?: PlanFile['junctions']): PlanFile => ({
      models,
      ...(junctions ? { junctions } : {}),
    });
    expect(
      await refused({}, plan({ User: { rows: 3, columns: { nam: generate.uuid() } } })),
    ).toContain('User.columns.nam: public.Users has no such column; there are: id, name, code');
    expect(
      await refused(
        {},
        plan({ Profile: { rows: 3, columns: { userId: generate.integer(1, 2) } } }),
      ),
    ).toContain('Profile.columns.userId is a foreign key: describe it under "references"');
    expect(
      await refused({}, plan({ Profile: { rows: 3, references: { bio: { min: 1 } } } })),
    ).toContain(
      'Profile.references.bio is not a foreign key of public.Profiles; there is: userId.',
    );
    expect(
      await refused({}, plan({ Profile: { rows: 3, references: { userId: { nullRate: 0.5 } } } })),
    ).toContain('Profile.userId is NOT NULL: nullRate must be 0.');
    expect(
      await refused(
        {},
        plan(
          { User: { rows: 3 }, Tag: { rows: 2 } },
          { UserTags: { references: { UserId: { min: 4, max: 9 } } } },
        ),
      ),
    ).toContain('min is 4, but one User can have at most 2 different UserTags rows');
    expect(
      await refused({}, plan({ User: { rows: 3, columns: { name: generate.integer(9, 1) } } })),
    ).toContain('User.name: no value is at least 9 and at most 1.');
    expect(await refused({}, plan({ User: { rows: 1, fixed: [{}, {}] } }))).toContain(
      'User: 2 fixed rows do not fit into 1 row.',
    );
    const notJson = {
      Sensor: { rows: 1, columns: { data: generate.constant('{'), level: seven } },
    };
    expect(await refused({}, plan(notJson))).toMatch(/Sensor: .*JSON/);
    expect(await refused({ Sensor: 5 })).toMatch(/Sensor\.level: not 7 \(value \d+\)/);
    expect(await value("SELECT to_regclass('keel.bulk') IS NULL")).toBe(true);
    expect(await value('SELECT count(*)::int FROM "Users"')).toBe(0);
  }));

test('a table that is not there, a type without a generator, a view', () =>
  withTables(async ({ run, client }) => {
    await client.query(`DROP TABLE "UserTags"; ALTER TABLE "Sensors" ADD odd pg_lsn NOT NULL`);
    expect(await reasons(run({ User: 1 }))).toContain(
      'The table UserTags of the model UserTags does not exist: run "keel db:migrate" first, or leave it out with --rows UserTags=0.',
    );
    expect((await reasons(run({ Sensor: 1 }))).join()).toContain(
      'Sensor.odd has the type pg_lsn, for which there is no generator',
    );
    await client.query('DROP TABLE "Sensors"; CREATE VIEW "Sensors" AS SELECT 1 AS id');
    expect((await reasons(run({ Sensor: 1 }))).join()).toContain(
      'public.Sensors is not a plain table and cannot be filled',
    );
  }));

test('a role without the privilege is told which', () =>
  withTables(async ({ run, client, url }) => {
    const role = `reader_${process.pid}_${Date.now()}`;
    await client.query(
      `CREATE ROLE ${role} LOGIN PASSWORD 'x'; GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${role}`,
    );
    try {
      const as = new URL(url);
      as.username = role;
      as.password = 'x';
      const connect = (): ReturnType<typeof connectTo> => connectTo(as.href);
      expect((await reasons(run({ Sensor: 1 }, { connect }))).join()).toContain(
        'this role may not SELECT from and INSERT into public.Sensors',
      );
    } finally {
      await client.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
    }
  }));

test('a plan file of another shape is refused, each mistake by the path of its setting', () =>
  withTables(async ({ run, value }) => {
    const models = {
      User: {
        rows: 'many',
        row: 5,
        columns: { name: 'Ada', code: { kind: 'text', form: 'rhyme' } },
      },
      Profile: { references: { userId: { distribution: 'normal', max: '3' } }, unique: ['bio'] },
    };
    expect((await reasons(run({}, { file: { models } as unknown as PlanFile }))).slice(1)).toEqual([
      expect.stringMatching(/^User\.rows: must be a number, not "many"/),
      expect.stringMatching(/^User\.columns\.name: must be a generator/),
      expect.stringMatching(/^User\.columns\.code\.form: must be one of .*fullName/),
      expect.stringMatching(/^User\.columns\.code\.min: /),
      expect.stringMatching(/^User\.columns\.code\.max: /),
      expect.stringMatching(/^User\.row: there is no such setting/),
      expect.stringMatching(/^Profile\.references\.userId\.max: must be a number/),
      expect.stringMatching(/^Profile\.references\.userId\.distribution: must be 'uniform'/),
      expect.stringMatching(/^Profile\.unique\.0: must be a list of attributes/),
    ]);
    expect(await value("SELECT to_regclass('keel.bulk') IS NULL")).toBe(true);
  }));

test('a role that may fill the tables, but not their sequences or a schema, is told so', () =>
  withTables(async ({ run, client, url, value }) => {
    const role = `clerk_${process.pid}_${Date.now()}`;
    await client.query(
      `CREATE ROLE ${role} LOGIN PASSWORD 'x'; GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA public TO ${role}`,
    );
    try {
      const as = Object.assign(new URL(url), { username: role, password: 'x' });
      const connect = (): ReturnType<typeof connectTo> => connectTo(as.href);
      const hint = expect.stringContaining(
        'UPDATE on their sequences, DELETE for undo, and CREATE',
      );
      const refused = { code: 'SEED_REFUSED', state: 'Nothing was written.', hint };
      await expect(run({ User: 5 }, { connect })).rejects.toMatchObject({
        ...refused,
        message: expect.stringContaining('permission denied for schema public'),
      });
      await client.query(`GRANT CREATE ON SCHEMA public TO ${role}`);
      await expect(run({ User: 5 }, { connect })).rejects.toMatchObject({
        ...refused,
        message: expect.stringContaining('permission denied for sequence'),
      });
      await client.query(
        `GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA public TO ${role}`,
      );
      // Foreign keys are its owner's to drop: they stay live.
      await run({ User: 5, Profile: 5 }, { connect, rebuild: 'always' });
      expect(await value('SELECT count(*)::int FROM "Profiles"')).toBe(5);
    } finally {
      await client.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
    }
  }));
