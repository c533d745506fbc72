import { createKeel, KeelError } from '../../src';
import { untilSleeping } from '../support/database';
import { serverConnection } from '../support/server';
import { start as startServer, withHome } from '../support/embedded';
import { waitForSessions } from './database';
import { file } from './fault-project';
import { withScene, type Scene } from './scene';
import { startProxy, type Watcher, type WireProxy } from './wire-proxy';

const FIRST = '20250101000001-first.js';
const FILES = {
  [FIRST]: file(
    `await q.createTable('first', { id: S.INTEGER }); await q.sequelize.query('SELECT 1 AS marker');`,
    '',
  ),
};

/** What a run through the proxy fails with. */
async function failureThrough(
  { root, database }: Scene,
  watcher: (proxy: () => WireProxy) => Watcher,
): Promise<KeelError> {
  const { host, port } = serverConnection(database);
  const proxy: WireProxy = await startProxy({ host, port }, (...args) =>
    watcher(() => proxy)(...args),
  );
  const url = new URL(process.env.KEEL_TEST_SERVER ?? '');
  url.port = String(proxy.port);
  url.hostname = '127.0.0.1';
  url.pathname = database;
  try {
    const keel = await createKeel({ cwd: root, url: url.href });
    const failure: unknown = await keel.migrate({}, { silenceMs: 900 }).catch((e: unknown) => e);
    expect(failure).toBeInstanceOf(KeelError);
    return failure as KeelError;
  } finally {
    await proxy.close();
  }
}

async function expectFinished({ run, records, database }: Scene): Promise<void> {
  expect(await waitForSessions(database)).toEqual([]);
  expect(await run(['db:migrate'])).toMatchObject({ code: 0 });
  expect((await records()).history).toEqual([`up ${FIRST}`]);
}

describe('a network that dies without a word', () => {
  test('is noticed: the run fails and says what it does not know', async () => {
    await withScene(FILES, async (scene) => {
      const error = await failureThrough(scene, (proxy) => (statement, phase) => {
        if (phase === 'before' && statement.sql.includes('marker')) proxy().stall();
        return undefined;
      });
      expect(error).toMatchObject({
        code: 'CONNECTION_LOST',
        state: `Whether ${FIRST} was committed is not known: the server cannot be asked now.`,
      });
      await expectFinished(scene);
    });
  });

  test('swallows an answer: the server is asked, and the file is rolled back', async () => {
    await withScene(FILES, async (scene) => {
      const error = await failureThrough(
        scene,
        () => (statement, phase) =>
          phase === 'after' && statement.sql.includes('marker') ? 'stall' : undefined,
      );
      expect(error).toMatchObject({
        code: 'CONNECTION_LOST',
        state: `${FIRST} was rolled back; nothing of it remains.`,
      });
      await expectFinished(scene);
    });
  });

  test('swallows the answer to a COMMIT: the server is asked, and has it', async () => {
    await withScene(FILES, async (scene) => {
      const error = await failureThrough(
        scene,
        () => (statement, phase) =>
          phase === 'after' && statement.sql.includes('COMMIT') ? 'stall' : undefined,
      );
      expect(error).toMatchObject({
        code: 'CONNECTION_LOST',
        state: `${FIRST} was committed all the same, and is recorded.`,
      });
      await expectFinished(scene);
    });
  });
});

const RESTARTED = {
  ...FILES,
  '20250101000002-second.js': file(
    `await q.createTable('second', {}); await q.sequelize.query('SELECT pg_sleep(3)');`,
    '',
  ),
};

test('a fast and an immediate restart of the server in the middle of a migration', async () => {
  await withHome(async (home) => {
    for (const [mode, signal] of [
      ['fast', 'SIGINT'],
      ['immediate', 'SIGQUIT'],
    ] as const) {
      const server = await startServer(home);
      const url = `postgres://postgres:1971@${server.host}:${server.port}/${mode}`;
      await withScene(RESTARTED, async ({ start, run }) => {
        expect(await run(['db:create'], url)).toMatchObject({ code: 0 });
        const runner = start(['db:migrate'], url);
        await untilSleeping(url);
        process.kill(server.pid, signal);
        const { stderr, code } = await runner.ended;
        expect(stderr).toContain(
          'The connection was lost while 20250101000002-second.js was running',
        );
        expect(stderr).toMatch(
          /Whether 20250101000002-second\.js was committed is not known|was rolled back; nothing of it remains/,
        );
        expect(code).toBe(1);
        await startServer(home);
        const status = await run(['db:migrate:status'], url);
        expect(status.stdout).toContain(`up ${FIRST}\ndown 20250101000002-second.js`);
        expect(await run(['db:migrate'], url)).toMatchObject({ code: 0 });
      });
    }
  });
}, 120_000);
