import { readServer } from '../../src/embedded/embedded-server';
import { withHome } from '../support/embedded';
import { migration } from '../support/project';
import { withProject } from '../support/projects';

const PROJECT = {
  'config/config.json': {
    development: {
      dialect: 'postgres',
      database: 'demo',
      username: 'postgres',
      password: '1971',
      embedded: true,
    },
  },
};

test('db:start starts the server, db:url tells where it is, db:stop stops it', () =>
  withHome((home) =>
    withProject(PROJECT, async (project) => {
      const keel = (command: string) =>
        project.run('keel', [command], { env: { KEEL_HOME: home } });

      expect(await keel('db:stop')).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('not'),
      });
      expect(await keel('db:start')).toMatchObject({ code: 0, stderr: '' });
      const port = readServer(home)?.port;
      expect(await keel('db:url')).toEqual({
        code: 0,
        stdout: `postgres://postgres:1971@127.0.0.1:${port}/demo\n`,
        stderr: '',
      });
      // Nobody else is at work on it, so nobody waits behind a migration that waits.
      const seen = migration(`console.log((await q.sequelize.query('SHOW lock_timeout'))[0]);`);
      project.write({ 'migrations/1-seen.js': seen });
      expect((await keel('db:migrate')).stdout).toContain(`{ lock_timeout: '0' }`);
      expect(await keel('db:stop')).toMatchObject({ code: 0, stderr: '' });
      expect(readServer(home)).toBeUndefined();
    }),
  ));
