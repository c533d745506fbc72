import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cleanEnvironment } from '../support/cli';
import { TOOLS } from '../support/projects';
import { file } from '../faults/fault-project';
import { textOf, withScene, type Scene } from '../faults/scene';

const TABLE = '20250101000001-table.js';
const FILL = '20250101000002-fill.js';
const ROWS = 600;

const table = file(
  `await q.sequelize.query('CREATE TABLE counted (id integer PRIMARY KEY, n integer DEFAULT 0, m integer DEFAULT 0)');
   await q.sequelize.query('INSERT INTO counted SELECT i FROM generate_series(1, ${ROWS}) i');`,
  `await q.dropTable('counted');`,
);

const HEAD = `const { backfill } = require('sequelize-keel');
const add = (q, S, column, by, more) => backfill(q, {
  table: 'counted', set: { [column]: S.literal(column + ' + ' + by) }, batch: 20, pause: 10, ...more });
`;
const fill = (up: string, down = '') =>
  file(up, down, `${HEAD}module.exports.transaction = false;\n`);

/** The sums of both columns, which tell whether a row was left out or done twice, and what is recorded. */
async function stateOf({ query, records }: Scene): Promise<object> {
  const spread = (column: string) => query(`SELECT DISTINCT ${column} FROM counted ORDER BY 1`);
  return {
    n: await spread('n'),
    m: await spread('m'),
    applied: (await records()).migrations,
    under: await query(`SELECT count(*)::int FROM keel.backfills`),
  };
}

const done = (n: number, m = 0) => ({ n: [n], m: [m], applied: [TABLE, FILL], under: [0] });

/** Waits until so many rows are done. */
async function awaitRows({ query }: Scene, rows: number): Promise<void> {
  for (;;) {
    const [there] = await query(`SELECT to_regclass('keel.backfills') IS NOT NULL`);
    const [count] = there ? await query('SELECT max(done)::int FROM keel.backfills') : [];
    if (Number(count ?? 0) >= rows) return;
    await sleep(5);
  }
}

/** Starts sequelize-cli in the scene's project. */
function startCli({ root, url }: Scene, args: readonly string[]) {
  const child = spawn(process.execPath, [TOOLS['sequelize-cli'], ...args], {
    cwd: root,
    env: { ...cleanEnvironment(), FAULT_URL: url },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  child.stdout.on('data', (data) => (text += String(data)));
  child.stderr.on('data', (data) => (text += String(data)));
  return {
    child,
    ended: once(child, 'close').then(([code]) => ({ code: code as number | null, text })),
  };
}

test('killed anywhere, the next run does what is left, and undo and redo begin anew', async () => {
  const files = {
    [TABLE]: table,
    [FILL]: fill(`await add(q, S, 'n', 1);`, `await add(q, S, 'n', -1);`),
  };
  await withScene(files, async (scene) => {
    for (const rows of [1, ROWS / 3, (2 * ROWS) / 3]) {
      const runner = scene.start(['db:migrate']);
      await awaitRows(scene, rows);
      await runner.kill();
    }
    const ended = await scene.run(['db:migrate', '--json']);
    expect(ended).toMatchObject({ code: 0 });
    expect(await stateOf(scene)).toEqual(done(1));
    const undo = scene.start(['db:migrate:undo']);
    await awaitRows(scene, ROWS / 2);
    await undo.kill();
    expect(await scene.run(['db:migrate:undo'])).toMatchObject({ code: 0 });
    expect(await stateOf(scene)).toEqual({ n: [0], m: [0], applied: [TABLE], under: [0] });
    expect(await scene.run(['db:migrate'])).toMatchObject({ code: 0 });
    expect(await stateOf(scene)).toEqual(done(1));
  });
});

test('Ctrl-C says what stays', async () => {
  await withScene({ [TABLE]: table, [FILL]: fill(`await add(q, S, 'n', 1);`) }, async (scene) => {
    const runner = scene.start(['db:migrate']);
    await awaitRows(scene, 100);
    runner.child.kill('SIGINT');
    const ended = await runner.ended;
    expect(ended.code).toBe(130);
    expect(textOf(ended)).toContain(
      'Every batch that was committed stays, together with its place',
    );
    expect(textOf(ended)).toContain(`${FILL} is not recorded.`);
    expect(await scene.run(['db:migrate'])).toMatchObject({ code: 0 });
    expect(await stateOf(scene)).toEqual(done(1));
  });
});

test('several backfills in a file, killed or failed between any two of its steps', async () => {
  const up = `await add(q, S, 'n', 1); await add(q, S, 'm', 1);
    if (process.env.HANG) { console.log('hangs'); await new Promise((r) => setTimeout(r, 60_000)); }
    if (process.env.FAIL) throw new Error('at the end');`;
  await withScene({ [TABLE]: table, [FILL]: fill(up) }, async (scene) => {
    process.env.FAIL = '1';
    expect(await scene.run(['db:migrate'])).toMatchObject({ code: 1 });
    delete process.env.FAIL;
    process.env.HANG = '1';
    const runner = scene.start(['db:migrate']);
    await runner.printed(/hangs/);
    await runner.kill();
    delete process.env.HANG;
    expect(
      await scene.query('SELECT count(*)::int FROM keel.backfills WHERE finished IS NOT NULL'),
    ).toEqual([2]);
    expect(await scene.run(['db:migrate'])).toMatchObject({ code: 0 });
    expect(await stateOf(scene)).toEqual(done(1, 1));
  });
});

test('a dry run changes no row, and shows the statement; with a transaction it is refused', async () => {
  const transactional = file(`await add(q, S, 'n', 1);`, '', HEAD);
  await withScene({ [TABLE]: table, [FILL]: transactional }, async (scene) => {
    await scene.run(['db:migrate', '--to', TABLE]);
    const dry = await scene.run(['db:migrate', '--dry-run']);
    expect(dry).toMatchObject({ code: 0 });
    expect(dry.stdout).toContain('EXPLAIN UPDATE "public"."counted" SET "n" = n + 1');
    const refused = await scene.run(['db:migrate']);
    expect(refused).toMatchObject({ code: 1 });
    expect(textOf(refused)).toContain('export const transaction = false');
    expect(await scene.query('SELECT DISTINCT n FROM counted')).toEqual([0]);
    // What was half done and then recorded without being run is forgotten.
    writeFileSync(path.join(scene.root, 'migrations', FILL), fill(`await add(q, S, 'n', 1);`));
    const runner = scene.start(['db:migrate']);
    await awaitRows(scene, 100);
    await runner.kill();
    expect(await scene.run(['db:migrate', '--fake'])).toMatchObject({ code: 0 });
    expect(await scene.query('SELECT * FROM keel.backfills')).toEqual([]);
  });
});

test('sequelize-cli does the same, and each of the two goes on where the other was killed', async () => {
  await withScene(
    { [TABLE]: table, [FILL]: fill(`await add(q, S, 'n', 1);`, `await add(q, S, 'n', -1);`) },
    async (scene) => {
      const first = startCli(scene, ['db:migrate']);
      await awaitRows(scene, 100);
      first.child.kill('SIGKILL');
      await first.ended;
      const second = scene.start(['db:migrate']);
      await awaitRows(scene, 300);
      await second.kill();
      const third = await startCli(scene, ['db:migrate']).ended;
      expect(third).toMatchObject({ code: 0 });
      expect(await stateOf(scene)).toEqual(done(1));
      expect(await startCli(scene, ['db:migrate:undo']).ended).toMatchObject({ code: 0 });
      expect(await stateOf(scene)).toEqual({ n: [0], m: [0], applied: [TABLE], under: [0] });
    },
  );
});

test('an empty table in a new database', async () => {
  const empty = file(
    `await q.createTable('counted', { id: { type: S.INTEGER, primaryKey: true }, n: S.INTEGER });`,
    '',
  );
  await withScene({ [TABLE]: empty, [FILL]: fill(`await add(q, S, 'n', 1);`) }, async (scene) => {
    expect(await scene.run(['db:migrate'])).toMatchObject({ code: 0 });
    expect((await scene.records()).migrations).toEqual([TABLE, FILL]);
  });
});
