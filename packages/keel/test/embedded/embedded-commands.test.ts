import { readServer } from '../../src/embedded/embedded-server';
import { runKeel } from '../support/cli';
import { withHome } from '../support/embedded';
import { REPOSITORY } from '../support/paths';

test('db:start starts the server, db:url tells where it is, db:stop stops it', () =>
  withHome(async (home) => {
    const keel = (command: string) =>
      runKeel([command], { cwd: REPOSITORY, env: { KEEL_HOME: home, NODE_ENV: 'development' } });

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
    expect(await keel('db:stop')).toMatchObject({ code: 0, stderr: '' });
    expect(readServer(home)).toBeUndefined();
  }));
