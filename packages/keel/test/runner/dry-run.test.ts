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
    const { locks } = JSON.parse((await keel(['db:migrate', '--dry-run', '--json'])).stdout) as {
      locks: object[];
    };
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
