import { DataTypes, type Sequelize } from 'sequelize';
import { previewBulk } from '../../../src/bulk/preview-bulk';
import { undoBulk } from '../../../src/bulk/undo-bulk';
import { connectTo, withModels, type BulkBench } from '../../support/bulk';

function define(sequelize: Sequelize): void {
  const id = { type: DataTypes.INTEGER, primaryKey: true, autoIncrement: true };
  const User = sequelize.define('User', { id, name: DataTypes.STRING }, { timestamps: false });
  const Post = sequelize.define('Post', { id, title: DataTypes.STRING }, { timestamps: false });
  User.hasMany(Post, { foreignKey: 'userId' });
  Post.belongsTo(User, { foreignKey: 'userId' });
}

/** Puts the record where earlier versions made it, as they made it. */
const MADE_BEFORE = `
  CREATE TABLE "public".keel_bulk (name text PRIMARY KEY, "position" integer NOT NULL, seed bigint NOT NULL,
    generator_version integer NOT NULL, plan jsonb NOT NULL, segments jsonb NOT NULL, fingerprint text,
    started timestamptz NOT NULL DEFAULT now(), finished timestamptz);
  CREATE TABLE "public".keel_bulk_chunks (name text NOT NULL REFERENCES "public".keel_bulk ON DELETE CASCADE,
    pass smallint NOT NULL, first_row bigint NOT NULL, end_row bigint NOT NULL, PRIMARY KEY (name, pass, first_row));
  INSERT INTO keel_bulk SELECT name, "position", seed, generator_version, plan, segments, fingerprint, started, finished FROM keel.bulk;
  INSERT INTO keel_bulk_chunks SELECT name, pass, first_row, end_row FROM keel.bulk_chunks;
  DROP SCHEMA keel CASCADE`;

const OLD = "SELECT to_regclass('public.keel_bulk') IS NOT NULL";
const NEW = "SELECT to_regclass('keel.bulk') IS NOT NULL";

/** Bulk data of an earlier version, the last posts of which it was killed before. */
async function withEarlierData<T>(
  use: (bench: BulkBench, whole: string) => Promise<T>,
): Promise<T> {
  return withModels(define, async (bench) => {
    await bench.run({ User: 50, Post: 300 }, { chunkRows: 100, connections: 1 });
    const whole = await bench.hash('"Posts"');
    await bench.client.query(`${MADE_BEFORE};
      DELETE FROM "Posts" WHERE id > 200; DELETE FROM keel_bulk_chunks WHERE name = 'public.Posts' AND first_row = 200;
      UPDATE keel_bulk SET finished = NULL WHERE name = 'public.Posts'`);
    return use(bench, whole);
  });
}

test('a run of an earlier version goes on, grows and is undone, its record carried over', () =>
  withEarlierData(async (bench, whole) => {
    const { run, undo, value, hash, sequelize, url } = bench;
    const options = {
      connect: () => connectTo(url),
      models: Object.values(sequelize.models),
      rows: new Map([
        ['User', 50],
        ['Post', 300],
      ]),
    };
    const { tables } = await previewBulk(options);
    expect(tables.map(({ model, missing }) => [model, missing])).toEqual([
      ['User', 0],
      ['Post', 100],
    ]);
    expect(await value(OLD)).toBe(true);
    const resumed = await run({ User: 50, Post: 300 });
    expect(resumed.tables.map(({ model, written }) => [model, written])).toEqual([
      ['User', 0],
      ['Post', 100],
    ]);
    expect(await hash('"Posts"')).toBe(whole);
    expect([await value(OLD), await value(NEW)]).toEqual([false, true]);
    await run({ User: 60, Post: 350 });
    await undo();
    expect(await value('SELECT count(*)::int FROM "Posts"')).toBe(0);
    expect(await value(NEW)).toBe(false);
  }));

test('an undo carries the record over too', () =>
  withEarlierData(async ({ undo, value }) => {
    expect((await undo()).map(({ model, removed }) => [model, removed])).toEqual([
      ['Post', 200],
      ['User', 50],
    ]);
    expect([await value(OLD), await value(NEW)]).toEqual([false, false]);
  }));

test.each([
  [
    'that something depends on',
    'CREATE VIEW watched AS SELECT name FROM keel_bulk',
    'DROP VIEW watched',
  ],
  ['where another schema is called keel', 'CREATE SCHEMA keel', 'DROP SCHEMA keel'],
])('a record %s stays where it is, and everything works', (_, before, after) =>
  withEarlierData(async ({ run, undo, value, hash, client }, whole) => {
    await client.query(before);
    await run({ User: 50, Post: 300 });
    expect(await hash('"Posts"')).toBe(whole);
    expect([await value(OLD), await value(NEW)]).toEqual([true, false]);
    await client.query(after.startsWith('DROP VIEW') ? after : 'SELECT 1');
    await undo();
    expect(await value('SELECT count(*)::int FROM "Users"')).toBe(0);
    expect(await value(OLD)).toBe(false);
  }),
);

test('projects that share a database have records of their own', () =>
  withModels(define, async ({ run, value, url, client }) => {
    const connect = (): ReturnType<typeof connectTo> => connectTo(url);
    await run({ User: 10, Post: 20 }, { schema: 'one' });
    expect(await undoBulk({ connect, schema: 'two' })).toEqual([]);
    expect(await value('SELECT count(*)::int FROM "Posts"')).toBe(20);
    await client.query(
      `INSERT INTO keel.bulk SELECT 'two', 'public.gone', "position", seed, generator_version, plan, segments FROM keel.bulk LIMIT 1`,
    );
    expect(await undoBulk({ connect, schema: 'one' })).toHaveLength(2);
    expect(await value('SELECT scope FROM keel.bulk')).toBe('two');
  }));

test("a record of another role's is not passed over by one that may not write to it", () =>
  withModels(define, async ({ run, url, client, value }) => {
    const role = `clerk_${process.pid}_${Date.now()}`;
    await run({ User: 10, Post: 20 });
    await client.query(`CREATE ROLE ${role} LOGIN PASSWORD 'x'; GRANT CREATE ON DATABASE ${await value('SELECT quote_ident(current_database())')} TO ${role};
      GRANT ALL ON ALL TABLES IN SCHEMA public TO ${role}; GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO ${role}; GRANT ALL ON SCHEMA public TO ${role}`);
    const as = Object.assign(new URL(url), { username: role, password: 'x' });
    try {
      await expect(
        run({ User: 10, Post: 20 }, { connect: () => connectTo(as.href) }),
      ).rejects.toMatchObject({
        code: 'SEED_REFUSED',
        message: expect.stringContaining('permission denied for table bulk'),
      });
      expect(await value('SELECT count(*)::int FROM "Posts"')).toBe(20);
    } finally {
      await client.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
    }
  }));
