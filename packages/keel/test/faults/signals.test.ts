import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { lockKey } from '../../src/db/advisory-lock';
import { untilSleeping } from '../support/database';
import { waitForSessions } from './database';
import { file } from './fault-project';
import { textOf, withScene, type Scene } from './scene';

const FIRST = '20250101000001-first.js';
const SECOND = '20250101000002-second.js';
const first = file(`await q.createTable('first', { id: S.INTEGER });`, '');

/** A project whose second migration takes long. */
const slow = (up: string, head = '') => ({ [FIRST]: first, [SECOND]: file(up, '', head) });

/** Nothing of the second migration is there, no session is left, and the next run does it. */
async function expectNextRun({ run, records, query, database, root }: Scene): Promise<void> {
  expect(await waitForSessions(database)).toEqual([]);
  expect((await records()).migrations).toEqual([FIRST]);
  expect(await query(`SELECT to_regclass('second')`)).toEqual([null]);
  writeFileSync(`${root}/migrations/${SECOND}`, file(`await q.createTable('second', {});`, ''));
  expect(await run(['db:migrate'])).toMatchObject({ code: 0 });
}

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s in the middle of a long statement', async (signal, code) => {
  const up = `await q.createTable('second', {}); await q.sequelize.query('SELECT pg_sleep(60)');`;
  await withScene(slow(up), async (scene) => {
    const runner = scene.start(['db:migrate']);
    await untilSleeping(scene.url);
    runner.child.kill(signal);
    const ended = await runner.ended;
    expect(textOf(ended)).toContain(`Interrupted while ${SECOND} was running.`);
    expect(textOf(ended)).toContain(`${SECOND} was rolled back; nothing of it remains.`);
    expect(ended.code).toBe(code);
    await expectNextRun(scene);
  });
});

test("Ctrl-C in the middle of a file's own long wait", async () => {
  const up = `await q.createTable('second', {}); console.log('WAITS'); await new Promise((r) => setTimeout(r, 60_000));`;
  await withScene(slow(up), async (scene) => {
    const runner = scene.start(['db:migrate']);
    await runner.printed(/WAITS/);
    runner.child.kill('SIGINT');
    const ended = await runner.ended;
    expect(textOf(ended)).toContain(`${SECOND} was rolled back; nothing of it remains.`);
    expect(ended.code).toBe(130);
    await expectNextRun(scene);
  });
});

test('a second Ctrl-C ends a file that does not come to an end, at once', async () => {
  const up = `await q.createTable('second', {}); console.log('WAITS'); await new Promise(() => undefined);`;
  await withScene(slow(up), async (scene) => {
    const runner = scene.start(['db:migrate']);
    await runner.printed(/WAITS/);
    // A busy process sees two signals as one when it looks late: one more is sent until it has ended.
    while (runner.child.exitCode === null) {
      runner.child.kill('SIGINT');
      await sleep(700);
    }
    const ended = await runner.ended;
    expect(ended.code).toBe(130);
    // The first signal lets a run tell of its file; so says only the second.
    expect(textOf(ended)).toContain(
      'What was running in a transaction is rolled back by the server.',
    );
    expect(textOf(ended)).not.toContain(`${SECOND} was`);
    await expectNextRun(scene);
  });
});

test('Ctrl-C in the middle of a file without a transaction says what took effect', async () => {
  const up = `await q.createTable('kept', {}); await q.sequelize.query('SELECT pg_sleep(60)');`;
  await withScene(slow(up, 'module.exports.transaction = false;\n'), async (scene) => {
    const runner = scene.start(['db:migrate']);
    await untilSleeping(scene.url);
    runner.child.kill('SIGINT');
    const ended = await runner.ended;
    expect(textOf(ended)).toContain('1 of its statements took effect and remain');
    expect(textOf(ended)).toContain('CREATE TABLE IF NOT EXISTS "kept"');
    expect(textOf(ended)).toContain('It is not recorded.');
    expect(ended.code).toBe(130);
    // The statement was cancelled, not left behind.
    await expectNextRun(scene);
  });
});

test('an index that CREATE INDEX CONCURRENTLY left INVALID is named, with the command against it', async () => {
  const build = `await q.sequelize.query('CREATE UNIQUE INDEX CONCURRENTLY once ON first (id)');`;
  await withScene(slow(build), async ({ run, query }) => {
    await run(['db:migrate', '--to', FIRST]);
    await query('INSERT INTO first VALUES (1), (1)');
    const failed = await run(['db:migrate']);
    const command = 'DROP INDEX CONCURRENTLY public.once;';
    expect(textOf(failed)).toContain('could not create unique index "once"');
    expect(textOf(failed)).toContain(`An INVALID index is left behind; remove it with: ${command}`);
    expect(failed.code).toBe(1);
    await query('DELETE FROM first');
    // The name is taken until the command is given.
    const again = await run(['db:migrate']);
    expect(textOf(again)).toContain('relation "once" already exists');
    expect(textOf(again)).toContain(command);
    await query(command);
    expect(await run(['db:migrate'])).toMatchObject({ code: 0 });
  });
});

test('Ctrl-C while waiting for the lock', async () => {
  await withScene({ [FIRST]: first }, async ({ connect, start, records, run }) => {
    const holder = await connect();
    await holder.query(`SELECT pg_advisory_lock(${lockKey('', 'SequelizeMeta')})`);
    const runner = start(['db:migrate']);
    await runner.printed(/Another run is going on: waiting for pid \d+ \(other session/);
    runner.child.kill('SIGINT');
    const ended = await runner.ended;
    expect(textOf(ended)).toContain('Interrupted while waiting for the lock');
    expect(textOf(ended)).toContain('Nothing was changed by this run.');
    expect(ended.code).toBe(130);
    expect((await records()).migrations).toEqual([]);
    const refused = await run(['db:migrate', '--lock-timeout', '300ms']);
    expect(textOf(refused)).toMatch(/Waited 0\.3 s for the lock .*; pid \d+ \(other session/);
    expect(refused.code).toBe(1);
    await holder.query('SELECT pg_advisory_unlock_all()');
    expect(await run(['db:migrate'])).toMatchObject({ code: 0 });
  });
});

test('a runner killed in the middle of a long statement leaves no lock for the next to wait for', async () => {
  const up = `await q.createTable('second', {}); await q.sequelize.query('SELECT pg_sleep(60)');`;
  await withScene(slow(up), async (scene) => {
    const runner = scene.start(['db:migrate']);
    await untilSleeping(scene.url);
    await runner.kill();
    await expectNextRun(scene);
  });
});
