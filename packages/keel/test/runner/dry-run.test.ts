import { queryDatabase, requireSuccess } from '../support/projects';
import { migration, tableMigration, withDatabaseProject } from '../support/project';

const FILES = {
  'migrations/1-a.js': tableMigration('a'),
  'migrations/2-b.js': migration(
    `await q.createTable('b', { id: S.INTEGER });
     await q.addColumn('a', 'name', S.TEXT);
     await q.sequelize.query('SELECT count(*) FROM other');`,
  ),
};

test('names the locks that it took on what was there before, and that it takes any', async () => {
  await withDatabaseProject(FILES, async ({ database, keel }) => {
    await queryDatabase(database, 'CREATE TABLE other (id int PRIMARY KEY)');
    requireSuccess('migrate', await keel(['db:migrate', '--step', '1']));
    const text = await keel(['db:migrate', '--dry-run']);
    expect(text.stderr).toContain('other sessions wait');
    expect(text.stdout).toMatch(
      /-- Locked until the end:\n-- +ACCESS EXCLUSIVE +public\.a\n-- +ACCESS SHARE +public\.other\n/,
    );
    expect(text.stdout).not.toContain('public.b\n');
    expect(text.stdout).toMatch(
      /-- ACCESS EXCLUSIVE on public\.a for \d+ ms: readers and writers wait\n/,
    );
    const { locks, files } = JSON.parse(
      (await keel(['db:migrate', '--dry-run', '--json'])).stdout,
    ) as { locks: object[]; files: object[] };
    expect(files).toMatchObject([
      {
        name: '2-b.js',
        locks: [
          { relation: 'public.a', mode: 'ACCESS EXCLUSIVE', ms: expect.any(Number) as number },
          { relation: 'public.other', mode: 'ACCESS SHARE', ms: expect.any(Number) as number },
        ],
      },
    ]);
    expect(locks).toEqual([
      { relation: 'public.a', mode: 'ACCESS EXCLUSIVE' },
      { relation: 'public.other', mode: 'ACCESS SHARE' },
    ]);
  });
});

test('waits for a lock no longer than two seconds, unless it is told otherwise', async () => {
  const asks = (value: string) =>
    migration(
      `const [[{ timeout }]] = await q.sequelize.query("SELECT current_setting('lock_timeout') AS timeout");
       if (timeout !== '${value}') throw new Error(timeout);`,
    );
  await withDatabaseProject({ 'migrations/1-a.js': asks('2s') }, async ({ keel, write }) => {
    requireSuccess('dry run', await keel(['db:migrate', '--dry-run']));
    write({ 'migrations/1-a.js': asks('7s') });
    requireSuccess('dry run', await keel(['db:migrate', '--dry-run', '--lock-timeout', '7s']));
  });
});

test('--offline shows the same from a scratch database, and runs nothing on the real one', async () => {
  const files = {
    'migrations/1-a.js': tableMigration('a'),
    'migrations/2-b.js': migration(`await q.addColumn('a', 'name', S.TEXT);`),
    'migrations/3-c.js': migration(`await q.addIndex('a', ['name']);`),
  };
  await withDatabaseProject(files, async ({ keel, state, write }) => {
    requireSuccess('migrate', await keel(['db:migrate', '--step', '1']));
    const before = await state();
    const text = await keel(['db:migrate', '--dry-run', '--offline']);
    expect(text).toMatchObject({ code: 0, stderr: '' });
    expect(text.stdout).not.toContain('1-a.js');
    expect(text.stdout).toContain('ALTER TABLE "public"."a" ADD COLUMN "name" TEXT;');
    expect(text.stdout).toMatch(/-- ACCESS EXCLUSIVE on public\.a for \d+ ms: readers and writers/);
    expect(text.stdout).toMatch(/-- SHARE on public\.a for \d+ ms: writers wait/);
    expect(text.stdout).toContain('-- 2 files; the real database was only read.');

    const one = await keel(['db:migrate', '--offline', '--to', '2-b.js', '--json']);
    expect(JSON.parse(one.stdout)).toMatchObject({ files: [{ name: '2-b.js' }] });

    const nowhere = { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' };
    const alone = await keel(['db:migrate', '--offline'], nowhere);
    expect(alone.stderr).toContain('every file counts as pending');
    expect(alone.stdout).toContain('-- 3 files;');

    write({ 'migrations/4-d.js': migration(`throw new Error('no rows');`) });
    const failing = await keel(['db:migrate', '--offline']);
    expect(failing.code).toBe(1);
    expect(failing.stderr).toContain('4-d.js fails on a scratch database.');
    expect(failing.stderr).toContain('no rows');
    expect(await state()).toEqual(before);
  });
});
