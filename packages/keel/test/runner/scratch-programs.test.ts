import { Socket } from 'node:net';
import { commandLine, watchDetours } from '../../src/project/watch-detours';
import { queryDatabase, requireSuccess } from '../support/projects';
import { migration, withDatabaseProject } from '../support/project';

/** Runs SQL through a program that finds the database by the environment, as psql does. */
const SCRIPT = `
const { Client } = require('pg');
(async () => {
  const client = new Client(process.argv[3] ? { database: process.argv[3] } : undefined);
  await client.connect();
  await client.query(process.argv[2]);
  await client.end();
})().catch((error) => { console.error(error); process.exit(1); });`;

const settings = (programs: string[]) => ({
  'config/config.json': {
    development: { use_env_variable: 'DATABASE_URL', dialect: 'postgres', keel: { programs } },
  },
});

const start = (code: string) => `const child = require('node:child_process'); ${code}`;

/** Takes the function out of the module when the file is loaded, as most people write it. */
const taken = (code: string) =>
  `const { execSync } = require('child_process');\n${migration(code)}`;

const FILES = {
  'run-sql.js': SCRIPT,
  'models/nothing.js': '',
  'migrations/1-a.js': taken(
    `execSync('node run-sql.js "CREATE TABLE a (id int)"', { stdio: 'pipe' });`,
  ),
  'migrations/2-b.js': migration(
    start(
      `await q.createTable('b', { id: S.INTEGER });
       child.execFileSync('node', ['run-sql.js', 'CREATE TABLE c (id int)'], { env: { ...process.env } });`,
    ),
  ),
};

test('a migration may start a program on a scratch database where the config names it', async () => {
  await withDatabaseProject({ ...FILES, ...settings(['node']) }, async (project) => {
    const { database, keel, write } = project;
    const url = new URL(database.url);
    const env = {
      PGHOST: url.hostname,
      PGPORT: url.port,
      PGUSER: url.username,
      PGPASSWORD: decodeURIComponent(url.password),
      PGDATABASE: url.pathname.slice(1),
    };
    requireSuccess('migrate', await keel(['db:migrate'], env));
    const before = await project.state();
    const check = await keel(['db:check', '--no-cache'], env);
    expect(check.stdout).toContain('same     Database and migrations');
    expect(await project.state()).toEqual(before);

    // Named with the real database, it would change that one.
    write({
      'migrations/2-b.js': migration(
        start(`child.spawnSync('node', ['run-sql.js', 'DROP TABLE a', '${env.PGDATABASE}']);`),
      ),
    });
    const refused = await keel(['db:check', '--no-cache'], env);
    expect(refused.stderr).toContain('with the name of the database');

    write(settings([]));
    const unnamed = await keel(['db:check', '--no-cache'], env);
    expect(unnamed.stderr).toContain("keel: { programs: ['node'] }");
    expect(await project.state()).toEqual(before);
    expect(await queryDatabase(database, 'SELECT * FROM a')).toEqual([]);
  });
});

test.each<[string, unknown[]]>([
  ['psql -f x.sql', ['psql -f x.sql', {}]],
  ['psql -f x.sql', ['psql', ['-f', 'x.sql']]],
  ['psql', ['psql', { env: {} }]],
  ['psql -f x.sql', [{ file: '/bin/sh', args: ['/bin/sh', '-c', 'psql -f x.sql'] }]],
  ['psql -c x', [{ file: 'psql', args: ['psql', '-c', 'x'] }]],
])('the command line is %s', (expected, args) => {
  expect(commandLine(args)).toBe(expected);
});

test('the process is watched once, however often keel is loaded in it', () => {
  watchDetours();
  const { connect } = Socket.prototype;
  jest.isolateModules(() => {
    const again = jest.requireActual<typeof import('../../src/project/watch-detours')>(
      '../../src/project/watch-detours',
    );
    expect(again.watchDetours).not.toBe(watchDetours);
    again.watchDetours();
  });
  expect(Socket.prototype.connect).toBe(connect);
});
