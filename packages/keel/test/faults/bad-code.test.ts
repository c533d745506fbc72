import { waitForSessions } from './database';
import { file } from './fault-project';
import { textOf, withScene } from './scene';

const FIRST = '20250101000001-first.js';
const SECOND = '20250101000002-second.js';

/** What a migration may do to its runner, what is said of it, and the state that is claimed. */
const cases: readonly (readonly [string, string, string | RegExp])[] = [
  ['calls process.exit(0)', 'process.exit(0);', 'ended by the code of the project (process.exit)'],
  ['throws a string', `throw 'plain text';`, `${SECOND} failed: plain text`],
  ['throws nothing', 'throw undefined;', `${SECOND} failed`],
  ['rejects with an object', `throw { reason: 'odd' };`, `${SECOND} failed: {"reason":"odd"}`],
  [
    'does not await a statement that fails',
    `q.sequelize.query('SELECT pg_sleep(0.2), nonsense');`,
    'column "nonsense" does not exist',
  ],
  [
    'kills its own backend',
    `await q.sequelize.query('SELECT pg_terminate_backend(pg_backend_pid())');`,
    `The connection was lost while ${SECOND} was running`,
  ],
  [
    'leaves a promise to reject by itself',
    `Promise.reject(new Error('nobody looks')); await new Promise((r) => setTimeout(r, 50));`,
    'nobody looks',
  ],
];

test.each(cases)('a migration that %s', async (_name, code, said) => {
  const files = {
    [FIRST]: file(`await q.createTable('first', { id: S.INTEGER });`, ''),
    [SECOND]: file(`await q.createTable('second', { id: S.INTEGER }); ${code}`, ''),
  };
  await withScene(files, async ({ run, records, query, database }) => {
    const ended = await run(['db:migrate']);
    expect(textOf(ended)).toEqual(expect.stringContaining(said as string));
    expect(textOf(ended)).toMatch(/rolled back/);
    expect(ended.code).toBe(1);
    expect(await waitForSessions(database)).toEqual([]);
    expect((await records()).migrations).toEqual([FIRST]);
    expect(await query(`SELECT to_regclass('second')`)).toEqual([null]);
  });
});
