import { DataTypes, type Sequelize } from 'sequelize';
import { generate, type PlanFile } from '../../src/bulk/plan/define-plan';
import { withModels } from '../support/bulk';

const id = { type: DataTypes.INTEGER, primaryKey: true, autoIncrement: true };

test('aliases, underscored and paranoid models, UUID keys and schemas', () =>
  withModels(
    (sequelize) => {
      const Team = sequelize.define(
        'Team',
        {
          key: {
            type: DataTypes.UUID,
            primaryKey: true,
            field: 'team_key',
            defaultValue: DataTypes.UUIDV4,
          },
          label: { type: DataTypes.STRING(30), allowNull: false, unique: true, field: 'the label' },
        },
        { tableName: 'teams', underscored: true, paranoid: true },
      );
      const Member = sequelize.define(
        'Member',
        {
          id: { type: DataTypes.UUID, primaryKey: true },
          email: { type: DataTypes.STRING, allowNull: false, validate: { isEmail: true } },
          age: { type: DataTypes.INTEGER, validate: { min: 21, max: 25 } },
          nick: { type: DataTypes.STRING(12), validate: { len: [5, 12], isLowercase: true } },
          role: { type: DataTypes.ENUM('admin', 'guest'), allowNull: false },
          grade: { type: DataTypes.STRING, validate: { isIn: [['A', 'B']] } },
        },
        {
          underscored: true,
          indexes: [{ unique: true, fields: [sequelize.fn('lower', sequelize.col('email'))] }],
        },
      );
      Team.hasMany(Member, { foreignKey: { name: 'teamKey', allowNull: false } });
      Member.belongsTo(Team, { foreignKey: { name: 'teamKey', allowNull: false } });
    },
    async ({ run, value, undo }) => {
      await run({ Team: 40, Member: 3000 });
      expect(
        await value('SELECT count(DISTINCT "the label")::int FROM teams WHERE deleted_at IS NULL'),
      ).toBe(40);
      expect(
        await value('SELECT count(*)::int FROM members m JOIN teams t ON t.team_key = m.team_key'),
      ).toBe(3000);
      expect(await value('SELECT count(DISTINCT lower(email))::int FROM members')).toBe(3000);
      expect(await value('SELECT array_agg(DISTINCT age ORDER BY age) FROM members')).toEqual([
        21, 22, 23, 24, 25,
      ]);
      expect(await value(`SELECT bool_and(nick ~ '^[a-z0-9_]{5,12}$') FROM members`)).toBe(true);
      expect(await value('SELECT count(DISTINCT role)::int FROM members')).toBe(2);
      expect(await value('SELECT array_agg(DISTINCT grade ORDER BY grade) FROM members')).toEqual([
        'A',
        'B',
      ]);
      await undo();
      expect(
        await value(
          'SELECT (SELECT count(*) FROM teams)::int + (SELECT count(*) FROM members)::int',
        ),
      ).toBe(0);
    },
  ));

function defineCycle(sequelize: Sequelize, allowNull: boolean): void {
  const Person = sequelize.define('Person', { id, name: DataTypes.STRING }, { schema: 'staff' });
  const Office = sequelize.define('Office', { id, city: DataTypes.STRING }, { schema: 'places' });
  Person.belongsTo(Office, { foreignKey: { name: 'officeId', allowNull }, constraints: false });
  Office.belongsTo(Person, {
    foreignKey: { name: 'headId', allowNull: false },
    constraints: false,
  });
  Person.belongsTo(Person, { as: 'boss', foreignKey: 'bossId' });
}

const CYCLE = `ALTER TABLE staff."People" ADD FOREIGN KEY ("officeId") REFERENCES places."Offices";
               ALTER TABLE places."Offices" ADD FOREIGN KEY ("headId") REFERENCES staff."People"`;

test('a cycle is closed by a second pass, and a table may refer to itself', () =>
  withModels(
    () => undefined,
    async ({ sequelize, client, run, value, undo }) => {
      await client.query('CREATE SCHEMA staff; CREATE SCHEMA places');
      defineCycle(sequelize, true);
      await sequelize.sync();
      await client.query(CYCLE);
      const { tables } = await run({ Person: 2000, Office: 50 }, { chunkRows: 300 });
      expect(tables.map(({ table }) => table)).toEqual(['staff.People', 'places.Offices']);
      expect(await value('SELECT count(*)::int FROM staff."People" WHERE "officeId" IS NULL')).toBe(
        0,
      );
      expect(await value('SELECT count(DISTINCT "officeId")::int FROM staff."People"')).toBe(50);
      expect(await value('SELECT bool_and("bossId" < id) FROM staff."People"')).toBe(true);
      const roots = await value('SELECT count(*)::int FROM staff."People" WHERE "bossId" IS NULL');
      expect(roots).toBeGreaterThan(50);
      expect(roots).toBeLessThan(160);
      expect(
        (await run({ Person: 2000, Office: 50 })).tables.every(({ written }) => written === 0),
      ).toBe(true);
      await run({ Person: 2100, Office: 60 });
      expect(await value('SELECT count(*)::int FROM staff."People" WHERE "officeId" IS NULL')).toBe(
        0,
      );
      await undo();
      expect(await value('SELECT count(*)::int FROM staff."People"')).toBe(0);
    },
  ));

test('a cycle of NOT NULL foreign keys is refused', () =>
  withModels(
    () => undefined,
    async ({ sequelize, client, run, value }) => {
      await client.query('CREATE SCHEMA staff; CREATE SCHEMA places');
      defineCycle(sequelize, false);
      await sequelize.sync();
      await client.query(CYCLE);
      await expect(run({ Person: 10 })).rejects.toMatchObject({
        code: 'SEED_PLAN_IMPOSSIBLE',
        message: expect.stringMatching(/Person -> Office -> Person|Office -> Person -> Office/),
      });
      expect(await value("SELECT to_regclass('keel.bulk') IS NULL")).toBe(true);
    },
  ));

test('junctions of a table with itself, composite keys and foreign keys, unique combinations', () =>
  withModels(
    (sequelize) => {
      const Person = sequelize.define(
        'Person',
        { id, name: DataTypes.STRING },
        { timestamps: false },
      );
      Person.belongsToMany(Person, {
        as: 'friends',
        through: 'Friendships',
        foreignKey: 'a',
        otherKey: 'b',
        timestamps: false,
      });
      const Shop = sequelize.define(
        'Shop',
        {
          region: { type: DataTypes.STRING(2), primaryKey: true },
          number: { type: DataTypes.SMALLINT, primaryKey: true, validate: { min: 1, max: 50 } },
        },
        { timestamps: false },
      );
      const Shift = sequelize.define(
        'Shift',
        {
          region: DataTypes.STRING(2),
          shop: DataTypes.SMALLINT,
          day: { type: DataTypes.ENUM('mon', 'tue', 'wed', 'thu', 'fri') },
          kind: { type: DataTypes.ENUM('early', 'late') },
        },
        { timestamps: false, indexes: [{ unique: true, fields: ['personId', 'day', 'kind'] }] },
      );
      Shift.removeAttribute('id');
      Shift.belongsTo(Person, { foreignKey: { name: 'personId', allowNull: false } });
      Shop.hasMany(Shift, { foreignKey: 'shop', constraints: false });
    },
    async ({ client, run, value }) => {
      await client.query(
        'ALTER TABLE "Shifts" ADD FOREIGN KEY (region, shop) REFERENCES "Shops" (region, number)',
      );
      await run({ Person: 60, Friendships: 60 * 59, Shop: 100, Shift: 600 });
      expect(
        await value('SELECT count(DISTINCT (a, b))::int FROM "Friendships" WHERE a <> b'),
      ).toBe(60 * 59);
      expect(await value('SELECT count(DISTINCT ("personId", day, kind))::int FROM "Shifts"')).toBe(
        600,
      );
      expect(
        await value(
          'SELECT count(*)::int FROM "Shifts" JOIN "Shops" s ON s.region = "Shifts".region AND s.number = shop',
        ),
      ).toBe(600);
    },
  ));

test('identity and generated columns, a table without a model as parent, a key that is a foreign key', () =>
  withModels(
    (sequelize) => {
      const Part = sequelize.define(
        'Part',
        { id, price: DataTypes.DECIMAL(8, 2), countryId: DataTypes.BIGINT },
        { tableName: 'parts', timestamps: false },
      );
      const Detail = sequelize.define(
        'Detail',
        { partId: { type: DataTypes.INTEGER, primaryKey: true }, text: DataTypes.TEXT },
        { tableName: 'details', timestamps: false },
      );
      Part.hasOne(Detail, { foreignKey: 'partId' });
      Detail.belongsTo(Part, { foreignKey: 'partId' });
    },
    async ({ client, run, value, undo }) => {
      await client.query(`DROP TABLE details, parts;
        CREATE TABLE countries (code bigint PRIMARY KEY);
        INSERT INTO countries SELECT g * 1000000007::bigint FROM generate_series(1, 20) g;
        CREATE TABLE parts (id int GENERATED ALWAYS AS IDENTITY (START 100 INCREMENT 10) PRIMARY KEY, price numeric(8, 2) NOT NULL,
          double numeric GENERATED ALWAYS AS (price * 2) STORED, "countryId" bigint NOT NULL REFERENCES countries);
        CREATE TABLE details ("partId" int PRIMARY KEY REFERENCES parts, text text)`);
      await run({ Part: 500, Detail: 400 });
      expect(await value('SELECT array[min(id), max(id)] FROM parts')).toEqual([
        100,
        100 + 499 * 10,
      ]);
      expect(await value('SELECT count(DISTINCT "countryId")::int FROM parts')).toBe(20);
      expect(await value('SELECT bool_and(double = price * 2) FROM parts')).toBe(true);
      expect(await value('SELECT count(*)::int FROM details')).toBe(400);
      expect(
        await value(
          'INSERT INTO parts (price, "countryId") SELECT 1, code FROM countries LIMIT 1 RETURNING id',
        ),
      ).toBe(5100);
      await undo();
      expect(await value('SELECT count(*)::int FROM parts')).toBe(1);
      expect(await value('SELECT count(*)::int FROM countries')).toBe(20);
    },
  ));

test('a plan file says how rows are shared out and what is in the columns', () =>
  withModels(
    (sequelize) => {
      const User = sequelize.define(
        'User',
        { id, name: DataTypes.STRING, joined: DataTypes.DATEONLY },
        { timestamps: false },
      );
      const Post = sequelize.define(
        'Post',
        {
          id,
          title: DataTypes.STRING,
          state: DataTypes.STRING,
          seen: DataTypes.DATE,
          number: DataTypes.INTEGER,
          slug: DataTypes.STRING,
        },
        { timestamps: false },
      );
      User.hasMany(Post, { foreignKey: 'userId' });
      Post.belongsTo(User, { foreignKey: 'userId' });
    },
    async ({ run, value, undo }) => {
      const file: PlanFile = {
        models: {
          User: {
            rows: 100,
            fixed: [{ name: 'Ada' }, { name: "O'Neill \\ \t tab", joined: '2020-02-29' }],
            columns: { joined: generate.date('2021-01-01', '2021-01-31') },
          },
          Post: {
            references: { userId: { min: 2, max: 10, share: 0.5 } },
            unique: [['userId', 'state']],
            columns: {
              title: ({ index, random }) => `${index} ${random().toFixed(3)} ü`,
              state: { generator: generate.pattern('s', [1, 40]), nullRate: 0 },
              seen: { generator: generate.timestamp('2024-01-01', '2024-01-02'), nullRate: 0.5 },
              number: { generator: generate.integer(1, 400), unique: true },
              slug: generate.choice(['a', 'b'], [3, 1]),
            },
          },
        },
      };
      await run({}, { file });
      expect(
        await value(
          'SELECT array_agg(name ORDER BY id) FROM (SELECT * FROM "Users" ORDER BY id LIMIT 2) u',
        ),
      ).toEqual(['Ada', "O'Neill \\ \t tab"]);
      expect(await value(`SELECT joined::text FROM "Users" WHERE id = 2`)).toBe('2020-02-29');
      expect(
        await value(
          `SELECT bool_and(joined BETWEEN '2021-01-01' AND '2021-01-31') FROM "Users" WHERE id <> 2`,
        ),
      ).toBe(true);
      // Half of the users, each with 2 to 10 posts, all numbers equally frequent: 6 on average.
      expect(await value('SELECT count(DISTINCT "userId")::int FROM "Posts"')).toBe(50);
      expect(await value('SELECT count(*)::int FROM "Posts"')).toBeGreaterThan(280);
      expect(
        await value(
          'SELECT array[min(n), max(n)] FROM (SELECT count(*)::int n FROM "Posts" GROUP BY "userId") d',
        ),
      ).toEqual([2, 10]);
      expect(await value('SELECT count(*) = count(DISTINCT ("userId", state)) FROM "Posts"')).toBe(
        true,
      );
      expect(await value('SELECT count(*) = count(DISTINCT number) FROM "Posts"')).toBe(true);
      expect(await value(`SELECT title ~ '^0 0\\.\\d{3} ü$' FROM "Posts" WHERE id = 1`)).toBe(true);
      expect(
        await value('SELECT round(avg((seen IS NULL)::int), 1)::float FROM "Posts"'),
      ).toBeCloseTo(0.5, 0);
      expect(await value(`SELECT avg((slug = 'a')::int)::float FROM "Posts"`)).toBeCloseTo(0.75, 0);
      // Undo needs no plan file.
      await undo();
      expect(await value('SELECT count(*)::int FROM "Users"')).toBe(0);
    },
  ));
