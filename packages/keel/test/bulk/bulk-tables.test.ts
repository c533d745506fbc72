import { DataTypes, type Sequelize } from 'sequelize';
import type { BulkEvent } from '../../src/bulk/bulk-events';
import { withModels, type BulkBench } from '../support/bulk';

const pk = { type: DataTypes.INTEGER, primaryKey: true };
const { INTEGER, TEXT, DATEONLY, DATE } = DataTypes;

function model(
  sequelize: Sequelize,
  name: string,
  table: string,
  attributes: Parameters<Sequelize['define']>[1],
): ReturnType<Sequelize['define']> {
  return sequelize.define(name, attributes, { tableName: table, timestamps: false });
}

/** Runs `use` on hand-made tables and their models. */
function withTables<T>(
  sql: string,
  define: (sequelize: Sequelize) => void,
  use: (bench: BulkBench) => Promise<T>,
): Promise<T> {
  return withModels(
    () => undefined,
    async (bench) => {
      await bench.client.query(sql);
      define(bench.sequelize);
      return use(bench);
    },
  );
}

test('rows go into the partitions that are there', () =>
  withTables(
    `CREATE TYPE mood AS ENUM ('good', 'bad', 'odd');
     CREATE TABLE moods (id bigserial, mood mood, PRIMARY KEY (id, mood)) PARTITION BY LIST (mood);
     CREATE TABLE good PARTITION OF moods FOR VALUES IN ('good');
     CREATE TABLE bad PARTITION OF moods FOR VALUES IN ('bad');
     CREATE TABLE days (id int, day date, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
     CREATE TABLE spring PARTITION OF days FOR VALUES FROM ('2024-03-01') TO ('2024-05-01');
     CREATE TABLE june PARTITION OF days FOR VALUES FROM ('2024-06-01') TO ('2024-07-01');
     CREATE TABLE may PARTITION OF days FOR VALUES FROM ('2024-05-01') TO ('2024-06-01');
     CREATE TABLE below (id int, seen timestamptz, kind text, PRIMARY KEY (id, seen, kind)) PARTITION BY RANGE (seen);
     CREATE TABLE below_1 PARTITION OF below FOR VALUES FROM ('2024-03-01') TO ('2024-04-01') PARTITION BY LIST (kind);
     CREATE TABLE below_1x PARTITION OF below_1 FOR VALUES IN ('x');
     CREATE TABLE tree (id int, day date, up int, up_day date, PRIMARY KEY (id, day),
       FOREIGN KEY (up, up_day) REFERENCES tree) PARTITION BY RANGE (day);
     CREATE TABLE tree_2024 PARTITION OF tree FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
     CREATE TABLE tree_rest PARTITION OF tree DEFAULT;
     CREATE TABLE short (id int PRIMARY KEY) PARTITION BY RANGE (id);
     CREATE TABLE short_1 PARTITION OF short FOR VALUES FROM (1) TO (50)`,
    (sequelize) => {
      model(sequelize, 'Mood', 'moods', { id: pk, mood: { type: TEXT, primaryKey: true } });
      model(sequelize, 'Day', 'days', { id: pk, day: { type: DATEONLY, primaryKey: true } });
      const kind = { type: TEXT, primaryKey: true };
      model(sequelize, 'Below', 'below', { id: pk, seen: { type: DATE, primaryKey: true }, kind });
      model(sequelize, 'Tree', 'tree', { id: pk, day: { type: DATEONLY, primaryKey: true } });
      model(sequelize, 'Short', 'short', { id: pk });
    },
    async ({ run, undo, value }) => {
      const rows = { Mood: 100, Day: 300, Below: 50, Tree: 900 };
      await run(rows, { chunkRows: 300 });
      expect(await value('SELECT count(DISTINCT mood)::int FROM moods')).toBe(2);
      expect(await value('SELECT count(DISTINCT tableoid)::int FROM days')).toBe(3);
      expect(await value('SELECT count(*)::int FROM below_1x')).toBe(50);
      expect(await value('SELECT count(DISTINCT tableoid)::int FROM tree')).toBe(2);
      await expect(run({ Short: 60 })).rejects.toMatchObject({
        code: 'SEED_CHECK_VIOLATED',
        state: 'Nothing was written.',
        details: [
          expect.stringContaining(
            'Short.id: 11 of the first 60 rows fit no partition of public.short, PARTITION BY RANGE (id), such as id = "50".',
          ),
        ],
      });
      expect((await undo()).map(({ missing }) => missing)).toEqual([0, 0, 0, 0]);
      expect(
        await value('SELECT (SELECT count(*) FROM tree)::int + (SELECT count(*) FROM days)::int'),
      ).toBe(0);
    },
  ));

test('a trigger that changes keys or leaves rows out is found before the rows are committed', () =>
  withTables(
    `CREATE TABLE moved (id int PRIMARY KEY); CREATE TABLE halved (id int PRIMARY KEY); CREATE TABLE stamped (id int PRIMARY KEY, at timestamptz);
     CREATE FUNCTION move() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.id := NEW.id + 1000; RETURN NEW; END';
     CREATE FUNCTION halve() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN IF NEW.id % 2 = 0 THEN RETURN NULL; END IF; RETURN NEW; END';
     CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.at := now(); RETURN NEW; END';
     CREATE TRIGGER mover BEFORE INSERT ON moved FOR EACH ROW EXECUTE FUNCTION move();
     CREATE TRIGGER halver BEFORE INSERT ON halved FOR EACH ROW EXECUTE FUNCTION halve();
     CREATE TRIGGER stamper BEFORE INSERT OR UPDATE ON stamped FOR EACH ROW EXECUTE FUNCTION stamp()`,
    (sequelize) => {
      for (const name of ['Moved', 'Halved', 'Stamped'])
        model(sequelize, name, name.toLowerCase(), { id: pk });
    },
    async ({ run, undo, value }) => {
      for (const [name, missing, trigger] of [
        ['Moved', 10, 'mover'],
        ['Halved', 5, 'halver'],
      ] as const) {
        const table = name.toLowerCase();
        await expect(run({ [name]: 10 })).rejects.toMatchObject({
          code: 'SEED_WRITE_FAILED',
          message: `Filling public.${table} (${name}) failed: ${missing} of 10 rows are not there under the keys that they were given.`,
          details: [`Triggers before INSERT: ${trigger}`],
        });
        expect(await value(`SELECT count(*)::int FROM ${table}`)).toBe(0);
      }
      await undo();
      await run({ Stamped: 400 }, { chunkRows: 100 });
      expect((await undo()).map(({ removed }) => removed)).toEqual([400]);
    },
  ));

test('generated columns decide what their bases may be', () =>
  withTables(
    `CREATE TABLE next (id serial PRIMARY KEY, small int, code text UNIQUE GENERATED ALWAYS AS (chr(64 + small % 26) || chr(64 + small / 26 % 26) || chr(65 + small / 676)) STORED);
     CREATE TABLE twice (id serial PRIMARY KEY, far int UNIQUE, double int GENERATED ALWAYS AS (far * 2) STORED);
     CREATE TABLE child (id serial PRIMARY KEY, ref int NOT NULL, parent int GENERATED ALWAYS AS (ref) STORED REFERENCES next);
     CREATE TABLE bare ()`,
    (sequelize) => {
      model(sequelize, 'Next', 'next', {
        id: pk,
        small: { type: INTEGER, validate: { min: 1, max: 900 } },
      });
      model(sequelize, 'Twice', 'twice', { id: pk });
      model(sequelize, 'Child', 'child', { id: pk });
      model(sequelize, 'Bare', 'bare', {}).removeAttribute('id');
    },
    async ({ run, value }) => {
      await run({ Next: 900, Bare: 7 });
      expect(await value('SELECT count(DISTINCT code)::int FROM next')).toBe(900);
      expect(await value('SELECT count(*)::int FROM bare')).toBe(7);
      await expect(run({ Twice: 100 })).rejects.toMatchObject({
        code: 'SEED_CHECK_VIOLATED',
        details: [
          expect.stringContaining(
            'Twice.far: the generated column double of public.twice, (far * 2), fails for such rows: integer out of range.',
          ),
        ],
      });
      await expect(run({ Child: 5 })).rejects.toMatchObject({
        code: 'SEED_PLAN_IMPOSSIBLE',
        message:
          'Child.parent is a foreign key that the database generates from other columns: fill this table by a seeder.',
      });
    },
  ));

test('what is no table, or one of several models of a table, or without a model', () =>
  withTables(
    `CREATE SCHEMA "far.away"; CREATE TABLE "far.away".kinds (id int PRIMARY KEY); INSERT INTO "far.away".kinds VALUES (1), (2);
     CREATE TABLE users (id serial PRIMARY KEY, name text, email text UNIQUE NOT NULL, kind int NOT NULL REFERENCES "far.away".kinds);
     CREATE TABLE posts (id serial PRIMARY KEY, "loginId" int NOT NULL);
     CREATE VIEW names AS SELECT id AS "userId", name FROM users; CREATE MATERIALIZED VIEW counts AS SELECT count(*) FROM users`,
    (sequelize) => {
      const User = model(sequelize, 'User', 'users', { id: pk, name: TEXT });
      const Login = model(sequelize, 'Login', 'users', {
        id: pk,
        email: { type: TEXT, validate: { isEmail: true } },
      });
      const Post = model(sequelize, 'Post', 'posts', { id: pk });
      User.hasOne(Login, { foreignKey: 'id' });
      Login.hasMany(Post, { foreignKey: 'loginId' });
      const Name = model(sequelize, 'Name', 'names', { userId: pk, name: TEXT });
      User.hasOne(Name, { foreignKey: 'userId' });
      model(sequelize, 'Count', 'counts', { count: pk });
      const Gone = model(sequelize, 'Gone', 'gone', { id: pk });
      User.hasMany(Gone, { foreignKey: 'userId' });
    },
    async ({ run, value }) => {
      await expect(run({ User: 20 })).rejects.toMatchObject({
        code: 'SEED_PLAN_IMPOSSIBLE',
        message:
          'The table gone of the model Gone does not exist: run "keel db:migrate" first, or leave it out with --rows Gone=0.',
      });
      const notices: string[] = [];
      const onEvent = (event: BulkEvent): void => {
        if (event.event === 'notice') notices.push(event.message);
      };
      await run({ User: 20, Post: 50, Gone: 0 }, { onEvent });
      expect(notices).toEqual(['Name gets no rows: public.names is not a plain table.']);
      expect(
        await value(`SELECT count(*)::int FROM users WHERE email LIKE '%@%' AND kind <= 2`),
      ).toBe(20);
      expect(
        await value('SELECT count(*)::int FROM posts JOIN users ON users.id = "loginId"'),
      ).toBe(50);
      await expect(run({ User: 30, Login: 40, Gone: 0 })).rejects.toMatchObject({
        message:
          'User and Login are models of one table, public.users: ask for the rows of one of them.',
      });
      await expect(run({ Count: 1 })).rejects.toMatchObject({
        message: 'Count: public.counts is not a plain table and cannot be filled.',
      });
    },
  ));
