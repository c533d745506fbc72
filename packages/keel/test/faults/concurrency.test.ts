import { MIGRATIONS } from './fault-project';
import { readSnapshot } from './database';
import { textOf, withScene } from './scene';

const names = Object.keys(MIGRATIONS).sort();
const once = names.map((name) => `up ${name}`);

test('eight runners at once all succeed, and each migration runs once', async () => {
  await withScene(MIGRATIONS, async ({ run, records, query, database }) => {
    const all = await Promise.all(Array.from({ length: 8 }, () => run(['db:migrate'])));
    expect(all.filter(({ code }) => code !== 0).map(textOf)).toEqual([]);
    expect((await records()).history).toEqual(once);
    expect(await query('SELECT balance FROM accounts')).toEqual([227, 227, 227]);
    expect((await readSnapshot(database)).rows.log).toHaveLength(3);
  });
}, 120_000);

test('twenty runners at once, the working one killed in the middle: another goes on', async () => {
  await withScene(MIGRATIONS, async ({ start, records, query }) => {
    const runners = Array.from({ length: 20 }, () => start(['db:migrate']));
    // Whoever has the lock says so by beginning a file.
    const working = await Promise.any(
      runners.map(async (runner) => {
        await runner.printed(/fill-accounts: migrating/);
        return runner;
      }),
    );
    await working.kill();
    const ended = await Promise.all(runners.map((runner) => runner.ended));
    const failed = ended.filter(({ code }) => code !== 0);
    expect(failed.map(({ signal }) => signal)).toEqual(['SIGKILL']);
    expect(failed.map(textOf)).toEqual([expect.stringContaining('migrating')]);
    expect((await records()).history).toEqual(once);
    expect(await query('SELECT balance FROM accounts')).toEqual([227, 227, 227]);
  });
}, 120_000);
