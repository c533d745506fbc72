import { queryDatabase, requireSuccess, type ProgramResult } from '../support/projects';
import {
  migration,
  tableMigration,
  withDatabaseProject,
  type DatabaseProject,
} from '../support/project';

const FILES = {
  'migrations/1-users.js': tableMigration('users'),
  'migrations/2-posts.js': tableMigration('posts'),
};

/** The table as keel made it before it had a schema of its own. */
const OLD_TABLE = `CREATE TABLE keel_history (kind text NOT NULL, name text NOT NULL, direction text NOT NULL,
  checksum text, batch integer NOT NULL, mode text NOT NULL, started_at timestamptz NOT NULL,
  duration_ms integer NOT NULL, note text, os_user text NOT NULL, host text NOT NULL, db_user text NOT NULL,
  keel_version text NOT NULL, PRIMARY KEY (kind, name, started_at, direction))`;

const OLD_ROW = `INSERT INTO keel_history VALUES ('migration', '1-users.js', 'up', 'another', 7, 'transaction',
  '2020-01-01', 1, NULL, 'me', 'here', 'postgres', '0.1.0')`;

const history = (project: DatabaseProject) =>
  queryDatabase(
    project.database,
    'SELECT ledger, name, direction, batch FROM keel.history ORDER BY started_at, name',
  );

interface Status {
  readonly migrations: readonly { name: string; changed: boolean; batch?: number }[];
}

const statusOf = ({ stdout }: ProgramResult) =>
  (JSON.parse(stdout) as Status).migrations.map(({ name, changed, batch }) => [
    name,
    changed,
    batch,
  ]);

test('rows of a history beside the ledger are read, and carried over by the next run', async () => {
  await withDatabaseProject(FILES, async (project) => {
    const { database, keel } = project;
    requireSuccess('migrate', await keel(['db:migrate', '--to', '1-users.js']));
    await queryDatabase(database, `DROP SCHEMA keel CASCADE; ${OLD_TABLE}; ${OLD_ROW}`);
    const status = await keel(['db:migrate:status', '--json']);
    expect(statusOf(status)).toEqual([
      ['1-users.js', true, 7],
      ['2-posts.js', false, undefined],
    ]);
    requireSuccess('migrate', await keel(['db:migrate']));
    expect(await history(project)).toEqual([
      { ledger: 'public.*', name: '1-users.js', direction: 'up', batch: 7 },
      { ledger: 'public.SequelizeMeta', name: '2-posts.js', direction: 'up', batch: 8 },
    ]);
    const left = `SELECT to_regclass('public.keel_history') IS NULL AS gone`;
    expect(await queryDatabase(database, left)).toEqual([{ gone: true }]);
    expect(statusOf(await keel(['db:migrate:status', '--json']))).toEqual([
      ['1-users.js', true, 7],
      ['2-posts.js', false, 8],
    ]);
  });
});

test('an old history that cannot be dropped stays and is read', async () => {
  await withDatabaseProject(FILES, async ({ database, keel }) => {
    await queryDatabase(
      database,
      `${OLD_TABLE}; ${OLD_ROW}; CREATE VIEW report AS SELECT * FROM keel_history`,
    );
    const run = await keel(['db:migrate']);
    requireSuccess('migrate', run);
    expect(run.stderr).toBe('');
    expect(await queryDatabase(database, 'SELECT batch FROM report')).toEqual([{ batch: 7 }]);
    expect(statusOf(await keel(['db:migrate:status', '--json']))).toEqual([
      ['1-users.js', false, 8],
      ['2-posts.js', false, 8],
    ]);
  });
});

test('a role that may make no schema keeps its history beside the ledger', async () => {
  await withDatabaseProject(FILES, async ({ database, keel }) => {
    const role = `keel_deploy_${process.pid}`;
    await queryDatabase(
      database,
      `CREATE ROLE ${role} LOGIN PASSWORD 'x'; GRANT ALL ON SCHEMA public TO ${role}`,
    );
    try {
      const url = new URL(database.url);
      url.username = role;
      url.password = 'x';
      const run = await keel(['db:migrate', '--step', '1'], { DATABASE_URL: url.href });
      requireSuccess('migrate', run);
      expect(run.stderr).toBe('');
      const rows = await queryDatabase(database, 'SELECT name, db_user FROM keel_history');
      expect(rows).toEqual([{ name: '1-users.js', db_user: role }]);
      requireSuccess('migrate', await keel(['db:migrate']));
      const carried = await queryDatabase(database, 'SELECT name, ledger FROM keel.history');
      expect(carried).toEqual([
        { name: '1-users.js', ledger: 'public.*' },
        { name: '2-posts.js', ledger: 'public.SequelizeMeta' },
      ]);
    } finally {
      await queryDatabase(database, `DROP OWNED BY ${role} CASCADE; DROP ROLE ${role}`);
    }
  });
});

test('projects on one database do not take each other for themselves', async () => {
  const base = { use_env_variable: 'DATABASE_URL', dialect: 'postgres' };
  const config = {
    'config/config.json': {
      development: base,
      other: { ...base, migrationStorageTableName: 'OtherMeta' },
    },
  };
  const other = ['--env', 'other', '--migrations-path', 'others'];
  const same = 'exports.up = async () => {}; exports.down = async () => {}; // another';
  await withDatabaseProject({ ...FILES, ...config, 'others/1-users.js': same }, async (project) => {
    const { keel, write } = project;
    requireSuccess('first', await keel(['db:migrate', '--step', '1']));
    requireSuccess('other', await keel(['db:migrate', ...other]));
    requireSuccess('second', await keel(['db:migrate']));
    expect(await history(project)).toEqual([
      { ledger: 'public.SequelizeMeta', name: '1-users.js', direction: 'up', batch: 1 },
      { ledger: 'public.OtherMeta', name: '1-users.js', direction: 'up', batch: 1 },
      { ledger: 'public.SequelizeMeta', name: '2-posts.js', direction: 'up', batch: 2 },
    ]);
    write({ 'others/1-users.js': `${same} text` });
    expect(statusOf(await keel(['db:migrate:status', '--json', ...other]))).toEqual([
      ['1-users.js', true, 1],
    ]);
    expect(statusOf(await keel(['db:migrate:status', '--json']))).toEqual([
      ['1-users.js', false, 1],
      ['2-posts.js', false, 2],
    ]);
  });
});

test('triggers on the tables of every schema are told with the way to take them off', async () => {
  const loop = `CREATE FUNCTION audit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE NOTICE '%', NEW.id; RETURN NEW; END $$;
    DO $$ DECLARE t regclass; BEGIN
      FOR t IN SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
        WHERE relkind = 'r' AND nspname !~ '^pg_' AND nspname <> 'information_schema' AND relname <> 'SequelizeMeta' LOOP
        EXECUTE format('CREATE TRIGGER audit BEFORE INSERT ON %s FOR EACH ROW EXECUTE FUNCTION audit()', t);
      END LOOP; END $$`;
  const files = { 'migrations/3-audit.js': migration(`await q.sequelize.query(\`${loop}\`);`) };
  await withDatabaseProject({ ...FILES, ...files }, async (project) => {
    const { database, keel, write } = project;
    const run = await keel(['db:migrate']);
    requireSuccess('migrate', run);
    const remedy = 'DROP TRIGGER audit ON "keel"."history";';
    expect(run.stderr).toContain(remedy);
    await queryDatabase(database, remedy);
    write({ 'migrations/4-more.js': tableMigration('more') });
    const next = await keel(['db:migrate']);
    expect({ code: next.code, stderr: next.stderr }).toEqual({ code: 0, stderr: '' });
    expect((await history(project)).map((row) => (row as { name: string }).name)).toEqual([
      '1-users.js',
      '2-posts.js',
      '4-more.js',
    ]);
  });
});

test('a trigger that does not suit the ledger is named with it, in a transaction of its own and with others', async () => {
  const broken = `CREATE FUNCTION audit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE NOTICE '%', NEW.id; RETURN NEW; END $$;
    CREATE TRIGGER audit BEFORE INSERT ON "SequelizeMeta" FOR EACH ROW EXECUTE FUNCTION audit()`;
  const files = { 'migrations/3-audit.js': migration(`await q.sequelize.query(\`${broken}\`);`) };
  await withDatabaseProject({ ...FILES, ...files }, async ({ database, keel, write }) => {
    const own = await keel(['db:migrate']);
    expect(own.code).toBe(1);
    for (const line of [
      'ERROR: 3-audit.js failed: record "new" has no field "id"',
      'What failed is to record it in "SequelizeMeta", when the file itself had run.',
      'Where the file puts triggers, policies or rules on all tables, leave "SequelizeMeta" out.',
      '3-audit.js was rolled back; nothing of it remains.',
    ])
      expect(own.stderr).toContain(line);
    await queryDatabase(database, broken);
    write({ 'migrations/3-audit.js': tableMigration('more') });
    for (const together of [[], ['--atomic']]) {
      const { stderr } = await keel(['db:migrate', ...together]);
      expect(stderr).toContain(
        'Take the project\'s triggers off "SequelizeMeta": DROP TRIGGER audit ON',
      );
    }
  });
});

test.each([
  ['every schema', 'await q.dropAllSchemas();'],
  ["keel's own", "await q.sequelize.query('DROP SCHEMA keel CASCADE');"],
])('a file that drops %s is recorded all the same', async (_, body) => {
  const drop = { 'migrations/3-drop.js': `exports.up = async (q) => { ${body} };` };
  await withDatabaseProject({ ...FILES, ...drop }, async (project) => {
    const run = await project.keel(['db:migrate']);
    requireSuccess('migrate', run);
    expect(run.stderr).toBe('');
    expect((await history(project)).at(-1)).toMatchObject({ name: '3-drop.js', batch: 1 });
  });
});

test('a project that makes a schema keel is told how, and has its own tables there', async () => {
  const make = (sql: string) => migration(`await q.sequelize.query('${sql}');`);
  const files = { 'migrations/1-schema.js': make('CREATE SCHEMA keel') };
  await withDatabaseProject(files, async ({ keel, write, database }) => {
    const refused = await keel(['db:migrate']);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('CREATE SCHEMA IF NOT EXISTS');
    write({
      'migrations/1-schema.js': migration(
        "await q.createSchema('keel'); await q.createTable({ tableName: 'bulk', schema: 'keel' }, { id: S.INTEGER });",
        "await q.dropSchema('keel');",
      ),
    });
    requireSuccess('migrate', await keel(['db:migrate']));
    requireSuccess('undo', await keel(['db:migrate:undo']));
    const rows = await queryDatabase(database, 'SELECT name, direction FROM keel.history');
    expect(rows).toEqual([{ name: '1-schema.js', direction: 'down' }]);
  });
});
