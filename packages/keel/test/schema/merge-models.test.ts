import fc from 'fast-check';
import { DataTypes, Sequelize, type ModelAttributes } from 'sequelize';
import type { KeelError } from '../../src/errors';
import { planBuild, type BuildPlan } from '../../src/schema/plan-build';
import type { AnySequelize } from '../../src/schema/sequelize-internals';

function plan(define: (sequelize: Sequelize) => void): BuildPlan {
  const sequelize = new Sequelize({ dialect: 'postgres', logging: false });
  define(sequelize);
  return planBuild(sequelize as unknown as AnySequelize);
}

/** What the models contradict each other in. */
function contradictions(define: (sequelize: Sequelize) => void): readonly string[] {
  try {
    plan(define);
  } catch (error) {
    expect((error as KeelError).code).toBe('MODELS_CONTRADICT');
    return (error as KeelError).details;
  }
  return [];
}

const on =
  (table: string, ...models: readonly (readonly [string, ModelAttributes, object?])[]) =>
  (s: Sequelize): void => {
    for (const [name, attributes, options] of models)
      s.define(name, attributes, { tableName: table, timestamps: false, ...options });
  };

const attributes: ModelAttributes = {
  id: { type: DataTypes.INTEGER, primaryKey: true, autoIncrement: true },
  name: { type: DataTypes.STRING(40), allowNull: false, defaultValue: 'x', comment: 'its name' },
  mail: { type: DataTypes.TEXT, unique: true },
  kind: { type: DataTypes.ENUM('a', 'b'), defaultValue: 'a' },
  tags: DataTypes.ARRAY(DataTypes.STRING),
  team: { type: DataTypes.INTEGER, references: { model: 'teams', key: 'id' }, onDelete: 'CASCADE' },
};

describe('several models of one table', () => {
  it('make the table that one model with all of their attributes makes', () => {
    const whole = plan(on('users', ['User', attributes]));
    const names = Object.keys(attributes).filter((name) => name !== 'id');
    const sortedParts = ({ tables, foreignKeys, enums }: BuildPlan): object => ({
      columns: Object.entries(tables[0]?.columns ?? {}).sort(),
      foreignKeys: foreignKeys.map(({ sql }) => sql),
      enums: enums.map(({ sql }) => sql),
      count: tables.length,
    });
    // Each attribute is in one of three models, or in two of them.
    const split = fc.array(fc.subarray([0, 1, 2], { minLength: 1 }), {
      minLength: names.length,
      maxLength: names.length,
    });
    fc.assert(
      fc.property(split, (owners) => {
        const part = (model: number): ModelAttributes => {
          const own = names.filter((_, at) => owners[at]?.includes(model));
          return Object.fromEntries(
            ['id', ...own].map((name) => [name, attributes[name]]),
          ) as never;
        };
        const models = [0, 1, 2].map((model) => [`Model${model}`, part(model)] as const);
        expect(sortedParts(plan(on('users', ...models)))).toEqual(sortedParts(whole));
      }),
      { numRuns: 60 },
    );
  });

  it('may each leave open what the other says', () => {
    const { tables } = plan(
      on(
        'users',
        ['User', { name: DataTypes.STRING, mail: { type: DataTypes.STRING, allowNull: false } }],
        ['Login', { name: { type: DataTypes.STRING, defaultValue: 'x' }, mail: DataTypes.STRING }],
      ),
    );
    expect(tables[0]?.columns).toMatchObject({
      name: "VARCHAR(255) DEFAULT 'x'",
      mail: 'VARCHAR(255) NOT NULL',
    });
    expect(tables[0]?.model).toBe('User and Login');
  });

  it.each<[string, ModelAttributes, ModelAttributes, string]>([
    [
      'type',
      { a: DataTypes.STRING },
      { a: DataTypes.TEXT },
      'column t.a: First.a says VARCHAR(255), Second.a says TEXT',
    ],
    [
      'default',
      { a: { type: DataTypes.STRING, defaultValue: '1' } },
      { a: { type: DataTypes.STRING, defaultValue: '2' } },
      `column t.a: First.a says DEFAULT '1', Second.a says DEFAULT '2'`,
    ],
    [
      'null',
      { a: { type: DataTypes.STRING, allowNull: true } },
      { a: { type: DataTypes.STRING, allowNull: false } },
      'column t.a: First.a says NULL, Second.a says NOT NULL',
    ],
    [
      'primary key',
      { a: { type: DataTypes.STRING, primaryKey: true } },
      { a: DataTypes.STRING },
      'primary key of t: First says (a), Second says (id)',
    ],
    [
      'foreign key',
      { a: { type: DataTypes.INTEGER, references: { model: 'x', key: 'id' } } },
      { a: { type: DataTypes.INTEGER, references: { model: 'y', key: 'id' } } },
      'column t.a: First.a says REFERENCES "x" ("id"), Second.a says REFERENCES "y" ("id")',
    ],
    [
      'values of an enum',
      { a: DataTypes.ENUM('x') },
      { a: DataTypes.ENUM('x', 'y') },
      `column t.a: First.a says ENUM('x'), Second.a says ENUM('x', 'y')`,
    ],
  ])('are refused where both say the %s, differently', (_, first, second, expected) => {
    expect(contradictions(on('t', ['First', first], ['Second', second]))).toEqual([expected]);
  });

  it('names every contradiction at once', () => {
    const found = contradictions(
      on(
        't',
        ['First', { a: DataTypes.STRING, b: DataTypes.STRING }],
        ['Second', { a: DataTypes.TEXT, b: DataTypes.TEXT }],
      ),
    );
    expect(found).toHaveLength(2);
  });

  it('are refused where a junction table is declared with another key than its model has', () => {
    const found = contradictions((s) => {
      const A = s.define('A', {});
      const B = s.define('B', {});
      A.belongsToMany(B, { through: 'ab' });
      s.define('Link', { note: DataTypes.STRING }, { tableName: 'ab' });
    });
    expect(found).toEqual(['primary key of ab: ab says (AId, BId), Link says (id)']);
  });
});

describe('two attributes of one column', () => {
  it('are put together, the foreign key of an association too', () => {
    const { tables, foreignKeys } = plan((s) => {
      const Team = s.define('Team', {}, { tableName: 'teams' });
      const User = s.define(
        'User',
        { teamId: { type: DataTypes.INTEGER, field: 'team_id', allowNull: false } },
        { tableName: 'users', timestamps: false },
      );
      User.belongsTo(Team, { foreignKey: 'team_id' });
    });
    expect(tables[1]?.columns).toMatchObject({ team_id: 'INTEGER NOT NULL' });
    expect(foreignKeys).toHaveLength(1);
  });

  it('are refused where they contradict each other', () => {
    const define = on('users', [
      'User',
      {
        teamId: { type: DataTypes.INTEGER, field: 'team_id' },
        team_id: { type: DataTypes.UUID },
      },
    ]);
    expect(contradictions(define)).toEqual([
      'column users.team_id: User.teamId says INTEGER, User.team_id says UUID',
    ]);
  });
});

describe('names that two declarations share', () => {
  it('are refused for enums with other values', () => {
    const found = contradictions((s) => {
      s.define('A', { c: DataTypes.ENUM('x') }, { tableName: 'a_b' });
      s.define('B', { b_c: DataTypes.ENUM('y') }, { tableName: 'a' });
    });
    expect(found).toEqual([
      'enum public.enum_a_b_c: A (column a_b.c) says x, B (column a.b_c) says y',
    ]);
  });

  it('are refused for indexes with another definition', () => {
    const index = (field: string): object => ({ indexes: [{ name: 'i', fields: [field] }] });
    const both = { a: DataTypes.STRING, b: DataTypes.STRING };
    expect(contradictions(on('t', ['A', both, index('a')], ['B', both, index('a')]))).toEqual([]);
    expect(contradictions(on('t', ['A', both, index('a')], ['B', both, index('b')]))).toEqual([
      'index i: A says ON "t" ("a"), B says ON "t" ("b")',
    ]);
    const cut = (end: string, field: string): object => ({
      indexes: [{ name: `${'i'.repeat(63)}${end}`, fields: [field] }],
    });
    expect(contradictions(on('t', ['A', both, cut('1', 'a')], ['B', both, cut('2', 'b')]))).toEqual(
      [expect.stringContaining('(names are cut to 63 bytes, in which these are equal)')],
    );
  });

  it('are the same table where PostgreSQL cuts both to the same name', () => {
    const long = 'x'.repeat(63);
    const { tables } = plan((s) => {
      s.define('A', { a: DataTypes.STRING }, { tableName: `${long}1` });
      s.define('B', { b: DataTypes.STRING }, { tableName: `${long}2` });
    });
    expect(tables.map(({ columns }) => Object.keys(columns))).toEqual([
      ['id', 'a', 'createdAt', 'updatedAt', 'b'],
    ]);
  });

  it('say so where an association is overruled by an earlier one', () => {
    const { facts } = plan((s) => {
      const User = s.define('User', {});
      const Post = s.define('Post', {});
      Post.belongsTo(User);
      User.hasMany(Post, { onDelete: 'CASCADE' });
      User.hasMany(s.define('Note', {}), { onDelete: 'CASCADE' });
    });
    expect(facts.notices).toEqual([
      expect.objectContaining({
        model: 'Post',
        column: 'UserId',
        message: expect.stringContaining('User.hasMany(Post) says onDelete CASCADE'),
      }),
    ]);
  });
});
