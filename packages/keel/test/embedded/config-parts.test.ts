import { createServer } from 'node:net';
import { databaseFromUrl } from '../../src/config';
import { readServer } from '../../src/embedded/embedded-server';
import { withHome } from '../support/embedded';
import { requireSuccess, runProgram, withProject } from '../support/projects';
import { PACKAGE } from '../support/paths';
import { serverUrl } from '../support/server';

const CONFIG = `
  const { databaseFromUrl, embeddedServer } = require(${JSON.stringify(`${PACKAGE}/dist/config`)});
  module.exports = {
    development: {
      dialect: 'postgres', database: 'demo', username: 'postgres', password: '1971', ...embeddedServer(),
    },
    get production() { return databaseFromUrl(); },
  };`;

const MODELS = `
  const { Sequelize } = require('sequelize');
  const sequelize = new Sequelize({ ...require('./config/config').development, logging: false });
  sequelize.query('SELECT current_database() AS name', { plain: true })
    .then(({ name }) => console.log(name, sequelize.config.port))
    .then(() => sequelize.close());`;

test('keel, sequelize-cli and the models start the embedded server and reach it, its first port taken', () =>
  withHome((home) =>
    withProject({ 'config/config.js': CONFIG, 'models.js': MODELS }, async (project) => {
      const env = { KEEL_HOME: home };
      const other = createServer().listen(54320, '127.0.0.1');
      // Another server may have the port already, which serves as well.
      await new Promise((resolve) => {
        other.once('listening', resolve).once('error', resolve);
      });
      try {
        project.write({ 'migrations/1-a.js': 'exports.up = async () => {};' });
        const first = await project.run('sequelize-cli', ['db:migrate:status'], { env });
        requireSuccess('sequelize-cli', first);
        expect(first.stdout).toContain('down 1-a.js');
        const port = readServer(home)?.port;
        expect(port).not.toBe(54320);

        const models = await runProgram(['models.js'], { cwd: project.root, env });
        expect(models).toEqual({ code: 0, stdout: `demo ${port}\n`, stderr: '' });
        const status = await project.run('keel', ['db:migrate:status'], { env });
        expect(status).toMatchObject({ code: 0, stderr: '' });

        requireSuccess('db:stop', await project.run('keel', ['db:stop'], { env }));
        const again = await runProgram(['models.js'], { cwd: project.root, env });
        expect(again).toMatchObject({ code: 0, stdout: expect.stringMatching(/^demo \d+\n$/) });
      } finally {
        other.close();
      }
    }),
  ));

test('nothing is started for a command that needs no server, or for another environment', () =>
  withHome((home) =>
    withProject({ 'config/config.js': CONFIG, 'migrations/1-a.js': '' }, async (project) => {
      const env = { KEEL_HOME: home };
      expect(await project.run('keel', ['db:stop'], { env })).toMatchObject({ code: 0 });
      for (const tool of ['keel', 'sequelize-cli'] as const) {
        const args = ['db:migrate:status', '--env', 'production'];
        const refused = await project.run(tool, args, { env });
        expect(refused.code).toBe(1);
        expect(refused.stderr).toContain('The environment variable DATABASE_URL is not set.');
      }
      expect(readServer(home)).toBeUndefined();
    }),
  ));

describe('databaseFromUrl', () => {
  afterEach(() => {
    delete process.env.KEEL_TEST_URL;
  });

  test('takes a URL apart, escapes and query kept', () => {
    process.env.KEEL_TEST_URL =
      'postgres://me:p%40ss%3A1@db.test:6000/my%20app?sslmode=verify-full&application_name=x';
    expect(databaseFromUrl('KEEL_TEST_URL')).toEqual({
      dialect: 'postgres',
      host: 'db.test',
      port: 6000,
      database: 'my app',
      username: 'me',
      password: 'p@ss:1',
      urlVariable: 'KEEL_TEST_URL',
      dialectOptions: { application_name: 'x', ssl: expect.anything() },
    });
  });

  test('keel names the variable where its URL is wrong', () =>
    withProject({ 'config/config.js': CONFIG, 'migrations/1-a.js': '' }, async (project) => {
      const url = new URL(serverUrl());
      url.password = 'wrong';
      const args = ['db:migrate:status', '--env', 'production'];
      const refused = await project.run('keel', args, { env: { DATABASE_URL: url.href } });
      expect(refused.code).toBe(1);
      expect(refused.stderr).toContain('user and password in the variable DATABASE_URL.');
    }));

  test.each([undefined, '', 'postgres://me:secret@db:port/app', 'mysql://me:secret@db/app'])(
    'refuses %s without its password',
    (url) => {
      if (url !== undefined) process.env.KEEL_TEST_URL = url;
      expect(() => databaseFromUrl('KEEL_TEST_URL')).toThrow(/^(?!.*secret)/);
    },
  );
});
