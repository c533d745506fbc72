import { setTimeout as sleep } from 'node:timers/promises';
import { withServerClient } from './database';
import { file, MIGRATIONS } from './fault-project';
import { findPgBouncer, withPgBouncer } from './pgbouncer';
import { textOf, withScene } from './scene';

const once = Object.keys(MIGRATIONS)
  .sort()
  .map((name) => `up ${name}`);

let program: string | undefined;

beforeAll(() => {
  program = findPgBouncer();
}, 200_000);

/** The scene's URL with another port. */
function through(url: string, port: number): string {
  const other = new URL(url);
  other.hostname = '127.0.0.1';
  other.port = String(port);
  return other.href;
}

const advisoryLocks = (): Promise<number> =>
  withServerClient(async (client) => {
    const { rows } = await client.query<{ count: number }>(
      `SELECT count(*)::integer AS count FROM pg_locks l JOIN pg_stat_activity a USING (pid)
        WHERE l.locktype = 'advisory' AND a.datname = current_database()`,
    );
    return rows[0]?.count ?? 0;
  });

describe('behind PgBouncer in transaction mode', () => {
  test('five runners at once, one killed: each migration runs once, and no lock stays', async () => {
    if (program === undefined) return;
    await withPgBouncer(program, (port) =>
      withScene(MIGRATIONS, async ({ start, url, records, query }) => {
        const pooled = through(url, port);
        const runners = Array.from({ length: 5 }, () => start(['db:migrate'], pooled));
        const working = await Promise.any(
          runners.map(async (runner) => {
            await runner.printed(/fill-accounts: migrating/);
            return runner;
          }),
        );
        await working.kill();
        const ended = await Promise.all(runners.map((runner) => runner.ended));
        expect(ended.filter(({ code }) => code !== 0).map(textOf)).toHaveLength(1);
        expect((await records()).history).toEqual(once);
        expect(await query('SELECT balance FROM accounts')).toEqual([227, 227, 227]);
        expect(await advisoryLocks()).toBe(0);
      }),
    );
  }, 120_000);

  test('Ctrl-C ends a long statement, and what keel set for itself stays with nobody', async () => {
    if (program === undefined) return;
    const name = '20250101000001-slow.js';
    await withPgBouncer(program, (port) =>
      withScene(
        { [name]: file(`await q.sequelize.query('SELECT pg_sleep(60)');`, '') },
        async (scene) => {
          const pooled = through(scene.url, port);
          const runner = scene.start(['db:migrate', '--lock-timeout', '2s'], pooled);
          await runner.printed(/slow: migrating/);
          await sleep(500);
          runner.child.kill('SIGINT');
          const ended = await runner.ended;
          expect(textOf(ended)).toContain(`${name} was rolled back; nothing of it remains.`);
          expect(ended.code).toBe(130);
          const sleeping = `SELECT count(*)::integer FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'SELECT pg_sleep%'`;
          for (let tries = 0; tries < 50 && (await scene.query(sleeping))[0] !== 0; tries += 1)
            await sleep(100);
          expect(await scene.query(sleeping)).toEqual([0]);
          const other = await scene.connect(pooled);
          const { rows } = await other.query<{ lock_timeout: string }>('SHOW lock_timeout');
          expect(rows).toEqual([{ lock_timeout: '0' }]);
        },
      ),
    );
  }, 120_000);
});
