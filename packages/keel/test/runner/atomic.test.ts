import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { withClient } from '../support/database';
import {
  migration,
  tableMigration,
  withDatabaseProject,
  type DatabaseProject,
} from '../support/project';

const sql = ({ database }: Pick<DatabaseProject, 'database'>, text: string): Promise<unknown[]> =>
  withClient(database.connection, async (client) => {
    const { rows } = await client.query<unknown[]>({ text, rowMode: 'array' });
    return rows.map(([first]) => first);
  });

const ASIDE = { 'seeders/1-s.js': migration('') };

test('all files take effect, or none, up and down, each on a session as good as new', () =>
  withDatabaseProject(
    {
      ...ASIDE,
      'migrations/1-a.js': migration(
        `await q.sequelize.query(\`CREATE TABLE parents (id int PRIMARY KEY);
           CREATE TABLE children (id int REFERENCES parents DEFERRABLE INITIALLY DEFERRED);\`);
         await q.sequelize.query("INSERT INTO children VALUES (1)");
         await q.sequelize.query("INSERT INTO parents VALUES (1)");
         await q.sequelize.query("SET search_path = pg_catalog; SET LOCAL work_mem = '7MB'; CREATE TEMP TABLE t (id int)");
         await q.sequelize.query("SELECT set_config('app.user', 'me', false)");`,
        `await q.sequelize.query('DROP TABLE children, parents');`,
      ),
      'migrations/2-b.js': migration(
        `await q.sequelize.query('ALTER TABLE children ADD COLUMN name text');
         await q.sequelize.query('CREATE TEMP TABLE t (id int)');
         await q.sequelize.query("INSERT INTO children VALUES (2); INSERT INTO parents VALUES (2)");
         await q.sequelize.query(\`CREATE TABLE seen AS SELECT current_setting('search_path') AS path,
           current_setting('work_mem') AS mem, current_setting('app.user', true) AS me,
           current_setting('lock_timeout') AS wait\`);`,
        `await q.sequelize.query('ALTER TABLE children DROP COLUMN name; DROP TABLE seen; DELETE FROM children WHERE id = 2; DELETE FROM parents WHERE id = 2');`,
      ),
      // It takes the error to mean that the column is there, as in autocommit it may.
      'migrations/3-c.js': migration(
        `try { await q.addColumn('children', 'name', S.STRING); } catch {}
         await q.sequelize.transaction((transaction) => q.createTable('c', { id: S.INTEGER }, { transaction }));`,
        `await q.dropTable('c');`,
      ),
      'migrations/4-d.js': migration(`throw new Error('not yet');`),
    },
    async (project) => {
      const { keel, state, write } = project;
      const before = await state();
      const failed = await keel(['db:migrate', '--atomic']);
      expect(failed.code).toBe(1);
      expect(failed.stderr).toMatch(
        /4-d\.js failed: not yet[^]*4-d\.js was rolled back; nothing of it remains\.\nSo was what ran before it: 1-a\.js, 2-b\.js, 3-c\.js\./,
      );
      expect(failed.stdout).not.toContain('migrated');
      expect(await state()).toMatchObject({ ...before });

      write({ 'migrations/4-d.js': tableMigration('d') });
      const shown = await keel(['db:migrate', '--atomic', '--dry-run']);
      expect(shown.stdout).toContain('4 files; everything was rolled back.');
      const applied = await keel(['db:migrate', '--atomic', '--json']);
      expect(applied.code).toBe(0);
      const { files } = JSON.parse(applied.stdout) as { files: { name: string; mode: string }[] };
      expect(files.map(({ name, mode }) => [name, mode])).toEqual([
        ...[
          ['1-a.js', 'transaction'],
          ['2-b.js', 'transaction'],
        ],
        ...[
          ['3-c.js', 'savepoints'],
          ['4-d.js', 'transaction'],
        ],
      ]);
      expect(await sql(project, `SELECT concat_ws(' ', path, mem, me, wait) FROM seen`)).toEqual([
        '"$user", public 4MB  3s',
      ]);
      expect(await sql(project, `SELECT DISTINCT batch FROM keel.history`)).toEqual([1]);
      expect(await sql(project, 'SELECT name FROM "SequelizeMeta" ORDER BY 1')).toHaveLength(4);
      expect((await keel(['db:check'])).stderr).not.toContain('ERROR');

      write({ 'migrations/1-a.js': migration('', `throw new Error('no way back');`) });
      const stuck = await keel(['db:migrate:undo:all', '--atomic']);
      expect(stuck.stderr).toMatch(
        /no way back[^]*So was what ran before it: 4-d\.js, 3-c\.js, 2-b\.js/,
      );
      expect(await sql(project, 'SELECT name FROM "SequelizeMeta" ORDER BY 1')).toHaveLength(4);
      expect(await keel(['db:migrate:undo', '--step', '3', '--atomic'])).toMatchObject({ code: 0 });
      expect(await sql(project, 'SELECT name FROM "SequelizeMeta"')).toEqual(['1-a.js']);
      expect(await keel(['db:migrate'])).toMatchObject({ code: 0 });
      expect(await keel(['db:seed:all', '--atomic'])).toMatchObject({ code: 0 });
    },
  ));

const ENUM = migration(
  `await q.sequelize.query("CREATE TYPE mood AS ENUM ('good'); CREATE TABLE m (m mood)");`,
);

test.each<[string, string, RegExp]>([
  [
    'asks for no transaction',
    `${migration('')}\nmodule.exports.transaction = false;\n`,
    /as it asks for no transaction\.\n.*2-b\.js:3\n/,
  ],
  [
    'sends what PostgreSQL refuses there',
    migration(`\nawait q.sequelize.query('CREATE INDEX CONCURRENTLY i ON m (m)');`),
    /as PostgreSQL says: CREATE INDEX CONCURRENTLY cannot run inside a transaction block\.\n.*2-b\.js:2\n +Statement: CREATE INDEX/,
  ],
  [
    'uses a new value of an enum',
    migration(
      `await q.sequelize.transaction((transaction) => q.sequelize.query("CREATE TYPE tone AS ENUM ('good')", { transaction })); await q.sequelize.query("ALTER TYPE tone ADD VALUE 'bad'");
       await q.sequelize.query("SELECT 'bad'::tone");`,
    ),
    /as PostgreSQL says: unsafe use of new value "bad" of enum type tone\.\n.*2-b\.js:2\n.*\n +Hint: New enum values must be committed/,
  ],
  [
    'starts a program',
    migration(`require('node:child_process').execFileSync('true');`),
    /as it starts a program\./,
  ],
  [
    'opens a connection of its own',
    migration(
      `const { Client } = require('pg');
       const client = new Client(process.env.DATABASE_URL);
       await client.connect();`,
    ),
    /as it opens a connection of its own\./,
  ],
])('a file that %s is refused with its line', (_, second, message) =>
  withDatabaseProject(
    { 'migrations/1-a.js': ENUM, 'migrations/2-b.js': second },
    async (project) => {
      const refused = await project.keel(['db:migrate', '--atomic']);
      expect(refused.code).toBe(1);
      expect(refused.stderr).toMatch(/2-b\.js cannot be part of --atomic, /);
      expect(refused.stderr).toMatch(message);
      expect(refused.stderr).toContain('nothing of it remains.');
      expect(await sql(project, `SELECT to_regclass('m') IS NULL`)).toEqual([true]);
      expect(await sql(project, 'SELECT name FROM "SequelizeMeta"')).toEqual([]);
      const dry = await project.keel(['db:migrate', '--atomic', '--dry-run', '--json']);
      expect(dry.code).toBe(1);
      expect(await project.keel(['db:migrate', '--atomic', '--fake'])).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('--fake runs none'),
      });
    },
  ),
);

test('all is tried again while another session holds a lock', () =>
  withDatabaseProject(
    {
      'migrations/1-a.js': tableMigration('a'),
      'migrations/2-b.js': tableMigration('b'),
      'migrations/3-c.js': migration(`await q.addColumn('a', 'name', S.STRING);`),
    },
    async (project) => {
      const { keel, start, database } = project;
      await keel(['db:migrate', '--to', '1-a.js']);
      await withClient(database.connection, async (client) => {
        await client.query('BEGIN; LOCK TABLE a IN ACCESS SHARE MODE');
        const { child, ended } = start(['db:migrate', '--atomic', '--lock-timeout', '300ms']);
        let told = '';
        await new Promise<void>((resolve) =>
          child.stderr.on('data', (text: string) => {
            told += text;
            if (/Everything is run again: it timed out .*blocked by pid \d+.*try 2/.test(told))
              resolve();
          }),
        );
        expect(await sql(project, `SELECT to_regclass('b') IS NULL`)).toEqual([true]);
        await client.query('COMMIT');
        expect(await ended).toMatchObject({ code: 0 });
      });
      expect(await sql(project, 'SELECT name FROM "SequelizeMeta"')).toHaveLength(3);
    },
  ));

test('what a rollback does not take back is done once, and a history that cannot be written is done without', async () => {
  let calls = 0;
  const server = createServer((socket) => {
    calls += 1;
    socket.end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const calling = `await new Promise((done) =>
     require('node:net').connect(${(server.address() as AddressInfo).port}, '127.0.0.1').resume().on('close', done));`;
  const catching = (table: string): string =>
    migration(`await q.createTable('${table}', {});
      try { await q.createTable('first', {}); await q.sequelize.query('nonsense'); } catch {}`);
  const files = {
    'migrations/1-a.js': migration(`await q.createTable('first', {});`),
    'migrations/2-b.js': catching('second'),
    'migrations/3-c.js': migration(`${calling} await q.createTable('third', {});`),
    'migrations/4-d.js': catching('fourth'),
    'migrations/5-e.js': migration(
      `await q.sequelize.query(\`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
         'BEGIN RAISE EXCEPTION ''not here''; END'; CREATE TRIGGER refuse BEFORE INSERT ON keel.history
         FOR EACH ROW EXECUTE FUNCTION refuse()\`);`,
    ),
    'migrations/6-f.js': tableMigration('sixth'),
  };
  return withDatabaseProject(files, async (project) => {
    const { code, stdout, stderr } = await project.keel(['db:migrate', '--atomic']);
    expect({ code, calls }).toEqual({ code: 0, calls: 1 });
    expect(stderr).toContain('Everything is run again: 2-b.js: it goes on after an error');
    expect(stderr).toContain("keel's own history could not be written (not here)");
    expect(stdout).toContain('6 migrations');
    const made = `SELECT count(*)::int FROM unnest('{first,second,third,fourth,sixth}'::text[]) t WHERE to_regclass(t) IS NOT NULL`;
    expect(await sql(project, made)).toEqual([5]);
    expect(await sql(project, 'SELECT name FROM keel.history ORDER BY 1')).toHaveLength(4);
    expect(await sql(project, 'SELECT name FROM "SequelizeMeta"')).toHaveLength(6);
  }).finally(() => server.close());
});

test('a history that cannot be written is found out in time', () => {
  const trigger = `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN RAISE EXCEPTION ''not here''; END'; CREATE TRIGGER refuse BEFORE INSERT ON keel.history
    FOR EACH ROW EXECUTE FUNCTION refuse()`;
  const files = {
    'migrations/1-a.js': tableMigration('a'),
    'migrations/2-b.js': tableMigration('b'),
  };
  return withDatabaseProject(files, async (project) => {
    expect(await project.keel(['db:migrate', '--to', '1-a.js'])).toMatchObject({ code: 0 });
    await withClient(project.database.connection, (client) => client.query(trigger));
    const { code, stderr } = await project.keel(['db:migrate', '--atomic']);
    expect(code).toBe(0);
    expect(stderr).toContain('Everything is run again: 2-b.js could not be recorded (not here).');
    expect(stderr).toMatch(/history could not be written \(not here\).*DROP TRIGGER/);
    expect(await sql(project, 'SELECT name FROM "SequelizeMeta"')).toHaveLength(2);
  });
});

test('a file may use a value that it adds to an enum of the same run', () =>
  withDatabaseProject(
    {
      'migrations/1-a.js': ENUM,
      'migrations/2-b.js': migration(
        `await q.sequelize.query("ALTER TYPE mood ADD VALUE 'bad'");
         await q.sequelize.query("INSERT INTO m VALUES ('bad')");`,
      ),
    },
    async (project) => {
      expect(await project.keel(['db:migrate', '--atomic'])).toMatchObject({ code: 0 });
      expect(await sql(project, 'SELECT m FROM m')).toEqual(['bad']);
    },
  ));
