import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { withDatabase } from '../support/database';
import { migration, tableMigration, withDatabaseProject } from '../support/project';

const FILES = {
  'migrations/1-a.js': tableMigration('a'),
  'migrations/2-b.js': tableMigration('b'),
  'migrations/3-c.js': migration(`await q.addColumn('a', 'name', S.STRING);`),
};

test('what a plan says is run, and nothing else', () =>
  withDatabaseProject(FILES, async ({ root, keel, write, remove, state, database }) => {
    const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
    expect(await keel(['db:migrate', '--step', '1'])).toMatchObject({ code: 0 });
    const before = await state();
    const made = await keel(['db:plan', '--out', 'plan.json']);
    expect(made).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('A plan of 2 migrations'),
    });
    await keel(['db:plan', '--out', 'again.json']);
    expect(read('again.json')).toBe(read('plan.json'));
    expect(JSON.parse(read('plan.json'))).toMatchObject({
      database: database.connection.database,
      applied: { count: 1, last: '1-a.js' },
      files: [
        { name: '2-b.js', statements: [expect.stringContaining('CREATE TABLE')] },
        {
          name: '3-c.js',
          statements: [expect.stringContaining('ALTER TABLE')],
          locks: [expect.stringContaining('ACCESS EXCLUSIVE public.a')],
        },
      ],
    });
    expect(await state()).toEqual(before);

    const differs = async (...sentences: readonly string[]): Promise<void> => {
      const { code, stdout } = await keel(['db:migrate', '--plan', 'plan.json', '--json']);
      expect(code).toBe(1);
      const { error } = JSON.parse(stdout) as { error: Record<string, unknown> };
      expect(error).toMatchObject({ code: 'PLAN_DIFFERS', state: 'Nothing was changed.' });
      for (const sentence of sentences)
        expect([error.details].flat()).toContainEqual(expect.stringContaining(sentence));
    };
    write({ 'migrations/4-d.js': tableMigration('d'), 'migrations/3-c.js': migration('') });
    remove('migrations/2-b.js');
    await differs(
      '2-b.js is in it, and is not pending',
      '4-d.js is pending, and not in it.',
      '3-c.js has another text now.',
    );
    remove('migrations/4-d.js');
    write(FILES);
    await withDatabase(async (other) => {
      const env = { DATABASE_URL: other.url };
      const elsewhere = await keel(['db:migrate', '--plan', 'plan.json'], env);
      expect(elsewhere.stderr).toContain(
        `It is for the database "${database.connection.database}"`,
      );
    });
    expect(await state()).toEqual(before);

    const dry = await keel(['db:migrate', '--plan', 'plan.json', '--dry-run']);
    expect(dry).toMatchObject({ code: 0, stdout: expect.stringContaining('-- 3-c.js (up)') });
    const applied = await keel(['db:migrate', '--plan', 'plan.json', '--atomic']);
    expect(applied).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('2 migrations applied'),
    });
    await differs('2-b.js is in it, and is not pending', 'Other files are applied now');

    // Only some of what is pending, and what became of it since.
    await keel(['db:migrate:undo:all']);
    await keel(['db:plan', '--name', '2-b', '--out', 'plan.json']);
    expect(await keel(['db:migrate', '--plan', 'plan.json'])).toMatchObject({ code: 0 });
    expect((await keel(['db:migrate:status'])).stdout).toContain('up 2-b.js\ndown 1-a.js');
    await differs('2-b.js is in it, and is not pending');

    for (const [text, message] of [
      ['{', 'JSON'],
      ['{"keelPlan": 7}', 'keelPlan is of another version of keel'],
      ['[]', 'Invalid'],
    ] as const) {
      writeFileSync(path.join(root, 'bad.json'), text);
      const bad = await keel(['db:migrate', '--plan', 'bad.json']);
      expect(bad).toMatchObject({ code: 1, stderr: expect.stringContaining(message) });
    }
    const missing = await keel(['db:migrate', '--plan', 'none.json']);
    expect(missing.stderr).toContain('none.json is not a plan that can be read.');
    const down = await keel(['db:migrate:undo', '--plan', 'plan.json']);
    expect(down).toMatchObject({ code: 1, stderr: expect.stringContaining('A plan goes up only') });
    const both = await keel(['db:migrate', '--plan', 'plan.json', '--to', '2-b.js']);
    expect(both).toMatchObject({ code: 1, stderr: expect.stringContaining("'--to <name>'") });
  }));
