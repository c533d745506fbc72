import { DataTypes, type Sequelize } from 'sequelize';
import { connectTo, withModels } from '../support/bulk';

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
  bits: 'BIT(5)',
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
      await client.query('CREATE EXTENSION citext; CREATE EXTENSION hstore');
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
        await client.query('DROP TABLE keel_bulk_chunks, keel_bulk');
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
