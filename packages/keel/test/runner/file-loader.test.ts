import { migration, tableMigration, withDatabaseProject } from '../support/project';

test('a file is loaded while the one before is recorded, as that has left it', () =>
  withDatabaseProject(
    {
      'migrations/1-a.js': migration(
        `require('node:fs').writeFileSync(require('node:path').join(__dirname, '2-b.js'),
           ${JSON.stringify(tableMigration('written'))});`,
      ),
      'migrations/2-b.js': migration(`throw new Error('the text of before');`),
      'migrations/3-c.js': `throw new Error('not now');`,
      'migrations/4-d.js': tableMigration('d'),
    },
    async ({ keel, state, write }) => {
      const failed = await keel(['db:migrate']);
      expect(failed.code).toBe(1);
      expect(failed.stderr).toMatch(
        /3-c\.js could not be loaded: not now[^]*Nothing of 3-c\.js was run\.\n.*this run applied 1-a\.js, 2-b\.js; that stays/,
      );
      expect(await state()).toMatchObject({ migrations: ['1-a.js', '2-b.js'] });

      write({ 'migrations/3-c.js': tableMigration('c') });
      expect(await keel(['db:migrate'])).toMatchObject({ code: 0 });
      expect(await keel(['db:migrate:undo:all'])).toMatchObject({ code: 0 });
      expect(await keel(['db:migrate'])).toMatchObject({ code: 0 });
    },
  ));
