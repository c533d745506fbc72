import { col, fn, literal } from 'sequelize';
import { syncColumns, unsyncColumns } from '../../src/release/sync-columns';
import { openBackfillLab, type BackfillLab } from '../backfill/lab';

let lab: BackfillLab;

beforeAll(async () => {
  lab = await openBackfillLab();
});

afterAll(() => lab.close());

test('a rename that old code survives: both names, backfill, then the old one goes', async () => {
  const { queryInterface } = lab;
  await lab.sql(
    `CREATE SCHEMA "odd s"; CREATE TABLE "odd s"."us""ers" (id serial PRIMARY KEY, "na'me" text NOT NULL DEFAULT 'none', n int);
     INSERT INTO "odd s"."us""ers" ("na'me") SELECT 'old ' || i FROM generate_series(1, 300) i;
     ALTER TABLE "odd s"."us""ers" ADD "full ""Name" text`,
  );
  const table = { schema: 'odd s', tableName: 'us"ers' };
  const sync = {
    table,
    forward: { 'full "Name': literal(`"na'me"`) },
    back: { "na'me": literal('"full ""Name"') },
  };
  await syncColumns(queryInterface, sync);
  await lab.run({
    table,
    batch: 50,
    set: sync.forward,
    where: literal(`"full ""Name" IS DISTINCT FROM "na'me"`),
    onProgress: () => undefined,
  });
  // Old code, new code, and both in one statement.
  await lab.sql(
    `INSERT INTO "odd s"."us""ers" (id, "na'me") VALUES (1001, 'by the old');
     INSERT INTO "odd s"."us""ers" (id, "full ""Name") VALUES (1002, 'by the new');
     INSERT INTO "odd s"."us""ers" (id) VALUES (1003);
     UPDATE "odd s"."us""ers" SET "na'me" = 'renamed by the old' WHERE id = 1;
     UPDATE "odd s"."us""ers" SET "full ""Name" = 'renamed by the new' WHERE id = 2;
     UPDATE "odd s"."us""ers" SET "full ""Name" = 'new', "na'me" = 'old' WHERE id = 3;
     UPDATE "odd s"."us""ers" SET n = 1 WHERE id = 4`,
  );
  const rows = await lab.sql(
    `SELECT id, "na'me" AS old, "full ""Name" AS new FROM "odd s"."us""ers" WHERE id < 5 OR id > 1000 ORDER BY id`,
  );
  expect(rows.map(({ id, old }) => [id, old])).toEqual([
    [1, 'renamed by the old'],
    [2, 'renamed by the new'],
    [3, 'new'],
    [4, 'old 4'],
    [1001, 'by the old'],
    [1002, 'by the new'],
    [1003, 'none'],
  ]);
  expect(
    await lab.sql(
      `SELECT count(*)::int FROM "odd s"."us""ers" WHERE "full ""Name" IS DISTINCT FROM "na'me"`,
    ),
  ).toEqual([{ count: 0 }]);
  await unsyncColumns(queryInterface, sync);
  await lab.sql(
    `ALTER TABLE "odd s"."us""ers" DROP "na'me"; INSERT INTO "odd s"."us""ers" ("full ""Name") VALUES ('alone')`,
  );
  expect(
    await lab.sql(`SELECT count(*)::int FROM pg_proc WHERE proname LIKE 'keel_sync%'`),
  ).toEqual([{ count: 0 }]);
});

test('a type changed and a column split, where the way back loses a part, also on a partitioned table', async () => {
  const { queryInterface } = lab;
  await lab.sql(
    `CREATE TABLE items (id int, price numeric(10,3), name text, cents int, first text, last text, PRIMARY KEY (id)) PARTITION BY RANGE (id);
     CREATE TABLE items_1 PARTITION OF items DEFAULT;
     INSERT INTO items (id, price, name) SELECT i, i + 0.125, 'F' || i || ' L' || i FROM generate_series(1, 200) i`,
  );
  const cents = {
    table: 'items',
    forward: { cents: literal('round(price * 100)') },
    back: { price: literal('cents / 100.0') },
  };
  const split = {
    table: 'items',
    forward: {
      first: fn('split_part', col('name'), ' ', 1),
      last: fn('split_part', col('name'), ' ', 2),
    },
    back: { name: literal(`first || ' ' || last`) },
  };
  await syncColumns(queryInterface, cents);
  await syncColumns(queryInterface, split);
  await lab.run({ table: 'items', set: { ...cents.forward, ...split.forward } });
  await lab.sql(
    `UPDATE items SET cents = 777 WHERE id = 7; UPDATE items SET price = 8 WHERE id = 8; UPDATE items SET last = 'Z' WHERE id = 9`,
  );
  expect(
    await lab.sql(
      'SELECT id, price::float8, cents, name, first, last FROM items WHERE id BETWEEN 6 AND 9 ORDER BY id',
    ),
  ).toEqual([
    { id: 6, price: 6.125, cents: 613, name: 'F6 L6', first: 'F6', last: 'L6' },
    { id: 7, price: 7.77, cents: 777, name: 'F7 L7', first: 'F7', last: 'L7' },
    { id: 8, price: 8, cents: 800, name: 'F8 L8', first: 'F8', last: 'L8' },
    { id: 9, price: 9.125, cents: 913, name: 'F9 Z', first: 'F9', last: 'Z' },
  ]);
  await expect(syncColumns(queryInterface, { ...cents, back: {} })).rejects.toMatchObject({
    code: 'SYNC_INVALID',
  });
  const open = { table: 'items', forward: { first: undefined }, back: { name: col('first') } };
  await expect(syncColumns(queryInterface, open)).rejects.toMatchObject({
    code: 'SYNC_INVALID',
    message: expect.stringContaining('has no expression for "first"') as string,
  });
  await unsyncColumns(queryInterface, split);
  await unsyncColumns(queryInterface, cents);
  // Where there are no rows, it waits for the expression, and there is nothing to undo.
  await lab.sql('DELETE FROM items');
  await syncColumns(queryInterface, open);
  await lab.sql(`INSERT INTO items (id, name) VALUES (1, 'a')`);
  await unsyncColumns(queryInterface, open);
});

test('what another trigger makes of a column is in step too, whatever its name', async () => {
  const { queryInterface } = lab;
  await lab.sql(
    `CREATE TABLE mails (id int PRIMARY KEY, mail text, address text);
     CREATE FUNCTION small() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.mail = lower(NEW.mail); RETURN NEW; END';
     CREATE TRIGGER zz_small BEFORE INSERT OR UPDATE ON mails FOR EACH ROW EXECUTE FUNCTION small()`,
  );
  const sync = {
    table: 'mails',
    forward: { address: col('mail') },
    back: { mail: col('address') },
  };
  await syncColumns(queryInterface, sync);
  await lab.sql(
    `INSERT INTO mails (id, mail) VALUES (1, 'A@X'), (2, 'B@X'); UPDATE mails SET mail = 'C@X' WHERE id = 2`,
  );
  expect(await lab.sql('SELECT mail, address FROM mails ORDER BY id')).toEqual([
    { mail: 'a@x', address: 'a@x' },
    { mail: 'c@x', address: 'c@x' },
  ]);
  await unsyncColumns(queryInterface, sync);
  expect(await lab.sql(`SELECT tgname FROM pg_trigger WHERE tgrelid = 'mails'::regclass`)).toEqual([
    { tgname: 'zz_small' },
  ]);
});
