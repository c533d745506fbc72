import {
  queryDatabase,
  readState,
  requireSuccess,
  withDatabases,
  withProject,
} from '../support/projects';

// Each case runs several programs, one after the other.
jest.setTimeout(240_000);

const CONFIG = {
  'config/config.json': { development: { use_env_variable: 'TEST_URL', dialect: 'postgres' } },
};

const migration = (up: string, down = ''): string =>
  `module.exports = { async up(q, S) { ${up} }, async down(q, S) { ${down} } };`;

const TABLE = migration(
  "await q.createTable('things', { id: S.INTEGER, name: S.TEXT });",
  "await q.dropTable('things');",
);

/** Ways to reach the database past the connection that a migration is given. */
const SCRIPT = `
  const { Client } = require('pg');
  const client = new Client({ connectionString: process.env.TEST_URL });
  client.connect()
    .then(() => client.query("INSERT INTO things VALUES (1, 'program')"))
    .then(() => client.end());`;
const OWN_CONNECTION = `
  const client = new (require('pg').Client)({ connectionString: process.env.TEST_URL });
  await client.connect();
  try { await client.query("INSERT INTO things (id, own) VALUES (2, 'own')"); } finally { await client.end(); }`;

const FILES = {
  'migrations/1-table.js': TABLE,
  'migrations/2-floating.js': migration(
    "q.addColumn('things', 'x', S.TEXT); ['y', 'z'].forEach(async (c) => { await q.addColumn('things', c, S.TEXT); await q.addIndex('things', [c]); });",
    "['x', 'y', 'z'].forEach((c) => { q.removeColumn('things', c); });",
  ),
  'migrations/3-program.js': migration(
    `await q.addColumn('things', 'p', S.TEXT); require('child_process').execFileSync(process.execPath, ['insert.js']);`,
    "await q.removeColumn('things', 'p'); await q.bulkDelete('things', { id: 1 });",
  ),
  'migrations/4-own-connection.js': migration(
    `await q.addColumn('things', 'own', S.TEXT); ${OWN_CONNECTION}`,
    "await q.removeColumn('things', 'own');",
  ),
  'migrations/5-session-lock.js': migration(
    `const manager = q.sequelize.connectionManager;
     const client = await manager.getConnection({ type: 'write' });
     try {
       await client.query('SELECT pg_advisory_lock(7)');
       try { await client.query('CREATE INDEX CONCURRENTLY things_name ON things (name)'); }
       finally { await client.query('SELECT pg_advisory_unlock(7)'); }
     } finally { await manager.releaseConnection(client); }`,
    "await q.removeIndex('things', 'things_name');",
  ),
  'migrations/6-all-tables.js': migration(
    `for (const table of await q.showAllTables())
       if (table !== 'SequelizeMeta') await q.addColumn(table, 'tenant', S.TEXT);`,
    "await q.removeColumn('things', 'tenant');",
  ),
  'migrations/7-audit-all-tables.js': migration(
    `await q.sequelize.query(\`
       CREATE FUNCTION audit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE NOTICE '%', NEW.id; RETURN NEW; END $$;
       DO $$ DECLARE name text; BEGIN
         FOR name IN SELECT table_name FROM information_schema.tables
           WHERE table_schema = 'public' AND table_name <> 'SequelizeMeta' LOOP
           EXECUTE format('CREATE TRIGGER audit AFTER INSERT ON %I FOR EACH ROW EXECUTE FUNCTION audit()', name);
         END LOOP; END $$\`);`,
    "await q.sequelize.query('DROP FUNCTION audit CASCADE');",
  ),
  'insert.js': SCRIPT,
};

const state = async (database: { readonly url: string }) => ({
  ...(await readState(database)),
  rows: await queryDatabase(database, 'SELECT * FROM things ORDER BY id'),
});

test('builds what sequelize-cli builds where files leave promises, reach past their connection, or change all tables', async () => {
  await withProject({ ...CONFIG, ...FILES }, (project) =>
    withDatabases(2, async (ours, theirs) => {
      const migrate = (tool: 'keel' | 'sequelize-cli', url: string, ...args: string[]) =>
        project.run(tool, args, { env: { TEST_URL: url } });
      const run = await migrate('keel', ours.url, 'db:migrate', '--json');
      requireSuccess('keel', run);
      requireSuccess('sequelize-cli', await migrate('sequelize-cli', theirs.url, 'db:migrate'));
      expect(await state(ours)).toEqual(await state(theirs));
      const { files } = JSON.parse(run.stdout) as { files: { mode: string; notes: string[] }[] };
      expect(files.map(({ mode }) => mode)).toEqual([
        'transaction',
        'transaction',
        'none',
        'none',
        'none',
        'transaction',
        'transaction',
      ]);
      expect(run.stderr).toContain('2-floating.js was waited for');
      expect(run.stderr).not.toContain('history');
      expect(files[1]?.notes).toEqual([expect.stringContaining('return or await every promise')]);

      requireSuccess('undo', await migrate('keel', ours.url, 'db:migrate:undo:all'));
      expect((await readState(ours)).migrations).toEqual([]);
    }),
  );
});

test('lets none of it happen in a dry run', async () => {
  await withProject({ ...CONFIG, ...FILES }, (project) =>
    withDatabases(1, async (database) => {
      const { code, stderr } = await project.run('keel', ['db:migrate', '--dry-run'], {
        env: { TEST_URL: database.url },
      });
      expect(code).toBe(1);
      expect(stderr).toContain('3-program.js failed: it starts a program');
      expect((await readState(database)).migrations).toEqual([]);
    }),
  );
});

test.each([
  ['all tables', 'await q.dropAllTables();'],
  ['the schema', "await q.sequelize.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public');"],
])('undoes files that drop %s, the record among it', async (_, down) => {
  const files = { 'migrations/1-table.js': TABLE, 'migrations/2-drop.js': migration('', down) };
  await withProject({ ...CONFIG, ...files }, (project) =>
    withDatabases(1, async (database) => {
      const settings = { env: { TEST_URL: database.url } };
      for (const command of ['db:migrate', 'db:migrate:undo', 'db:migrate'])
        requireSuccess(command, await project.run('keel', [command], settings));
      expect((await readState(database)).migrations).toEqual(['1-table.js', '2-drop.js']);
    }),
  );
});
