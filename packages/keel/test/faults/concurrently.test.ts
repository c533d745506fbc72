import { setTimeout as sleep } from 'node:timers/promises';
import { lockKey } from '../../src/db/advisory-lock';
import { serverConnection } from '../support/server';
import { file } from './fault-project';
import { withScene } from './scene';
import { urlThrough } from './trial';
import { startProxy } from './wire-proxy';

// CREATE INDEX CONCURRENTLY waits for the end of every transaction that has a snapshot at the moment it looks.
// One that waits, or stands, for the run itself would be waited for without end, and PostgreSQL could not see it.

const NAME = '20250101000001-concurrently.js';
const FILES = {
  [NAME]: file(
    `await q.sequelize.query('CREATE TABLE t (id integer)');
     await q.sequelize.query('SELECT pg_sleep(2)');
     await q.sequelize.query('CREATE INDEX CONCURRENTLY t_id ON t (id)');`,
    '',
    'module.exports.transaction = false;\n',
  ),
};

test('a runner that waits for the lock is in no transaction between its questions', async () => {
  await withScene(FILES, async ({ connect, start, query }) => {
    const holder = await connect();
    await holder.query(`SELECT pg_advisory_lock(${lockKey('', 'SequelizeMeta')})`);
    const runner = start(['db:migrate']);
    await runner.printed(/Another run is going on/);
    const states: unknown[] = [];
    for (let i = 0; i < 10; i += 1) {
      const sql = `SELECT state FROM pg_stat_activity WHERE application_name = 'keel lock' AND datname = current_database()`;
      states.push(...(await query(sql)));
      await sleep(30);
    }
    expect(states).toHaveLength(10);
    expect(states).not.toContain('idle in transaction');
  });
});

test("nothing that takes a snapshot runs on the lock's connection while files run", async () => {
  await withScene(FILES, async ({ database, start }) => {
    const { host, port } = serverConnection(database);
    const proxy = await startProxy({ host, port });
    try {
      const runner = start(['db:migrate', '--lock-timeout', '2s'], urlThrough(proxy, database));
      expect(await runner.ended).toMatchObject({ code: 0 });
      const begun = proxy.statements.findIndex(({ sql }) => sql.startsWith('CREATE TABLE t '));
      const onLock = proxy.statements
        .slice(begun)
        .filter(({ application }) => application === 'keel lock')
        .map(({ sql }) => sql);
      expect(onLock.filter((sql) => sql !== 'SHOW server_version')).toEqual(['ROLLBACK']);
      // It has been looked at all the same, from elsewhere.
      const watched = proxy.statements.filter(({ application }) => application === 'keel watch');
      expect(watched).not.toEqual([]);
    } finally {
      await proxy.close();
    }
  });
});
