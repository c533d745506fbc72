import { DataTypes, type Sequelize } from 'sequelize';
import { connectTo, withModels } from '../../support/bulk';

/** Every type that PostgreSQL and Sequelize share and whose binary form is known. */
const BINARY = {
  string: DataTypes.STRING(40),
  char: DataTypes.CHAR(6),
  text: DataTypes.TEXT,
  citext: DataTypes.CITEXT,
  small: DataTypes.SMALLINT,
  integer: DataTypes.INTEGER,
  big: { type: DataTypes.BIGINT, unique: true },
  real: DataTypes.REAL,
  double: DataTypes.DOUBLE,
  decimal: DataTypes.DECIMAL(12, 5),
  bigDecimal: { type: DataTypes.DECIMAL, validate: { min: -5, max: 900000 } },
  boolean: DataTypes.BOOLEAN,
  date: DataTypes.DATE,
  day: DataTypes.DATEONLY,
  time: DataTypes.TIME,
  uuid: DataTypes.UUID,
  json: DataTypes.JSON,
  jsonb: DataTypes.JSONB,
  blob: DataTypes.BLOB,
  enum: DataTypes.ENUM('one', 'two', "thr'ee"),
  strings: DataTypes.ARRAY(DataTypes.STRING),
  integers: DataTypes.ARRAY(DataTypes.INTEGER),
  enums: DataTypes.ARRAY(DataTypes.ENUM('x', 'y')),
  range: DataTypes.RANGE(DataTypes.INTEGER),
  dates: DataTypes.RANGE(DataTypes.DATEONLY),
  decimals: DataTypes.RANGE(DataTypes.DECIMAL),
};

/** Types that are written as text. */
const TEXT = {
  inet: DataTypes.INET,
  cidr: DataTypes.CIDR,
  macaddr: DataTypes.MACADDR,
  // DataTypes.HSTORE needs a package that only its users have.
  hstore: 'HSTORE',
  interval: 'INTERVAL',
  point: 'POINT',
  ...Object.fromEntries(
    [
      'BIT(5)',
      'BIT VARYING',
      'CIDR',
      'MACADDR8',
      'LSEG',
      'BOX',
      'PATH',
      'POLYGON',
      'CIRCLE',
      'LINE',
    ]
      .concat([
        'XML',
        'NAME',
        'TIMETZ',
        'TSTZRANGE',
        'INT8RANGE',
        'NUMERIC(3, -2)',
        'CHAR',
        'INET[]',
      ])
      .concat([
        'CHAR(3)[]',
        'BYTEA[]',
        'TIMESTAMPTZ[]',
        'INT4RANGE[]',
        'LTREE',
        'thought',
        'thought[]',
      ])
      .map((type) => [`as ${type}`, type]),
  ),
  money: 'MONEY',
  tsvector: DataTypes.TSVECTOR,
};

const define =
  (columns: object) =>
  (sequelize: Sequelize): void =>
    void sequelize.define('Thing', columns as never, { tableName: 'things' });

test('each type is written as text as it is in binary', () =>
  withModels(
    () => undefined,
    async ({ sequelize, client, run, value }) => {
      await client.query(
        'CREATE EXTENSION citext; CREATE EXTENSION hstore; CREATE EXTENSION ltree; CREATE DOMAIN thought AS text',
      );
      for (const [table, columns] of [
        ['a', BINARY],
        ['b', { ...BINARY, ...TEXT }],
      ] as const) {
        await client.query(`CREATE SCHEMA ${table}`);
        sequelize.define('Thing', columns as never, { tableName: 'things', schema: table });
        await sequelize.models.Thing!.sync();
        // The same names give the same rows: each schema gets its turn under one name.
        await client.query(`ALTER TABLE ${table}.things SET SCHEMA public`);
        sequelize.modelManager.removeModel(sequelize.models.Thing!);
        sequelize.define('Thing', columns as never, { tableName: 'things' });
        await run({ Thing: 500 });
        await client.query(`ALTER TABLE public.things SET SCHEMA ${table}`);
        await client.query('DROP TABLE keel.bulk_chunks, keel.bulk');
      }
      const list = [...Object.keys(BINARY), 'id', 'createdAt', 'updatedAt'];
      for (const column of list) {
        const differing = await value(
          `SELECT count(*)::int FROM a.things JOIN b.things USING (id) WHERE a.things."${column}"::text IS DISTINCT FROM b.things."${column}"::text`,
        );
        expect([column, differing]).toEqual([column, 0]);
        expect([
          column,
          await value(`SELECT count(a.things."${column}")::int FROM a.things`),
        ]).toEqual([column, 500]);
      }
      for (const column of Object.keys(TEXT)) {
        expect([column, await value(`SELECT count("${column}")::int FROM b.things`)]).toEqual([
          column,
          500,
        ]);
      }
    },
  ));

test('a table with row security is filled by INSERT', () =>
  withModels(
    define({
      string: DataTypes.STRING,
      flags: DataTypes.ARRAY(DataTypes.INTEGER),
      fixed: DataTypes.CHAR(8),
    }),
    async (bench) => {
      await bench.run({ Thing: 1200 });
      const copied = await bench.hash('things');
      await bench.undo();
      const role = `bulk_${process.pid}_${Date.now()}`;
      await bench.client.query(`CREATE ROLE ${role} LOGIN PASSWORD 'x';
      GRANT ALL ON things, "things_id_seq" TO ${role}; GRANT CREATE, USAGE ON SCHEMA public TO ${role};
      ALTER TABLE things ENABLE ROW LEVEL SECURITY; CREATE POLICY all_rows ON things USING (true) WITH CHECK (true)`);
      try {
        const url = new URL(bench.url);
        url.username = role;
        url.password = 'x';
        await bench.run({ Thing: 1200 }, { connect: () => connectTo(url.href) });
        expect(await bench.hash('things')).toBe(copied);
      } finally {
        await bench.client.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
      }
    },
  ));

test('a type without a generator is left NULL where it may be, and refused by its column where not', () =>
  withModels(
    () => undefined,
    async ({ sequelize, client, run, value }) => {
      await client.query(`CREATE TYPE pair AS (a int, b text);
        CREATE TABLE things (id serial PRIMARY KEY, pair pair UNIQUE, path jsonpath, tags text[], note jsonb UNIQUE)`);
      const names = ['pair', 'path', 'tags', 'note'];
      define(Object.fromEntries(names.map((name) => [name, { type: 'ANY' }])))(sequelize);
      sequelize.models.Thing!.removeAttribute('createdAt');
      sequelize.models.Thing!.removeAttribute('updatedAt');
      await run({ Thing: 100 });
      expect(
        await value(
          'SELECT array[count(pair), count(path), count(tags), count(DISTINCT note)]::int[] FROM things',
        ),
      ).toEqual([0, 0, 100, 100]);
      await client.query(`TRUNCATE things; DROP TABLE keel.bulk_chunks, keel.bulk;
        ALTER TABLE things ALTER pair SET NOT NULL; ALTER TABLE things ADD UNIQUE (tags)`);
      await expect(run({ Thing: 100 })).rejects.toMatchObject({
        message: expect.stringContaining(
          'Thing.pair has the type pair, for which there is no generator',
        ),
      });
      const columns = { pair: ({ index }: { index: number }) => `(${index},x)` };
      await expect(
        run({}, { file: { models: { Thing: { rows: 100, columns } } } }),
      ).rejects.toMatchObject({
        message: expect.stringContaining(
          'Thing.tags is unique, and values of its generator (array) cannot be made distinct: name a function for it',
        ),
      });
      const given = { ...columns, tags: ({ index }: { index: number }) => [`t${index}`, 'x'] };
      await run({}, { file: { models: { Thing: { rows: 100, columns: given } } } });
      expect(await value('SELECT (pair).a + cardinality(tags) FROM things WHERE id = 100')).toBe(
        101,
      );
    },
  ));
