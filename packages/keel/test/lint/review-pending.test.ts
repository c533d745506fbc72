import { withClient } from '../support/database';
import { migration, withDatabaseProject } from '../support/project';
import { queryDatabase, runProgram } from '../support/projects';

const USERS = migration(
  `await q.createTable('users', { id: { type: S.BIGINT, primaryKey: true }, email: S.STRING, name: S.STRING });`,
);

const index = (name: string, safe = ''): string =>
  `${migration(`await q.addIndex('users', ['email'], { name: '${name}' });`)}${safe}`;

const config = (lint?: unknown): object => ({
  development: {
    use_env_variable: 'DATABASE_URL',
    dialect: 'postgres',
    keel: lint === undefined ? {} : { lint },
  },
});

/** The catalog is all that tells keel how many rows there are; CREATE INDEX counts them anew. */
const MANY = `UPDATE pg_class SET reltuples = 5000000, relpages = 60000 WHERE relname = 'users'`;

const WAIT = /WARNING: \S+: Writers of public\.users \(5,000,000 rows\) wait for about [\d.]+ s\./;

/** The password is a function, as one that is asked for a token at each connection. */
const PROGRAM = `
  const { host, port, database, user, password } = JSON.parse(process.env.TARGET);
  const connection = { host, port, database, user, password: () => password ?? '' };
  require('sequelize-keel').createKeel({ env: 'development', connection })
    .then((keel) => keel[process.env.METHOD ?? 'migrate']())
    .then((result) => process.env.METHOD && console.log(JSON.stringify(result)))
    .catch((error) => console.log(JSON.stringify(error)));`;

test('without a word in the config, db:migrate runs nothing on scratch and names what is big', async () => {
  await withDatabaseProject({ 'migrations/1-users.js': USERS }, async (project) => {
    const { keel, write, database } = project;
    write({ 'migrations/2-a.js': index('a') });
    const fresh = await keel(['db:migrate']);
    expect(fresh).toMatchObject({ code: 0, stderr: '' });

    write({ 'migrations/3-b.js': index('b'), 'migrations/4-c.js': migration('') });
    await queryDatabase(database, MANY);
    const named = await keel(['db:migrate', '--to', '3-b.js']);
    expect(named.code).toBe(0);
    expect(named.stderr).toBe(
      '3-b.js names public.users (5,000,000 rows). What it locks, and for how long: keel db:lint\n',
    );

    // A trace that db:lint has left is used.
    write({ 'migrations/5-d.js': index('d') });
    await queryDatabase(database, MANY);
    await keel(['db:lint']);
    expect((await keel(['db:migrate'])).stderr).toMatch(WAIT);

    await queryDatabase(database, MANY);
    write({ 'config/config.json': config('off'), 'migrations/6-e.js': index('e') });
    expect(await keel(['db:migrate'])).toMatchObject({ code: 0, stderr: '' });
  });
});

test('keel.lint says whether a file that blocks is told or refused', async () => {
  const files = { 'migrations/1-users.js': USERS, 'config/config.json': config('warn') };
  await withDatabaseProject(files, async ({ root, keel, write, remove, state, database }) => {
    // In an empty database nobody waits for anything.
    expect(await keel(['db:migrate'])).toMatchObject({ code: 0, stderr: '' });
    await queryDatabase(database, MANY);
    // What a module keeps is not there when the file runs for real.
    const once = `let runs = 0;\n${migration(
      `runs += 1; if (runs > 1) throw new Error('again'); await q.addIndex('users', ['email'], { name: 'a' });`,
    )}`;
    write({ 'migrations/2-a.js': once });
    const warned = await keel(['db:migrate', '--json']);
    expect(warned.code).toBe(0);
    expect(warned.stderr).toMatch(WAIT);
    expect(JSON.parse(warned.stdout)).toMatchObject({ files: [{ name: '2-a.js' }] });

    write({ 'config/config.json': config('error'), 'migrations/3-b.js': index('b') });
    await queryDatabase(database, MANY);
    const before = await state();
    const refused = await keel(['db:migrate']);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(
      'Pending migrations would keep others from their tables for too long.',
    );
    expect(refused.stderr).toContain('3-b.js: Writers of public.users (5,000,000 rows) wait');
    expect(refused.stderr).toContain('--allow-blocking');
    // db:setup runs the same, and a program, also where it is led to another server than the config's.
    expect(await keel(['db:setup'])).toMatchObject({
      ...{ code: 1, stderr: expect.stringContaining('for too long.') },
    });
    const nowhere = { dialect: 'postgres', port: 1, database: 'none', keel: { lint: 'error' } };
    write({ 'config/config.json': { development: nowhere }, 'migrations/3-c.js': index('3c') });
    const { stdout } = await runProgram(['-e', PROGRAM], {
      ...{ cwd: root, env: { TARGET: JSON.stringify(database.connection) } },
    });
    expect(JSON.parse(stdout)).toMatchObject({
      code: 'FILE_BLOCKS',
      details: ['3-b.js', '3-c.js'].map((file): unknown =>
        expect.stringContaining(`${file}: Writers of public.users`),
      ),
      hint: expect.stringContaining('the option allowBlocking: true'),
    });
    // A dry run shows both, and does not try for real what would block.
    const lock = 'BEGIN; LOCK TABLE users IN ROW EXCLUSIVE MODE';
    await withClient(database.connection, async (client) => {
      await client.query(lock);
      const env = { TARGET: JSON.stringify(database.connection), METHOD: 'dryRun' };
      const program = await runProgram(['-e', PROGRAM], { cwd: root, env });
      const shown = {
        files: ['b', '3c'].map((name) => ({
          statements: [{ sql: expect.stringContaining(`CREATE INDEX "${name}"`) as unknown }],
        })),
        blocking: ['3-b.js', '3-c.js'].map((file): unknown =>
          expect.stringContaining(`${file}: Writers of public.users`),
        ),
      };
      expect(JSON.parse(program.stdout)).toMatchObject(shown);
      write({ 'config/config.json': config('error') });
      const dry = await keel(['db:migrate', '--dry-run', '--json']);
      expect(dry.code).toBe(1);
      expect(dry.stderr).toContain('3-c.js: Writers of public.users (5,000,000 rows) wait');
      expect(JSON.parse(dry.stdout)).toMatchObject(shown);
    });
    expect(await state()).toEqual(before);
    // With --atomic it is held to that on the scratch database.
    const alone = `await q.sequelize.query('CREATE INDEX CONCURRENTLY alone ON users (email)');`;
    write({ 'migrations/3-c.js': migration(alone) });
    const together = await keel(['db:migrate', '--dry-run', '--atomic']);
    expect(together.code).toBe(1);
    expect(together.stderr).toContain('3-c.js cannot be part of --atomic, as it runs without');
    remove('migrations/3-c.js');
    expect((await keel(['db:migrate', '--allow-blocking'])).stderr).toMatch(WAIT);
    // Nothing stays undone for that.
    await queryDatabase(database, `${MANY}; DROP INDEX b`);
    const redone = await keel(['db:migrate:redo']);
    expect(redone).toMatchObject({ code: 0, stderr: expect.stringMatching(WAIT) });

    await queryDatabase(database, MANY);
    const safe = `module.exports.safe = { 'add-index': 'nobody writes at night' };`;
    write({ 'migrations/4-c.js': index('c', safe) });
    expect(await keel(['db:migrate'])).toMatchObject({ code: 0, stderr: '' });

    await queryDatabase(database, MANY);
    // What cannot be looked at is said, and runs.
    write({
      'migrations/1-users.js': migration(`throw new Error('not on an empty database');`),
      'migrations/5-d.js': index('d'),
    });
    const blind = await keel(['db:migrate']);
    expect(blind.code).toBe(0);
    expect(blind.stderr).toContain('What the pending files lock was not looked at: ');
  });
});
