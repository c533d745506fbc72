import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { ProgramResult } from '../support/projects';
import { queryDatabase, requireSuccess } from '../support/projects';
import { migration, tableMigration, withDatabaseProject } from '../support/project';

/** The real psql: the tests that compare with pg_dump need PostgreSQL's client programs too. */
function psql(url: string, file: string): ProgramResult {
  const { status, stdout, stderr } = spawnSync('psql', ['-X', '-q', '-f', file, url], {
    encoding: 'utf8',
  });
  return { code: status ?? -1, stdout, stderr };
}

const FILES = {
  'migrations/1-a.js': tableMigration('a'),
  'migrations/2-values.js': `module.exports = { up: async (q, S) => {
    await q.addColumn('a', 'name', S.TEXT);
    await q.addColumn('a', 'tags', S.ARRAY(S.TEXT));
    await q.addColumn('a', 'extra', S.JSONB);
    await q.addColumn('a', 'at', 'timestamptz');
    await q.addColumn('a', 'raw', 'bytea');
    const text = "it's \\\\ :name $1 $$ -- no comment";
    await q.bulkInsert('a', [{ id: 1, name: text, at: new Date(0), raw: Buffer.from([0, 255]) }]);
    await q.sequelize.query("INSERT INTO a (id, name, tags, extra) VALUES ($1, $2, $3, $4) -- end", {
      bind: [2, text, ['x,"y"', null, 'z\\\\'], { a: [1, "it's"] }],
    });
    for (const id of [3, 4]) await q.sequelize.query('INSERT INTO a (id, name) VALUES (?, ?)', { replacements: [id, text] });
    await q.sequelize.query("SELECT setval('counter', (SELECT max(id) FROM a)); UPDATE a SET name = name WHERE id = 4");
  } };`,
  'migrations/3-own.js': `module.exports = { up: (q, S) => q.sequelize.transaction(async (transaction) => {
    await q.sequelize.query(\`CREATE FUNCTION twice(n int) RETURNS int LANGUAGE plpgsql AS $body$
      BEGIN RETURN n * 2; -- a;b
      END $body$\`, { transaction });
    await q.sequelize.query('CREATE TABLE b (id int DEFAULT twice(2) /* ; */)', { transaction });
  }) };`,
  'migrations/4-index.js': `module.exports = { transaction: false, up: async (q) => {
    await q.sequelize.query('CREATE INDEX CONCURRENTLY a_name ON a (name)');
    await q.sequelize.transaction(async (transaction) => {
      await q.sequelize.query('INSERT INTO b DEFAULT VALUES', { transaction });
    });
    await q.sequelize.query('ALTER TYPE mood ADD VALUE IF NOT EXISTS $$ok$$');
  } };`,
};

const SURROUNDINGS = `CREATE TYPE mood AS ENUM ('sad'); CREATE SEQUENCE counter`;

test('a script that psql runs leaves what db:migrate leaves, and keel finds it applied', async () => {
  const files = {
    ...FILES,
    'migrations/0-base.js': migration(`await q.sequelize.query("${SURROUNDINGS}")`),
  };
  await withDatabaseProject(files, async (project) => {
    const { keel, database, root, state } = project;
    requireSuccess('first', await keel(['db:migrate', '--step', '1']));
    const before = await state();
    const written = await keel(['db:migrate', '--sql', 'out/migrate.sql']);
    expect(written).toMatchObject({ code: 0, stderr: '' });
    expect(written.stdout).toContain('4 migrations written to out/migrate.sql.');
    expect(await state()).toEqual(before);

    const file = path.join(root, 'out/migrate.sql');
    expect(psql(database.url, file)).toMatchObject({ code: 0, stderr: '' });
    expect((await keel(['db:migrate:status', '--check'])).code).toBe(0);
    expect((await keel(['db:migrate'])).stdout).toContain('No migrations were executed');
    const byScript = [await state(), await rowsOf(database)];
    // Again: nothing is done twice.
    expect(psql(database.url, file)).toMatchObject({ code: 0, stderr: '' });
    expect([await state(), await rowsOf(database)]).toEqual(byScript);

    await withDatabaseProject(files, async (other) => {
      requireSuccess('all', await other.keel(['db:migrate']));
      expect(byScript).toEqual([await other.state(), await rowsOf(other.database)]);
      // Somewhere else nothing of what the script builds on is there.
      await queryDatabase(other.database, 'DELETE FROM "SequelizeMeta"');
      const wrong = psql(other.database.url, file);
      expect(wrong.code).toBe(3);
      expect(wrong.stderr).toContain('This database has not applied 0-base.js');
    });
    expect(await keel(['db:migrate', '--sql', 'none.sql'])).toMatchObject({ code: 0 });
  });
});

const rowsOf = (database: { readonly url: string }): Promise<object[]> =>
  queryDatabase(
    database,
    'SELECT a.*, (SELECT last_value FROM counter), (SELECT count(*) FROM b) FROM a ORDER BY id',
  );

test('a script that fails half-way goes on where it stopped; what SQL cannot tell is refused', async () => {
  const files = {
    'migrations/1-a.js': tableMigration('a'),
    'migrations/2-fails.js': migration(
      `await q.createTable('c', { id: S.INTEGER }); await q.addConstraint('old', { fields: ['id'], type: 'unique' });`,
    ),
    'migrations/3-d.js': tableMigration('d'),
    'migrations/0-old.js': tableMigration('old'),
  };
  await withDatabaseProject(files, async ({ keel, database, root, write }) => {
    requireSuccess('first', await keel(['db:migrate', '--step', '1']));
    requireSuccess('sql', await keel(['db:migrate', '--sql', 'm.sql']));
    const file = path.join(root, 'm.sql');
    await queryDatabase(database, 'INSERT INTO old (id) VALUES (1), (1)');
    const failed = psql(database.url, file);
    expect(failed.code).toBe(3);
    expect(failed.stderr).toContain('could not create unique index');
    const status = (await keel(['db:migrate:status'])).stdout;
    expect(status).toMatch(/up 1-a\.js\ndown 2-fails\.js\ndown 3-d\.js/);
    expect(await queryDatabase(database, `SELECT to_regclass('c') AS c`)).toEqual([{ c: null }]);
    await queryDatabase(database, 'TRUNCATE old');
    expect(psql(database.url, file)).toMatchObject({ code: 0, stderr: '' });
    expect((await keel(['db:migrate:status', '--check'])).code).toBe(0);

    write({
      'migrations/4-reads.js': migration(
        `const [rows] = await q.sequelize.query('SELECT id FROM old'); for (const { id } of rows) await q.bulkUpdate('old', { id: id + 1 }, { id });`,
      ),
      'migrations/5-rolls-back.js': migration(
        `await q.sequelize.transaction(async () => { throw new Error('no'); }).catch(() => undefined);`,
      ),
      'migrations/6-ids.js': migration(
        `const [[row]] = await q.sequelize.query('INSERT INTO old VALUES (1) RETURNING id'); await q.sequelize.query('SELECT ' + row.id);`,
      ),
      'migrations/7-fine.js': migration(
        `const a = await q.describeTable('old'); if (a.id) await q.addColumn('old', 'x', S.TEXT);`,
      ),
    });
    const refused = await keel(['db:migrate', '--sql', 'n.sql']);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('4-reads.js: its code reads rows (SELECT id FROM old)');
    expect(refused.stderr).toContain('5-rolls-back.js: it rolls back a transaction of its own');
    expect(refused.stderr).toContain('6-ids.js: its code reads rows');
    expect(refused.stderr).not.toContain('7-fine.js');
    requireSuccess('one', await keel(['db:migrate', '--sql', 'n.sql', '--name', '7-fine.js']));
    expect(readFileSync(path.join(root, 'n.sql'), 'utf8')).toContain('ADD COLUMN "x" TEXT;');
  });
});
