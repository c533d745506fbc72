import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { answers } from '../../src/embedded/free-ports';
import { withTemporaryServer } from '../../src/embedded/temporary-server';
import type { TemporaryServer } from '../../src/embedded/temporary-server';
import { evaluateInProcess } from '../support/embedded';

test('a temporary server has the settings asked for, and is gone afterwards', async () => {
  const folder = await withTemporaryServer(
    { settings: { max_connections: '17' } },
    async ({ dataDir, host, port, user, password }) => {
      const client = new Client({ host, port, user, password, database: 'postgres' });
      await client.connect();
      const { rows } = await client.query(
        "SELECT current_setting('max_connections') AS connections, current_setting('fsync') AS fsync",
      );
      expect(rows).toEqual([{ connections: '17', fsync: 'off' }]);
      await client.end();
      return dirname(dataDir);
    },
  );
  expect(existsSync(folder)).toBe(false);
});

test('a temporary server that fails to start says why and leaves nothing', async () => {
  const attempt = withTemporaryServer({ settings: { shared_buffers: 'much' } }, () =>
    Promise.resolve(),
  );
  const error = await attempt.catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    code: 'EMBEDDED_START_FAILED',
    details: [expect.stringContaining('"much"'), expect.anything()],
  });
  const folder = /\((\/.*)\)\.$/.exec((error as Error).message)?.[1] ?? '';
  expect(folder).not.toBe('');
  expect(existsSync(folder)).toBe(false);
});

test('a temporary server goes when the process that started it is killed', async () => {
  const child = evaluateInProcess(`(async () => {
    setInterval(() => {}, 1000);
    return load('embedded/temporary-server.js').startTemporaryServer();
  })()`);
  const [text] = (await once(child.stdout!, 'data')) as [Buffer];
  const { dataDir, port } = JSON.parse(text.toString()) as TemporaryServer;
  expect(await answers(port)).toBe(true);
  child.kill('SIGKILL');
  while (existsSync(dirname(dataDir))) await sleep(20);
  expect(await answers(port)).toBe(false);
});
