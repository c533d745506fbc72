import { defineModels } from '../fixtures/associations/models/define-models';
import { connectTo, withModels, type BulkBench } from '../support/bulk';

const TABLES = ['users', 'profiles', 'posts', 'students', 'courses', '"StudentCourses"'];
const ROWS = { User: 300, Post: 5000, Student: 200, Course: 40 };

async function hashes(bench: BulkBench): Promise<Record<string, string>> {
  const entries: [string, string][] = [];
  for (const table of TABLES) entries.push([table, await bench.hash(table)]);
  return Object.fromEntries(entries);
}

const withAssociations = <T>(use: (bench: BulkBench) => Promise<T>): Promise<T> =>
  withModels((sequelize) => void defineModels(sequelize), use);

test('the associations say what is made: one to one, one to many, many to many', () =>
  withAssociations(async (bench) => {
    const { tables } = await bench.run({ ...ROWS, Profile: 250 });
    expect(tables.map(({ model, rows, written }) => [model, rows, written])).toEqual([
      ['User', 300, 300],
      ['Profile', 250, 250],
      ['Post', 5000, 5000],
      ['Student', 200, 200],
      ['Course', 40, 40],
      ['StudentCourses', 600, 600],
    ]);
    expect(await bench.value('SELECT count(DISTINCT "userId")::int FROM profiles')).toBe(250);
    expect(await bench.value('SELECT count(DISTINCT "userId")::int FROM posts')).toBe(300);
    expect(
      await bench.value('SELECT count(*)::int FROM posts p JOIN users u ON u.id = p."userId"'),
    ).toBe(5000);
    expect(
      await bench.value(
        'SELECT count(DISTINCT ("studentId", "courseId"))::int FROM "StudentCourses"',
      ),
    ).toBe(600);
    expect(
      await bench.value(
        'SELECT min(length(content)) >= 100 AND max(length(content)) <= 200 FROM posts',
      ),
    ).toBe(true);
    expect(await bench.value('SELECT bool_and("updatedAt" >= "createdAt") FROM posts')).toBe(true);
    // The planner knows of the rows at once.
    expect(await bench.value("SELECT reltuples::int FROM pg_class WHERE relname = 'posts'")).toBe(
      5000,
    );
  }));

test('rows that the application creates afterwards do not clash', () =>
  withAssociations(async (bench) => {
    await bench.run(ROWS);
    const user = await bench.sequelize.models.User!.create({ name: 'Ada' } as never);
    expect(user.get('id')).toBe(301);
    await bench.run({ ...ROWS, User: 310, Post: 5010 });
    expect(await bench.value('SELECT count(*)::int FROM users')).toBe(311);
    expect(await bench.value('SELECT max(id) FROM users')).toBe(311);
    expect(await bench.value('SELECT count(*)::int FROM profiles WHERE "userId" = 301')).toBe(0);
  }));

test('the same plan again does nothing', () =>
  withAssociations(async (bench) => {
    await bench.run(ROWS);
    const before = await hashes(bench);
    const { tables } = await bench.run(ROWS);
    expect(tables.every((table) => table.written === 0)).toBe(true);
    expect(await hashes(bench)).toEqual(before);
  }));

test('rows are the same however the run is cut up', async () => {
  const variants = [
    {},
    { chunkRows: 333, rebuild: 'never', connections: 1 },
    { chunkRows: 100, connections: 4 },
    { rebuild: 'always' },
  ] as const;
  const results = [];
  for (const options of variants) {
    results.push(
      await withAssociations(async (bench) => {
        await bench.run(ROWS, options);
        return hashes(bench);
      }),
    );
  }
  for (const result of results) expect(result).toEqual(results[0]);
});

test('another seed makes other rows', async () => {
  const results = [];
  for (const seed of [1, 2]) {
    results.push(
      await withAssociations(async (bench) => {
        await bench.run({ User: 100 }, { seed });
        return hashes(bench);
      }),
    );
  }
  expect(results[0]!.users).not.toBe(results[1]!.users);
});

test('larger numbers append, and leave what is there as it was', () =>
  withAssociations(async (bench) => {
    await bench.run({ User: 100, Post: 2000, Student: 50, Course: 10, StudentCourses: 150 });
    const first =
      'SELECT md5(string_agg(p::text, $$|$$ ORDER BY id)) FROM posts p WHERE id <= 2000';
    const before = await bench.value(first);
    const { tables } = await bench.run({
      User: 150,
      Post: 3000,
      Student: 80,
      Course: 20,
      StudentCourses: 500,
    });
    expect(tables.map(({ model, written }) => [model, written])).toEqual([
      ['User', 50],
      ['Profile', 50],
      ['Post', 1000],
      ['Student', 30],
      ['Course', 10],
      ['StudentCourses', 350],
    ]);
    expect(await bench.value(first)).toBe(before);
    expect(await bench.value('SELECT count(DISTINCT "userId")::int FROM profiles')).toBe(150);
    expect(
      await bench.value(
        'SELECT count(DISTINCT ("studentId", "courseId"))::int FROM "StudentCourses"',
      ),
    ).toBe(500);
  }));

test('fewer rows, another seed or another plan are refused with what changed', () =>
  withAssociations(async (bench) => {
    await bench.run({ User: 100 });
    const before = await hashes(bench);
    await expect(bench.run({ User: 50 })).rejects.toMatchObject({
      code: 'SEED_PLAN_IMPOSSIBLE',
      details: expect.arrayContaining([
        expect.stringContaining('User: 100 rows were made before, 50 are asked for'),
      ]),
    });
    await expect(bench.run({ User: 100 }, { seed: 9 })).rejects.toMatchObject({
      code: 'SEED_PLAN_CHANGED',
      details: expect.arrayContaining(['User: the seed was 1, now 9']),
    });
    const file = { models: { User: { columns: { name: { kind: 'uuid' as const } } } } };
    await expect(bench.run({ User: 100 }, { file })).rejects.toMatchObject({
      code: 'SEED_PLAN_CHANGED',
      details: [expect.stringMatching(/^User\.name: generator was .*fullName.*, now .*uuid/)],
    });
    expect(await hashes(bench)).toEqual(before);
  }));

test('undo removes exactly what was made', () =>
  withAssociations(async (bench) => {
    const { User, Post } = bench.sequelize.models;
    const mine = await User!.create({ name: 'Mine' } as never);
    await Post!.create({ title: 'Mine', userId: mine.get('id') } as never);
    const before = await hashes(bench);
    await bench.run({ User: 50, Post: 300, Student: 20, Course: 10 });
    await bench.run({ User: 60, Post: 400, Student: 20, Course: 10 });
    await bench.client.query('DELETE FROM posts WHERE id = 17');
    const undone = await bench.undo();
    expect(undone.map(({ model, removed, missing }) => [model, removed, missing])).toEqual([
      ['StudentCourses', 60, 0],
      ['Course', 10, 0],
      ['Student', 20, 0],
      ['Post', 399, 1],
      ['Profile', 60, 0],
      ['User', 60, 0],
    ]);
    expect(await hashes(bench)).toEqual(before);
    expect(
      await bench.value("SELECT count(*)::int FROM pg_tables WHERE tablename LIKE '%bulk%'"),
    ).toBe(0);
    expect(await bench.undo()).toEqual([]);
  }));

test('undo removes rows that the application has changed, and none of a table that was renamed', () =>
  withAssociations(async (bench) => {
    await bench.run({ User: 50, Post: 300 });
    await bench.client.query(`UPDATE posts SET title = 'changed', "userId" = NULL WHERE id <= 100;
      UPDATE posts SET id = 9000 WHERE id = 7; ALTER TABLE posts RENAME TO articles`);
    await expect(bench.undo()).rejects.toMatchObject({
      code: 'SEED_UNDO_TABLE_GONE',
      message: 'Bulk data was made for public.posts, which is not there any more.',
      state: 'Nothing was removed.',
      hint: expect.stringContaining(
        `DELETE FROM "keel"."bulk" WHERE scope = 'public' AND name IN ('public.posts')`,
      ),
    });
    expect(await bench.value('SELECT count(*)::int FROM profiles')).toBe(50);
    await bench.client.query('ALTER TABLE articles RENAME TO posts');
    const undone = await bench.undo();
    expect(undone.map(({ model, removed, missing }) => [model, removed, missing])).toEqual([
      ['Post', 299, 1],
      ['Profile', 50, 0],
      ['User', 50, 0],
    ]);
    // Another key makes it another row.
    expect(await bench.value('SELECT array_agg(id) FROM posts')).toEqual([9000]);
  }));

test('undo does not touch rows of others by way of ON DELETE', () =>
  withAssociations(async (bench) => {
    await bench.run({ User: 50, Post: 100 });
    const post = await bench.sequelize.models.Post!.create({ title: 'Mine', userId: 7 } as never);
    await expect(bench.undo()).rejects.toMatchObject({
      code: 'SEED_UNDO_REFERENCED',
      message: expect.stringContaining(
        '1 row that bulk data did not make refers to rows of public.users',
      ),
    });
    await post.reload();
    expect(post.get('userId')).toBe(7);
    await post.destroy();
    await bench.undo();
    expect(await bench.value('SELECT count(*)::int FROM users')).toBe(0);
  }));

test('rows that are there already serve as parents where nothing else is asked for', () =>
  withAssociations(async (bench) => {
    await bench.sequelize.models.User!.bulkCreate([{ name: 'A' }, { name: 'B' }] as never);
    await bench.run({ Post: 100 });
    expect(await bench.value('SELECT count(*)::int FROM users')).toBe(2);
    expect(await bench.value('SELECT count(*)::int FROM profiles')).toBe(0);
    expect(await bench.value('SELECT count(DISTINCT "userId")::int FROM posts')).toBe(2);
    await bench.undo();
    expect(await bench.value('SELECT count(*)::int FROM posts')).toBe(0);
    expect(await bench.value('SELECT count(*)::int FROM users')).toBe(2);
  }));

test('foreign keys come back as they were', () =>
  withAssociations(async (bench) => {
    const keys = `SELECT string_agg(conname || pg_get_constraintdef(oid) || convalidated || coalesce(obj_description(oid), ''), ';' ORDER BY conname)
                    FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace`;
    await bench.client.query(`COMMENT ON CONSTRAINT "posts_userId_fkey" ON posts IS 'it''s kept'`);
    const before = await bench.value<string>(keys);
    const steps: string[] = [];
    await bench.run(
      { User: 100, Post: 30_000 },
      {
        onEvent: (event) =>
          event.event === 'constraints' && steps.push(`${event.table} ${event.step}`),
      },
    );
    expect(steps).toEqual(['public.posts dropped', 'public.posts adding']);
    expect(await bench.value(keys)).toBe(before);
  }));

test('while keys are added back, tables that share nothing with theirs are filled; a failure then ends the run', () =>
  withAssociations(async (bench) => {
    const rules = `SELECT string_agg(conname || pg_get_constraintdef(oid), ';' ORDER BY conname) || to_regclass('posts_user_id')::text
                     FROM pg_constraint WHERE connamespace = 'public'::regnamespace`;
    const before = await bench.value<string>(rules);
    const steps: string[] = [];
    const run = () =>
      bench.run(
        { User: 10, Post: 500, Student: 20, Course: 5 },
        {
          rebuild: 'always',
          onEvent: (event) =>
            (event.event === 'table' || event.event === 'done') &&
            steps.push(`${event.event} ${event.table.replace('public.', '')}`),
        },
      );
    await bench.client.query(`
      CREATE FUNCTION refuse() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no index today'; END $$;
      CREATE EVENT TRIGGER refuse ON ddl_command_end WHEN TAG IN ('CREATE INDEX') EXECUTE FUNCTION refuse()`);
    await expect(run()).rejects.toMatchObject({
      code: 'SEED_WRITE_FAILED',
      message: 'Filling public.posts (Post) failed: no index today',
    });
    expect(await bench.value(rules)).toBe(before);
    expect(await bench.value('SELECT count(*)::int FROM posts')).toBe(0);
    expect(steps).not.toContain('done posts');

    await bench.client.query('DROP EVENT TRIGGER refuse');
    steps.length = 0;
    await run();
    expect(await bench.value(rules)).toBe(before);
    expect(await bench.value('SELECT count(*)::int FROM posts')).toBe(500);
    const at = (step: string) => steps.indexOf(step);
    expect(at('table students')).toBeLessThan(at('done posts'));
    await bench.undo();
    steps.length = 0;
    await run();
    // Both refer to users, which each of them locks.
    expect(at('done profiles')).toBeLessThan(at('table posts'));
    expect(at('done courses')).toBeLessThan(at('table StudentCourses'));
    expect(await bench.value(rules)).toBe(before);
  }));

test('plain indexes are made anew over the rows of an empty table, all others stay', () =>
  withAssociations(async (bench) => {
    await bench.client.query(`
      CREATE INDEX plain_hash ON posts USING hash (title);
      CREATE INDEX plain_partial ON posts (title DESC NULLS LAST, "userId") INCLUDE (id) WITH (fillfactor = 70) WHERE "userId" > 3;
      CREATE INDEX stays_expression ON posts (lower(title));
      CREATE UNIQUE INDEX stays_unique ON posts (id, title);
      CREATE INDEX stays_commented ON posts (content);
      COMMENT ON INDEX stays_commented IS 'slow';
      CREATE INDEX stays_clustered ON posts ("createdAt");
      ALTER TABLE posts CLUSTER ON stays_clustered`);
    const definitions = `SELECT string_agg(pg_get_indexdef(indexrelid) || indisvalid || indisclustered, ';' ORDER BY indexrelid::regclass::text)
                           FROM pg_index WHERE indrelid = 'posts'::regclass`;
    const oids = async (): Promise<Record<string, number>> =>
      bench.value(
        `SELECT json_object_agg(indexrelid::regclass, indexrelid) FROM pg_index WHERE indrelid = 'posts'::regclass`,
      );
    const before = { definitions: await bench.value(definitions), oids: await oids() };
    await bench.run({ User: 10, Post: 500 }, { rebuild: 'always' });
    expect(await bench.value(definitions)).toBe(before.definitions);
    const after = await oids();
    const made = Object.keys(after).filter((name) => after[name] !== before.oids[name]);
    expect(made.sort()).toEqual(['plain_hash', 'plain_partial', 'posts_user_id']);
    await bench.run({ User: 10, Post: 600 }, { rebuild: 'always' });
    expect(await oids()).toEqual(after);
  }));

test('constraints stay live where the role could not add them back', () =>
  withAssociations(async (bench) => {
    const role = `owner_${process.pid}_${Date.now()}`;
    await bench.client.query(`CREATE ROLE ${role} LOGIN PASSWORD 'x';
      GRANT CREATE, USAGE ON SCHEMA public TO ${role};
      GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA public TO ${role};
      GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO ${role};
      ALTER TABLE posts OWNER TO ${role}`);
    try {
      const as = Object.assign(new URL(bench.url), { username: role, password: 'x' });
      const { tables } = await bench.run(
        { User: 10, Post: 100 },
        { connect: () => connectTo(as.href), rebuild: 'always' },
      );
      expect(tables.find(({ model }) => model === 'Post')?.written).toBe(100);
    } finally {
      await bench.client.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
    }
  }));

test('two runs at once do not mix', () =>
  withAssociations(async (bench) => {
    const rows = { User: 200, Post: 2000 };
    const results = await Promise.all([bench.run(rows), bench.run(rows)]);
    expect(
      results.map(({ tables }) => tables.reduce((sum, table) => sum + table.written, 0)).sort(),
    ).toEqual([0, 2400]);
    let second: Promise<unknown> | undefined;
    const disturb = (): void => {
      second ??= bench.run(rows, { lockTimeoutMs: 1 }).catch((error: unknown) => error);
    };
    await bench.run(
      { ...rows, Post: 9000 },
      {
        onEvent: ({ event }) => {
          if (event === 'table') disturb();
        },
      },
    );
    expect(await second).toMatchObject({ code: 'LOCK_TIMEOUT' });
  }));

test('parents that were there already may get company, but must not change', () =>
  withAssociations(async (bench) => {
    await bench.client.query(
      `INSERT INTO users (name, "createdAt", "updatedAt") SELECT 'u', now(), now() FROM generate_series(1, 9)`,
    );
    await bench.run({ Post: 100 });
    await bench.client.query(
      `INSERT INTO users (name, "createdAt", "updatedAt") VALUES ('u', now(), now())`,
    );
    await bench.run({ Post: 200 });
    expect(await bench.value('SELECT count(DISTINCT "userId")::int FROM posts')).toBe(10);
    await bench.client.query('UPDATE users SET id = 1000 WHERE id = 1');
    await expect(bench.run({ Post: 300 })).rejects.toMatchObject({ code: 'SEED_PLAN_CHANGED' });
    // The posts have numbers of their own, by which they are found.
    await bench.undo();
    expect(await bench.value('SELECT count(*)::int FROM posts')).toBe(0);
    expect(await bench.value('SELECT count(*)::int FROM users')).toBe(10);
  }));

test('plans of tables that have nothing to do with one another are undone together', () =>
  withAssociations(async (bench) => {
    await bench.run({ User: 20 }, { seed: 5 });
    await bench.run({ Student: 20, Course: 5 }, { seed: 6 });
    const undone = await bench.undo();
    expect(undone.reduce((sum, { removed, missing }) => sum + removed - missing, 0)).toBe(
      20 + 20 + 60 + 20 + 5 + 60,
    );
  }));
