import { queryDatabase, requireSuccess } from '../support/projects';
import { migration, tableMigration, withDatabaseProject } from '../support/project';

const STRICT = {
  'config/config.json': {
    development: {
      use_env_variable: 'DATABASE_URL',
      dialect: 'postgres',
      seederStorage: 'sequelize',
      keel: { strict: true },
    },
  },
};

const names = Array.from({ length: 7 }, (_, index) => `${index + 1}-t.js`);
const FILES = Object.fromEntries(
  names.map((name) => [`migrations/${name}`, tableMigration(`t${name[0]}`)]),
);

test('a file that was edited after it was applied is told on every run, and stops a strict project', async () => {
  await withDatabaseProject(FILES, async ({ keel, write }) => {
    requireSuccess('migrate', await keel(['db:migrate']));
    const edited = `${tableMigration('t1')}// edited`;
    write({ 'migrations/1-t.js': edited });
    // Neither line ends nor a byte order mark are a change.
    const [, second = '', third = ''] = Object.values(FILES);
    write({
      'migrations/2-t.js': second.replaceAll('\n', '\r\n'),
      'migrations/3-t.js': `\uFEFF${third}`,
    });
    const told =
      'WARNING: 1-t.js has changed since it was applied. What it says now has not been run.\n';
    for (const command of ['db:migrate', 'db:migrate']) {
      const run = await keel([command]);
      expect({ code: run.code, stderr: run.stderr }).toEqual({ code: 0, stderr: told });
    }
    write({ ...STRICT, 'migrations/8-new.js': tableMigration('new') });
    const refused = await keel(['db:migrate', '--json']);
    expect({ code: refused.code, error: JSON.parse(refused.stdout) as unknown }).toMatchObject({
      code: 1,
      error: { error: { code: 'FILE_CHANGED', state: 'Nothing was changed.' } },
    });
    expect(refused.stdout).toContain('keel db:migrate --fake --name 1-t.js');
    requireSuccess('undo', await keel(['db:migrate:undo', '--fake', '--name', '1-t.js']));
    requireSuccess('fake', await keel(['db:migrate', '--fake', '--name', '1-t.js']));
    requireSuccess('migrate', await keel(['db:migrate']));
  });
});

test('many edited files are cut to some lines', async () => {
  await withDatabaseProject(FILES, async ({ keel, write }) => {
    requireSuccess('migrate', await keel(['db:migrate']));
    for (const name of names) write({ [`migrations/${name}`]: migration('') });
    const lines = (await keel(['db:migrate'])).stderr.trim().split('\n');
    expect(lines).toHaveLength(5);
    expect(lines.at(-1)).toBe('WARNING: The same goes for 3 more files.');
  });
});

test('two files with one name are refused, and both are shown', async () => {
  const files = {
    'migrations/1-a.js': tableMigration('a'),
    'migrations/1-a.cjs': tableMigration('other'),
  };
  await withDatabaseProject(files, async ({ database, keel, state }) => {
    const refused = await keel(['db:migrate']);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('1-a.cjs and 1-a.js');
    expect(refused.stderr).toContain('Nothing was changed.');
    const { stdout } = await keel(['db:migrate:status']);
    expect(stdout).toContain('down 1-a.cjs');
    expect(stdout).toContain('down 1-a.js');
    // sequelize-cli has run both.
    await queryDatabase(
      database,
      `CREATE TABLE "SequelizeMeta" (name varchar(255) PRIMARY KEY);
       INSERT INTO "SequelizeMeta" VALUES ('1-a.cjs'), ('1-a.js')`,
    );
    requireSuccess('migrate', await keel(['db:migrate']));
    expect(await state()).toMatchObject({ migrations: ['1-a.cjs', '1-a.js'] });
  });
});
