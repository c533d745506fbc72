import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { on, once } from 'node:events';
import { runKeel } from '../support/cli';
import { untilSleeping } from '../support/database';
import { databaseUrl, serverConnection } from '../support/server';
import { migration, tableMigration, withDatabaseProject } from '../support/project';
import type { DatabaseProject } from '../support/project';
import type { ProgramResult, ProjectFiles } from '../support/projects';

const FIRST = 'migrations/20250101000001-first.js';
const SECOND = 'migrations/20250101000002-second.js';

/** What a failed command must say, to people and in its document. */
function expectFailure(result: ProgramResult, code: string, ...parts: readonly string[]): void {
  for (const part of parts) expect(result.stderr).toContain(part);
  expect(result.stderr).not.toMatch(/\n\s+at /);
  expect(result.code).toBe(1);
  if (result.stdout.startsWith('{')) {
    expect(JSON.parse(result.stdout)).toMatchObject({ error: { code } });
  }
}

/** A strict project in which the first migration is applied. */
function withApplied(files: ProjectFiles, use: (project: DatabaseProject) => Promise<void>) {
  const config = {
    use_env_variable: 'DATABASE_URL',
    dialect: 'postgres',
    keel: { strict: true },
  };
  const strict = { 'config/config.json': { development: config } };
  return withDatabaseProject({ ...strict, [FIRST]: tableMigration('first') }, async (project) => {
    expect(await project.keel(['db:migrate'])).toMatchObject({ code: 0, stderr: '' });
    project.write(files);
    await use(project);
  });
}

describe('a command line that cannot be understood', () => {
  test.each([
    ['db:migrat', "unknown command 'db:migrat'", 'Did you mean db:migrate?', 'keel --help'],
    ['db:migrate --tto x', "unknown option '--tto'", 'Did you mean --to?', 'db:migrate --help'],
    ['db:migrate extra', 'too many arguments', 'db:migrate --help'],
    ['db:migrate --to', 'argument missing', 'db:migrate --help'],
    ['db:migrate --step 0', 'It must be a whole number from 1.', 'db:migrate --help'],
  ])('%s', async (line, ...parts) => {
    const result = await runKeel([...line.split(' '), '--json']);
    expectFailure(result, 'USAGE', 'Nothing was changed.', ...parts);
    expect(result.stdout).not.toBe('');
  });

  test.each([
    ['db:migrate:undo --to x --step 2', '--to <name>', '--step <n>'],
    ['db:migrate:undo --name x --batch', '--name <name>', '--batch'],
    ['db:migrate:redo --name x --step 2', '--name <name>', '--step <n>'],
    ['db:seed:undo --seed x --step 2', '--seed <names...>', '--step <n>'],
  ])('%s: of two flags that say what to run none is passed over', async (line, ...flags) => {
    const result = await runKeel([...line.split(' '), '--json']);
    expectFailure(result, 'CONTRADICTING_FLAGS', 'Nothing was changed.', ...flags);
  });

  test('no command shows the commands and is no success', async () => {
    const result = await runKeel([]);
    expectFailure(result, 'USAGE', 'Usage: keel', 'db:migrate');
    expect(result.stdout).toBe('');
  });
});

describe('a database that cannot be used', () => {
  const { host, user } = serverConnection('postgres');
  const config = (fields: object) => ({
    development: { dialect: 'postgres', host, username: user, database: 'x', ...fields },
  });

  test('is named with what to correct, and without the password', () =>
    withDatabaseProject({ [FIRST]: tableMigration('first') }, async ({ database, keel, write }) => {
      const migrate = (...flags: string[]) => keel(['db:migrate', '--json', ...flags]);
      const secret = 'h1dden:p@ss';
      const url = new URL(database.url);

      url.password = secret;
      const wrong = await migrate('--url', url.href);
      expectFailure(
        wrong,
        'LOGIN_REFUSED',
        `refused the login of "${user}"`,
        'Nothing was changed.',
      );
      const fromEnvironment = await keel(['db:migrate', '--json'], { DATABASE_URL: url.href });
      expectFailure(fromEnvironment, 'LOGIN_REFUSED', 'Correct user and password');
      url.password = '';
      const byVariable = await keel(['db:migrate', '--url', url.href], { PGPASSWORD: secret });
      expectFailure(byVariable, 'LOGIN_REFUSED', 'Correct user and password');

      const refused = await migrate('--url', `postgres://me:${secret}@127.0.0.1:1/x`);
      expectFailure(refused, 'SERVER_UNREACHABLE', 'No PostgreSQL server answers at 127.0.0.1:1.');
      const missing = await migrate('--url', databaseUrl('keel_not_there'));
      expectFailure(missing, 'DATABASE_NOT_FOUND', '"keel_not_there" does not exist', 'db:create');
      const unreadable = await migrate('--url', `postgres://me:${secret}@host:99999/x`);
      expectFailure(unreadable, 'INVALID_URL', 'Nothing was changed.');

      write({ 'config/config.json': config({ port: 1, password: secret }) });
      expectFailure(await migrate(), 'SERVER_UNREACHABLE', 'Nothing was changed.');
      const outputs = [wrong, fromEnvironment, byVariable, refused, missing, unreadable];
      expect(JSON.stringify(outputs)).not.toMatch(/h1dden|p@ss|p%40ss/);
    }));

  test('a config without it says what it has, or what it needs', () =>
    withDatabaseProject({ [FIRST]: tableMigration('first') }, async ({ keel, write, remove }) => {
      const status = (env: Record<string, string> = {}, ...flags: string[]) =>
        keel(['db:migrate:status', '--json', ...flags], env);

      const unknown = await status({}, '--env', 'staging');
      expectFailure(
        unknown,
        'UNKNOWN_ENVIRONMENT',
        'no environment "staging"',
        'It has: development',
      );
      expectFailure(await status({ DATABASE_URL: '' }), 'URL_NOT_SET', 'DATABASE_URL is not set');
      write({ 'config/config.json': '{ "development": ' });
      expectFailure(await status(), 'INVALID_JSON', 'config.json is not valid JSON');
      remove('config/config.json');
      expectFailure(
        await status({ DATABASE_URL: '' }),
        'CONFIG_NOT_FOUND',
        'DATABASE_URL is empty',
        '--config',
      );
      write({
        'config/config.js': "throw new Error('no postgres://me:h1dden@host/x here');",
      });
      const throws = await status();
      expectFailure(throws, 'CONFIG_FAILED', 'no postgres://me:***@host/x here');
      expect(throws.stdout + throws.stderr).not.toContain('h1dden');
      write({
        'config/config.js': `module.exports = { get development() { throw new Error('no luck'); },
          test: () => ({ use_env_variable: 'DATABASE_URL', dialect: 'postgres' }) };`,
      });
      expectFailure(await status(), 'CONFIG_FAILED', 'config.js could not be loaded: no luck');
      expect((await status({}, '--env', 'test')).code).toBe(0);
      expectFailure(await status({}, '--env', 'toString'), 'UNKNOWN_ENVIRONMENT', 'It has: ');
      write({ '.sequelizerc': `module.exports = { 'migrations-path': ['a', 'b'] };` });
      expectFailure(await status(), 'RC_FAILED', `"migrations-path" is no text, but [ 'a', 'b' ]`);
    }));
});

describe('a migration that cannot run', () => {
  test('is rolled back; says why, where, and what to do; and runs once it is corrected', () =>
    withApplied({}, async ({ keel, state, write, remove }) => {
      const before = await state();
      const made = "await q.createTable('second', { id: S.INTEGER });";
      const failures: readonly (readonly [string, string, ...string[]])[] = [
        [migration(`${made} throw new Error('on purpose');`), 'MIGRATION_FAILED', 'on purpose'],
        [
          migration(`${made} await q.addColumn('nowhere', 'x', S.INTEGER);`),
          'MIGRATION_FAILED',
          'relation "public.nowhere" does not exist',
          'Statement: ALTER TABLE',
          '42P01',
        ],
        [migration(`${made} q.addIndex('second', ['id']);`), 'MIGRATION_FAILED', 'await every'],
        [`module.exports = { up: async (q => {`, 'MIGRATION_NOT_LOADED', 'could not be loaded'],
        ['throw null;', 'MIGRATION_NOT_LOADED', 'could not be loaded: null'],
        [`require('./not-there');`, 'MIGRATION_NOT_LOADED', "Cannot find module './not-there'"],
        [`module.exports = {};`, 'NO_UP', 'has no function "up"'],
      ];
      for (const [text, code, ...parts] of failures) {
        write({ [SECOND]: text });
        const result = await keel(['db:migrate', '--json']);
        expectFailure(result, code, '20250101000002-second.js', ...parts);
        expect(result.stderr).toMatch(/was rolled back; nothing of it remains|was run\./);
        expect(result.stderr).toMatch(/then run the same command again|Export "up" from/);
        expect(await state()).toEqual(before);
      }
      remove(SECOND);
      const typescript = SECOND.replace('.js', '.ts');
      write({ [typescript]: 'export async function up(q {' });
      expectFailure(await keel(['db:migrate']), '', '20250101000002-second.ts could not be loaded');
      expect(await state()).toEqual(before);

      remove(typescript);
      write({ [SECOND]: tableMigration('second') });
      expect(await keel(['db:migrate'])).toMatchObject({ code: 0, stderr: '' });
    }));

  test('and ends the process, fails the run all the same', () =>
    withApplied(
      { [SECOND]: migration("await q.dropTable('first'); process.exit(0);") },
      async ({ keel, state }) => {
        const before = await state();
        expectFailure(await keel(['db:migrate']), '', 'process.exit', 'rolled back');
        expect(await state()).toEqual(before);
      },
    ));

  test('and awaits what never comes, is told from one that ends the process', () =>
    withDatabaseProject({}, async ({ keel, write }) => {
      write({ 'config/config.js': 'module.exports = new Promise(() => {});' });
      expectFailure(await keel(['db:migrate']), '', 'A promise was awaited that nothing will ever');
      write({ 'config/config.js': 'process.exit(0);' });
      expectFailure(await keel(['db:migrate']), '', 'ended by the code of the project');
      write({
        'config/config.js': `Promise.reject(new Error('x')); module.exports = new Promise(() => {});`,
      });
      expectFailure(await keel(['db:migrate']), '', 'An error was not caught: x', 'config.js:1:16');
    }));

  test('never shows a password', () =>
    withApplied({}, async ({ database, keel, write }) => {
      const { password = '' } = database.connection;
      write({
        [SECOND]: migration(
          `throw new Error('with ' + process.env.DATABASE_URL + ' and ${password} and ' + process.env.PGPASSWORD)`,
        ),
      });
      const thrown = await keel(['db:migrate', '--json', '--debug'], { PGPASSWORD: password });
      expect(thrown.stderr).toContain('with postgres');
      expect(thrown.stdout + thrown.stderr).not.toMatch(new RegExp(`\\b${password}\\b`));

      write({
        [SECOND]: migration(
          `await q.sequelize.query("CREATE ROLE pg_keel LOGIN PASSWORD 'h1dden w0rd'")`,
        ),
      });
      const refused = await keel(['db:migrate', '--json', '--debug']);
      expectFailure({ ...refused, stderr: '' }, 'MIGRATION_FAILED');
      expect(refused.stderr).toContain("PASSWORD '***'");
      expect(refused.stdout + refused.stderr).not.toContain('h1dden');
    }));
});

describe('files that are doubtful', () => {
  test('one without "down" is not undone; the next run works', () =>
    withApplied({ [SECOND]: 'exports.up = async (q) => {};' }, async ({ keel, state, write }) => {
      expect(await keel(['db:migrate'])).toMatchObject({ code: 0 });
      const before = await state();
      const undo = await keel(['db:migrate:undo', '--json']);
      expectFailure(undo, 'NO_DOWN', 'has no function "down"', 'Export "down" from', '--fake');
      expect(await state()).toEqual(before);
      write({ [SECOND]: migration('', '') });
      expect(await keel(['db:migrate:undo'])).toMatchObject({ code: 0, stderr: '' });
    }));

  test('two with the same timestamp refuse a strict run', () => {
    const twin = SECOND.replace('second', 'twin');
    const both = { [SECOND]: tableMigration('second'), [twin]: tableMigration('twin') };
    return withApplied(both, async ({ keel, state, remove }) => {
      const before = await state();
      const names = '20250101000002-second.js and 20250101000002-twin.js';
      const refused = await keel(['db:migrate', '--json']);
      expectFailure(refused, 'SAME_TIMESTAMP', names, 'Nothing was changed.', 'later timestamp');
      expect(await state()).toEqual(before);
      remove(twin);
      expect(await keel(['db:migrate'])).toMatchObject({ code: 0, stderr: '' });
    });
  });

  test('one that is applied and gone refuses a strict run and its undoing', () =>
    withApplied({ [SECOND]: tableMigration('second') }, async ({ keel, state, remove, write }) => {
      remove(FIRST);
      const before = await state();
      const gone = '20250101000001-first.js';
      const refused = await keel(['db:migrate', '--json']);
      expectFailure(refused, 'FILE_MISSING', gone, 'version control', '--allow-missing');
      const undo = await keel(['db:migrate:undo', '--json']);
      expectFailure(undo, 'FILE_MISSING', gone, 'Nothing was undone.');
      expect(await state()).toEqual(before);
      const status = await keel(['db:migrate:status', '--check']);
      expect(status.stdout).toContain(`${gone} is applied, but the file is missing.`);
      expect(status.code).toBe(24);

      expect(await keel(['db:migrate', '--allow-missing'])).toMatchObject({ code: 0 });
      write({ [FIRST]: tableMigration('first') });
      expect(await keel(['db:migrate:undo:all'])).toMatchObject({ code: 0, stderr: '' });
    }));

  test('a name that is not there is an error, not "already up to date"', () =>
    withApplied({ [SECOND]: tableMigration('second') }, async ({ keel, state }) => {
      const before = await state();
      const fail = async (line: string, code: string, ...parts: string[]) => {
        expectFailure(await keel([...line.split(' '), '--json']), code, ...parts);
      };
      await fail('db:migrate --to 2025-nope', 'UNKNOWN_MIGRATION', 'no file "2025-nope"');
      await fail('db:migrate --to 202501', 'UNKNOWN_MIGRATION', 'beginning of 2 names');
      await fail('db:migrate --name 20250101000001-first', 'NOT_PENDING', 'is applied already');
      await fail('db:migrate:undo --name 20250101000002', 'NOT_APPLIED', 'nothing to undo');
      await fail('db:seed --seed nope', 'FOLDER_NOT_FOUND', 'seeders does not exist');
      await fail('db:seed', 'USAGE', 'db:seed:all');
      expect(await state()).toEqual(before);
    }));

  test('a seeder without its table changes nothing', () => {
    const seeder = 'seeders/20250101000001-rows.js';
    const insert = migration("await q.bulkInsert('second', [{ id: 1 }]);");
    return withApplied({ [seeder]: insert }, async ({ keel, state, write }) => {
      const seeded = await keel(['db:seed:all', '--json']);
      expectFailure(seeded, 'MIGRATION_FAILED', 'relation "second" does not exist', 'INSERT INTO');
      expect(await state()).toMatchObject({ seeders: [] });
      const nope = await keel(['db:seed', '--seed', 'nope', '--env', 'development', '--json']);
      expectFailure(nope, 'UNKNOWN_MIGRATION', 'keel db:seed:status --env development');
      write({ [SECOND]: tableMigration('second') });
      expect(await keel(['db:migrate'])).toMatchObject({ code: 0 });
      expect(await keel(['db:seed:all'])).toMatchObject({ code: 0, stderr: '' });
    });
  });
});

describe('an interruption', () => {
  test('rolls back what is running, says so, and exits with the code of its signal', () =>
    withApplied({}, async ({ database, start, state, keel, write }) => {
      const before = await state();
      write({
        [SECOND]: migration(
          "await q.createTable('second', { id: S.INTEGER }); await q.sequelize.query('SELECT pg_sleep(30)');",
        ),
      });
      for (const [signal, code] of [
        ['SIGINT', 130],
        ['SIGTERM', 143],
      ] as const) {
        const { child, ended } = start(['db:migrate', '--json']);
        await untilSleeping(database.url);
        child.kill(signal);
        const result = await ended;
        expect(result.code).toBe(code);
        expect(result.stderr).toContain('Interrupted while 20250101000002-second.js was running.');
        expect(result.stderr).toContain('was rolled back; nothing of it remains.');
        expect(JSON.parse(result.stdout)).toMatchObject({ error: { code: 'INTERRUPTED' } });
        expect(await state()).toEqual(before);
      }
      write({ [SECOND]: tableMigration('second') });
      expect(await keel(['db:migrate'])).toMatchObject({ code: 0, stderr: '' });
    }));

  test('ends a command at once while nothing is running yet', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const url = `postgres://me@127.0.0.1:${String((silent.address() as AddressInfo).port)}/x`;
    await withDatabaseProject({ [FIRST]: tableMigration('first') }, async ({ start }) => {
      const { child, ended } = start(['db:migrate', '--url', url]);
      // Others may knock at a port that was free: it is keel once its first message has come.
      for await (const [socket] of on(silent, 'connection') as AsyncIterable<[Socket]>) {
        const [first] = (await Promise.race([once(socket, 'data'), once(socket, 'close')])) as [
          Buffer | boolean,
        ];
        if (typeof first !== 'boolean') {
          child.kill('SIGINT');
          expect(await ended).toMatchObject({ code: 130, stderr: '\nERROR: Interrupted.\n\n' });
          socket.destroy();
          break;
        }
      }
    });
    silent.close();
  });
});
