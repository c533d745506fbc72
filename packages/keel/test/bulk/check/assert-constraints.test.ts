import type { Sequelize } from 'sequelize';
import { generate } from '../../../src/bulk/plan/define-plan';
import { connectTo, withModels, type BulkBench } from '../../support/bulk';

/** A model over a table of its own making: nothing is known of its columns but what the database says. */
function withTable(
  columns: readonly string[],
  sql: string,
  use: (bench: BulkBench) => Promise<void>,
): Promise<void> {
  const define = (sequelize: Sequelize): void =>
    void sequelize.define(
      'Thing',
      Object.fromEntries(
        columns.map((name) => [
          name,
          { type: 'ANY', ...(name === 'size' ? { validate: { isIn: [[40, 42, 36]] } } : {}) },
        ]),
      ) as never,
      { tableName: 'things', timestamps: false },
    );
  return withModels(
    () => undefined,
    async (bench) => {
      await bench.client.query(sql);
      define(bench.sequelize);
      await use(bench);
    },
  );
}

/** Each column with the CHECK that is about it alone. */
const CHECKED: Readonly<Record<string, string>> = {
  price: 'numeric(8, 2) CHECK (price > 20000.5)',
  percent: 'numeric(5, 2) CHECK (percent >= 0.1 AND percent < 1.1)',
  level: 'int CHECK (level BETWEEN -5 AND 5)',
  count: 'smallint CHECK (count <> 0)',
  high: 'smallint CHECK (high > 32000)',
  near: 'numeric(4, 2) CHECK (near > 95)',
  total: 'bigint CHECK (9007199254740990 <= total)',
  latitude: 'double precision CHECK (latitude >= 80 AND latitude <= 90)',
  ratio: 'real CHECK (ratio > 0 AND ratio <= 1.0)',
  state: `varchar(20) CHECK (state IN ('open', 'closed'))`,
  kind: `text CHECK (kind = 'a' OR kind = 'b''c')`,
  size: 'int CHECK (size IN (36, 38, 40))',
  mood: `mood CHECK (mood <> 'bad')`,
  code: 'text CHECK (char_length(code) = 5)',
  title: 'varchar(100) CHECK (length(title) BETWEEN 2 AND 7)',
  slug: 'text UNIQUE CHECK (slug = lower(slug) AND length(slug) >= 30)',
  day: `date CHECK (day >= '2030-01-01' AND day < '2030-01-08')`,
  at: `timestamptz CHECK (at > '2031-05-05 12:00:00+00')`,
  flag: 'boolean CHECK (flag)',
  quiet: 'boolean CHECK (NOT quiet)',
  tags: 'text[] CHECK (array_length(tags, 1) <= 2)',
  note: 'text CHECK (note IS NULL)',
  "it's": 'positive NOT NULL',
  lettered: `text CHECK (lettered ~ '^[A-Za-z0-9 .,]+$')`,
};

test('values satisfy the CHECK constraints that are simple, those of domains too', () =>
  withTable(
    Object.keys(CHECKED),
    `CREATE TYPE mood AS ENUM ('bad', 'good', 'great');
     CREATE DOMAIN whole AS int CHECK (VALUE < 50);
     CREATE DOMAIN positive AS whole CHECK (VALUE > 44);
     CREATE TABLE things (id serial PRIMARY KEY, ${Object.entries(CHECKED)
       .map(([name, rest]) => `"${name}" ${rest}`)
       .join(', ')})`,
    async ({ run, value }) => {
      await run({ Thing: 5000 });
      expect(await value('SELECT count(*)::int FROM things')).toBe(5000);
      for (const [column, distinct] of [
        ['percent', 100],
        ['level', 11],
        ['state', 2],
        ['kind', 2],
        // 38 is left out by the model's validator.
        ['size', 2],
        ['mood', 2],
        ['day', 7],
        ["it's", 5],
        ['total', 2],
      ] as const) {
        const found = await value(`SELECT count(DISTINCT "${column}")::int FROM things`);
        expect([column, found]).toEqual([column, distinct]);
      }
    },
  ));

test('columns that a CHECK puts in an order are in that order, with or without NULL', () =>
  withTable(
    ['opens', 'closes', 'low', 'middle', 'high', 'until', 'priceFrom', 'priceTo'],
    `CREATE TABLE things (id serial PRIMARY KEY, opens date, closes date, low int, middle int, high int, "until" date,
       "priceFrom" numeric(8, 2), "priceTo" numeric(8, 2), "createdAt" timestamptz, "updatedAt" timestamptz,
       CHECK (closes > opens), CHECK (low < middle AND middle < high AND low >= 10), CHECK ("until" IS NULL OR "until" >= closes),
       CHECK ("priceFrom" < "priceTo"), CHECK ("updatedAt" >= "createdAt"))`,
    async ({ run, value }) => {
      await run({ Thing: 3000 });
      expect(await value('SELECT count("until")::int FROM things')).toBe(3000);
      expect(await value('SELECT count(DISTINCT closes - opens) > 100 FROM things')).toBe(true);
    },
  ));

test('a CHECK that is not understood is tried on the first rows, and refused before anything is written', () =>
  withTable(
    ['name', 'number', 'left', 'right'],
    `CREATE TABLE things (id serial PRIMARY KEY, name text, number int, "left" int, "right" int,
       CONSTRAINT odd_number CHECK (number % 2 = 1), CONSTRAINT one_side CHECK (num_nonnulls("left", "right") = 1),
       CONSTRAINT named CHECK (name ~ '^keel-'))`,
    async ({ run, value }) => {
      const refused = (await run({ Thing: 2000 }).catch((error: unknown) => error)) as {
        code: string;
        state: string;
        details: string[];
      };
      expect(refused).toMatchObject({ code: 'SEED_CHECK_VIOLATED', state: 'Nothing was written.' });
      expect(refused.details).toEqual([
        expect.stringMatching(
          /^Thing\.name: 500 of the first 500 rows violate "named" of public\.things, CHECK \(\(name ~ '\^keel-'::text\)\), such as name = ".+"\. Give name a generator that satisfies it \(models\.Thing\.columns in the plan file\)\.$/,
        ),
        expect.stringMatching(/^Thing\.number: 2\d\d of the first 500 rows violate "odd_number"/),
        expect.stringMatching(/^Thing\.left: 500 of .* Give left or right a generator/),
      ]);
      expect(await value(`SELECT to_regclass('keel.bulk') IS NULL`)).toBe(true);
      await run(
        {},
        {
          file: {
            models: {
              Thing: {
                rows: 2000,
                columns: {
                  name: generate.pattern('keel-', [1, 999]),
                  number: ({ index }) => index * 2 + 1,
                  left: generate.constant(null),
                },
              },
            },
          },
        },
      );
      expect(await value('SELECT count(*)::int FROM things')).toBe(2000);
    },
  ));

test('a row that violates a constraint later ends the run with constraint, table and columns named', () =>
  withTable(
    ['number', 'slot'],
    `CREATE TABLE things (id serial PRIMARY KEY, number int, slot int4range,
       CONSTRAINT rare CHECK (id * number <> 1700 * number), CONSTRAINT apart EXCLUDE USING gist (slot WITH &&))`,
    async ({ run, undo, client, value }) => {
      const failed = { code: 'SEED_WRITE_FAILED', state: expect.stringContaining('rolled back') };
      await expect(run({ Thing: 2000 })).rejects.toMatchObject({
        ...failed,
        message: expect.stringContaining('violates exclusion constraint "apart"'),
        details: expect.arrayContaining(['EXCLUDE USING gist (slot WITH &&)']),
        hint: expect.stringContaining(
          'Exclusion constraints are not read when values are chosen. Name other generators for slot (models.Thing.columns',
        ),
      });
      expect(await value('SELECT count(*)::int FROM things')).toBe(0);
      await undo();
      await client.query('ALTER TABLE things DROP CONSTRAINT apart');
      await expect(run({ Thing: 2000 }, { chunkRows: 1000 })).rejects.toMatchObject({
        ...failed,
        message: expect.stringMatching(/Filling public\.things .* check constraint "rare"/),
        details: expect.arrayContaining([expect.stringContaining('CHECK (((id * number)')]),
        hint: expect.stringContaining('Name other generators for id, number'),
      });
      // The chunk before is there, none of the rows of the other.
      expect(await value('SELECT count(*)::int FROM things')).toBe(1000);
    },
  ));

test('unique indexes over expressions and over some rows are held', () =>
  withTable(
    ['email', 'nick', 'main', 'deletedAt', 'short'],
    `CREATE TABLE owners (id serial PRIMARY KEY);
     INSERT INTO owners SELECT FROM generate_series(1, 20);
     CREATE TABLE things (id serial PRIMARY KEY, email text, nick varchar(12), main boolean, "ownerId" int REFERENCES owners,
       "deletedAt" timestamptz, short text);
     CREATE UNIQUE INDEX ON things (lower(email));
     CREATE UNIQUE INDEX ON things (nick) WHERE "deletedAt" IS NULL;
     CREATE UNIQUE INDEX one_main ON things ("ownerId") WHERE main`,
    async ({ run, value, undo, client }) => {
      await expect(run({ Thing: 900 })).rejects.toMatchObject({
        message: expect.stringMatching(
          /have room for 20 Thing rows, not 900.* The unique index one_main is for rows WHERE main only and is held for all; it is left out where/,
        ),
      });
      const columns = { main: generate.constant(false), deletedAt: generate.constant(null) };
      const file = { models: { Thing: { rows: 900, columns } } };
      await run({}, { file });
      expect(
        await value(
          `SELECT array[count(DISTINCT lower(email)), count(DISTINCT nick), count(DISTINCT "ownerId")]::int[] FROM things`,
        ),
      ).toEqual([900, 900, 20]);
      await undo();
      await client.query('CREATE UNIQUE INDEX first_letter ON things (left(short, 1))');
      await expect(run({}, { file })).rejects.toMatchObject({
        code: 'SEED_WRITE_FAILED',
        details: expect.arrayContaining([expect.stringContaining('first_letter')]),
        hint: expect.stringContaining('Different values of short are the same to this index'),
      });
    },
  ));

test('constraints are checked on the way of a role without rights of its own', () =>
  withTable(
    ['number'],
    'CREATE TABLE things (id serial PRIMARY KEY, number int CHECK (number * 2 > 5000))',
    async ({ run, client, url }) => {
      const role = `checker_${process.pid}_${Date.now()}`;
      await client.query(
        `CREATE ROLE ${role} LOGIN PASSWORD 'x'; GRANT SELECT, INSERT ON things TO ${role}`,
      );
      try {
        const as = Object.assign(new URL(url), { username: role, password: 'x' });
        await expect(
          run({ Thing: 5 }, { connect: () => connectTo(as.href) }),
        ).rejects.toMatchObject({ code: 'SEED_CHECK_VIOLATED' });
      } finally {
        await client.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
      }
    },
  ));
