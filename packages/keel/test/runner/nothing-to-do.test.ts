import { linesOf, type ProgramResult } from '../support/projects';
import { migration, tableMigration, withDatabaseProject } from '../support/project';

const said = (result: ProgramResult) => ({ code: result.code, lines: linesOf(result).slice(2) });

test('says what is pending where what was asked for has run', async () => {
  const files = {
    'migrations/1-a.js': tableMigration('a'),
    'migrations/2-b.js': tableMigration('b'),
    'seeders/1-x.js': migration(''),
    'seeders/2-y.js': migration(''),
  };
  await withDatabaseProject(files, async ({ keel }) => {
    expect(said(await keel(['db:seed:undo']))).toEqual({
      code: 0,
      lines: ['No seeders found.', 'None of them has run, so none was undone.'],
    });
    await keel(['db:migrate', '--to', '1-a.js']);
    expect(said(await keel(['db:migrate', '--to', '1-a.js']))).toEqual({
      code: 0,
      lines: [
        'No migrations were executed: what was asked for is applied already.',
        '1 migration pending: 2-b.js.',
      ],
    });
    const { stdout } = await keel(['db:migrate', '--to', '1-a.js', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      files: [],
      pending: 1,
      pendingNames: ['2-b.js'],
      known: 2,
    });
    await keel(['db:migrate']);
    expect(said(await keel(['db:migrate'])).lines).toEqual([
      'No migrations were executed, database schema was already up to date.',
    ]);
    await keel(['db:seed:all']);
    expect(said(await keel(['db:seed:all']))).toEqual({
      code: 0,
      lines: [
        'No seeders were executed: all of them have run already.',
        'To run them again, undo them first: keel db:seed:undo:all',
      ],
    });
    const again = await keel(['db:seed:all', '--env', 'development']);
    expect(again.stdout).toContain('first: keel db:seed:undo:all --env development');
    const wrong = await keel(['db:migrate:undo:all', '--to', 'nowhere']);
    expect(wrong).toMatchObject({ code: 1, stderr: expect.stringContaining('no file "nowhere"') });
  });
});

test('a role that may only read passes where there is nothing to do', async () => {
  await withDatabaseProject({ 'migrations/1-a.js': tableMigration('a') }, async (project) => {
    const options = new URL(project.database.url);
    options.searchParams.set('options', '-c default_transaction_read_only=on');
    const run = await project.keel(['db:migrate:undo'], { DATABASE_URL: options.href });
    expect({ code: run.code, stderr: run.stderr }).toEqual({ code: 0, stderr: '' });
    expect(await project.state()).toMatchObject({ migrations: [] });
  });
});
