import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { Client } from 'pg';
import { cleanEnvironment, KEEL } from '../support/cli';
import { migration, withDatabaseProject, type DatabaseProject } from '../support/project';
import { runOnTerminal } from '../support/terminal';

const CONFIG = { use_env_variable: 'DATABASE_URL', dialect: 'postgres' };

const FILES = {
  'config/config.json': { development: CONFIG, production: CONFIG },
  'migrations/20250101000001-users.js': migration(
    `console.log('said by the migration'); process.stderr.write('and on the other channel');
     await q.createTable('users', { id: { type: S.INTEGER, primaryKey: true }, name: S.STRING });`,
    `await q.dropTable('users');`,
  ),
  'models/user.js': `module.exports = (sequelize, types) =>
     sequelize.define('User', { id: { type: types.INTEGER, primaryKey: true, autoIncrement: false },
       fullName: types.STRING }, { tableName: 'users', timestamps: false });\n`,
};

const CTRL_C = '\u0003';
const CTRL_D = '\u0004';

/** Runs a command of the project on a terminal. */
function onTerminal(
  { root, database }: DatabaseProject,
  line: string,
  ...answers: readonly (readonly [string, string])[]
) {
  return runOnTerminal(line.split(' '), answers, {
    cwd: root,
    env: { DATABASE_URL: database.url },
  });
}

test('a question can be answered, and left with Ctrl-C or Ctrl-D', () =>
  withDatabaseProject(FILES, async (project) => {
    expect(await project.keel(['db:migrate'])).toMatchObject({ code: 0 });
    const before = await project.state();
    const generate = 'migration:generate --from-models --name names';
    for (const key of [CTRL_C, CTRL_D]) {
      const left = await onTerminal(project, generate, ['[y/N]', key]);
      expect(left).toMatchObject({ code: 130 });
      expect(left.screen).toContain('Interrupted.');
      expect(left.screen).toContain('Nothing was changed.');
      expect(left.screen).not.toContain('Aborted');
    }
    expect(await project.state()).toEqual(before);
    const answered = await onTerminal(project, generate, ['[y/N]', 'y\r']);
    expect(answered.screen).toContain('New migration was created');
    expect(answered.code).toBe(0);
  }));

test('production is dropped, reset or undone only with --force, or with its name typed', () =>
  withDatabaseProject(FILES, async (project) => {
    const { database, keel, state, write } = project;
    write({ 'seeders/20250101000001-none.js': migration('', '') });
    for (const command of ['db:migrate', 'db:seed:all'])
      expect(await keel([command])).toMatchObject({ code: 0 });
    const before = await state();
    for (const command of ['db:drop', 'db:reset', 'db:migrate:undo:all', 'db:seed:undo:all']) {
      const refused = await keel([command, '--env', 'production', '--json']);
      expect(refused.code).toBe(1);
      expect(JSON.parse(refused.stdout)).toMatchObject({ error: { code: 'PRODUCTION' } });
    }
    // The same database by its URL, with the names of this machine that mean the same.
    const byUrl = database.url.replace('127.0.0.1', 'localhost');
    const refused = await keel(['db:drop', '--url', byUrl]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/without --force\.\n.*the config's environment production/);
    expect(await state()).toEqual(before);
    const { database: name } = database.connection;
    const drop = 'db:drop --env production';
    for (const [answer, code] of [
      ['another\r', 1],
      ['\r', 1],
      [CTRL_C, 130],
    ] as const) {
      const refused = await onTerminal(project, drop, ['Type its name', answer]);
      expect({ answer, code: refused.code }).toEqual({ answer, code });
      expect(refused.screen).toContain('Nothing was changed.');
    }
    expect(await state()).toEqual(before);

    const dry = await keel(['db:migrate:undo:all', '--env', 'production', '--dry-run']);
    expect(dry.code).toBe(0);
    const undone = await keel(['db:migrate:undo:all', '--env', 'production', '--force']);
    expect(undone.code).toBe(0);
    const dropped = await onTerminal(project, drop, ['Type its name', `${name}\r`]);
    expect(dropped).toMatchObject({ code: 0 });
    expect(await keel(['db:create'])).toMatchObject({ code: 0 });
  }));

test('what replayed migrations print is shown with --debug only', () =>
  withDatabaseProject(FILES, async ({ keel, write }) => {
    const applied = await keel(['db:migrate']);
    expect(applied.stdout).toContain('said by the migration');
    const check = async (...flags: string[]) => {
      const { stdout, stderr } = await keel(['db:check', '--no-cache', ...flags]);
      return stdout + stderr;
    };
    const said = /said by|other channel/;
    expect(await check()).not.toMatch(said);
    expect(await check('--json')).not.toMatch(said);
    expect(await check('--debug')).toMatch(/said by[^]*other channel|other channel[^]*said by/);

    write({ 'migrations/20250101000002-broken.js': migration(`throw new Error('broken');`) });
    const generate = await keel(['migration:generate', '--from-models', '--name', 'x']);
    expect(generate.stdout + generate.stderr).not.toMatch(said);
    expect(generate.stderr).toContain('broken');
  }));

test('a full disk or a reader that has gone is not taken for a fault of the project', () =>
  withDatabaseProject(FILES, async ({ root, database, keel }) => {
    const full = openSync('/dev/full', 'w');
    const run = async (args: readonly string[], out: number | 'pipe', err: number | 'pipe') => {
      const child = spawn(process.execPath, [KEEL, ...args], {
        cwd: root,
        env: { ...cleanEnvironment(), DATABASE_URL: database.url },
        stdio: ['ignore', out, err],
      });
      // The reader of the output goes at once.
      child.stdout?.destroy();
      let stderr = '';
      child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
      const [code] = (await once(child, 'close')) as [number];
      return { code, stderr };
    };
    for (const args of [['db:migrate:status'], ['db:migrate:status', '--json'], ['--help']]) {
      const lost = await run(args, full, 'pipe');
      expect(lost.stderr).toContain('The output could not be written: ENOSPC');
      expect(lost.stderr).not.toMatch(/\n\s+at |--debug|Correct/);
      expect(lost.code).toBe(1);
      expect(await run(args, 'pipe', 'pipe')).toEqual({ code: 0, stderr: '' });
    }
    expect(await run(['db:migrat'], 'pipe', full)).toMatchObject({ code: 1 });
    // What prints while it works is carried out to the end.
    expect(await run(['db:migrate'], full, full)).toMatchObject({ code: 1 });
    expect((await keel(['db:migrate:status'])).stdout).toContain('up 20250101000001-users.js');
    const client = new Client({ connectionString: database.url });
    await client.connect();
    expect((await client.query('SELECT * FROM users')).rowCount).toBe(0);
    await client.end();
  }));
