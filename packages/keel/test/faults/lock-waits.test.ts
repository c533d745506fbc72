import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import { withServerClient } from './database';
import { file } from './fault-project';
import { textOf, withScene, type Scene } from './scene';

const FIRST = '20250101000001-first.js';
const SECOND = '20250101000002-second.js';
const THIRD = '20250101000003-third.js';
const createFirst = file(
  `await q.createTable('first', { id: { type: S.INTEGER, primaryKey: true } });`,
  `await q.dropTable('first');`,
);

/** Holds a lock on the first table in a session of another application. */
async function hold(scene: Scene, mode = 'ACCESS SHARE'): Promise<{ other: Client; pid: number }> {
  const other = await scene.connect();
  const { rows } = await other.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  await other.query(`BEGIN; LOCK TABLE first IN ${mode} MODE`);
  return { other, pid: rows[0]?.pid ?? 0 };
}

/** Reads the table again and again; PostgreSQL ends the first read that waits for longer than `limit`. */
async function readOnAndOn(scene: Scene, limit: string): Promise<{ stop: () => Promise<number> }> {
  const reader = await scene.connect();
  await reader.query(`SET lock_timeout = '${limit}'`);
  let on = true;
  const reading = (async () => {
    let reads = 0;
    for (; on; reads += 1) {
      await reader.query('SELECT count(*) FROM first');
      await sleep(20);
    }
    return reads;
  })();
  reading.catch(() => undefined);
  return {
    stop: () => {
      on = false;
      return reading;
    },
  };
}

const columnsOf = (scene: Scene): Promise<unknown[]> =>
  scene.query(
    `SELECT attname FROM pg_attribute WHERE attrelid = 'first'::regclass AND attnum > 1 ORDER BY attname`,
  );

/** A file that takes any error to mean that there is nothing to do, and one that tries again by itself. */
const CARELESS = file(
  `runs += 1;
   if (runs > 1) return;
   try { await q.addColumn('first', 'careless', S.STRING); } catch {}
   await q.createTable('after', { id: S.INTEGER });`,
  '',
  'let runs = 0;\n',
);
const STUBBORN = file(
  `for (let tries = 1; ; tries += 1) {
     try { await Promise.all([q.addColumn('first', 'stubborn', S.STRING)]); break; }
     catch (error) { if (tries === 3) throw error; await new Promise((r) => setTimeout(r, 50)); }
   }`,
  '',
);

test('readers wait no longer than lock_timeout, and the file is applied once the lock is free', () =>
  withScene({ [FIRST]: createFirst, [SECOND]: CARELESS, [THIRD]: STUBBORN }, async (scene) => {
    expect(await scene.run(['db:migrate', '--to', FIRST])).toMatchObject({ code: 0 });
    for (const [name, column, args, limit] of [
      [SECOND, 'careless', [], '6s'],
      [THIRD, 'stubborn', ['--lock-timeout', '500ms'], '2s'],
    ] as const) {
      const { other, pid } = await hold(scene);
      // More than keel's own limit: it is the server that says whether a read has waited too long.
      const readers = await readOnAndOn(scene, limit);
      const runner = scene.start(['db:migrate', '--to', name, ...args]);
      const told = `${name} is run again: it timed out \\(canceling statement due to lock timeout; blocked by pid ${pid} \\(other session, idle in transaction\\): BEGIN; LOCK TABLE first.* \\(begun \\d+ s ago\\)\\)`;
      await runner.printed(new RegExp(`${told}; try 3`));
      await other.query('COMMIT');
      expect(await runner.ended).toMatchObject({ code: 0 });
      expect(await readers.stop()).toBeGreaterThan(0);
      expect(await columnsOf(scene)).toContain(column);
    }
    expect(await scene.query(`SELECT to_regclass('after') IS NOT NULL`)).toEqual([true]);
    const [note] = await scene.query(`SELECT note FROM keel.history WHERE name = '${SECOND}'`);
    expect(note).toMatch(/^it was tried \d+ times in \d+ s; it was blocked by pid \d+/);
  }));

test('after --lock-wait it ends with what blocks, the state, and what to do', () =>
  withScene(
    { [FIRST]: createFirst, [SECOND]: file(`await q.addColumn('first', 'a', S.STRING);`, '') },
    async (scene) => {
      await scene.run(['db:migrate', '--to', FIRST]);
      const { pid } = await hold(scene);
      const ended = await scene.run([
        ...['db:migrate', '--json', '--lock-timeout', '200ms', '--lock-wait', '1s'],
      ]);
      expect(ended.code).toBe(1);
      const { error } = JSON.parse(ended.stdout) as { error: Record<string, string> };
      expect(error).toMatchObject({
        code: 'MIGRATION_FAILED',
        message: `${SECOND} failed: canceling statement due to lock timeout`,
        state: `${SECOND} was rolled back; nothing of it remains.`,
      });
      expect(error.hint).toContain(`--lock-wait`);
      expect(error.hint).toContain(`SELECT pg_terminate_backend(${pid});`);
      const details = [error.details].flat().join('\n');
      expect(details).toMatch(/It was tried [2-9] times in 1 s/);
      expect(details).toContain(`Blocked by pid ${pid}`);
      expect(ended.stderr).toContain(`${SECOND} is run again`);
      expect((await scene.records()).migrations).toEqual([FIRST]);
      expect(await columnsOf(scene)).toEqual([]);
    },
  ));

test('Ctrl-C between two tries ends the run at once, and the next run goes on', () =>
  withScene(
    { [FIRST]: createFirst, [SECOND]: file(`await q.addColumn('first', 'a', S.STRING);`, '') },
    async (scene) => {
      await scene.run(['db:migrate', '--to', FIRST]);
      const { other } = await hold(scene);
      const runner = scene.start(['db:migrate', '--lock-timeout', '100ms']);
      await runner.printed(/is run again: it timed out/);
      runner.child.kill('SIGINT');
      const ended = await runner.ended;
      expect(ended.code).toBe(130);
      expect(textOf(ended)).toContain(`${SECOND} was rolled back; nothing of it remains.`);
      await other.query('COMMIT');
      expect(await scene.run(['db:migrate'])).toMatchObject({ code: 0 });
      expect(await columnsOf(scene)).toEqual(['a']);
    },
  ));

test('what cannot be repeated waits for the lock without a limit', async () => {
  const answers = createServer((_, response) => response.end('ok'));
  answers.listen(0, '127.0.0.1');
  const alter = `await q.addColumn('first', 'a', S.STRING);`;
  const port = (): number => (answers.address() as AddressInfo).port;
  await new Promise((resolve) => answers.once('listening', resolve));
  const files = [
    file(alter, '', 'module.exports.transaction = false;\n'),
    file(`require('node:child_process').execFileSync('true');\n${alter}`, ''),
    file(
      `await q.sequelize.query('SELECT 1');
       await fetch('http://127.0.0.1:${port()}/');
       ${alter}`,
      '',
    ),
  ];
  const apply = (second: string): Promise<void> =>
    withScene({ [FIRST]: createFirst, [SECOND]: second }, async (scene) => {
      await scene.run(['db:migrate', '--to', FIRST]);
      const { other, pid } = await hold(scene);
      const runner = scene.start(['db:migrate']);
      const waiting = `SELECT count(*)::integer FROM pg_stat_activity
        WHERE wait_event_type = 'Lock' AND ${pid} = ANY (pg_blocking_pids(pid))
          AND query_start < clock_timestamp() - interval '4 s'`;
      while ((await scene.query(waiting))[0] === 0) await sleep(100);
      await other.query('COMMIT');
      const ended = await runner.ended;
      expect(ended.code).toBe(0);
      expect(textOf(ended)).not.toContain('is run again');
      expect(await columnsOf(scene)).toEqual(['a']);
    });
  try {
    await Promise.all(files.map(apply));
  } finally {
    answers.closeAllConnections();
    answers.close();
  }
});

test('a lock_timeout or NOWAIT of its own is left to the file', () =>
  withScene(
    {
      [FIRST]: createFirst,
      [SECOND]: file(
        `await q.createTable('log', { line: S.TEXT });
         for (const set of ["SET LOCAL lock_timeout = '50ms'", 'SELECT 1']) {
           await q.sequelize.query(set);
           for (const lock of ['LOCK TABLE first', 'LOCK TABLE first NOWAIT']) {
             try { await q.sequelize.query(lock); }
             catch (error) { await q.bulkInsert('log', [{ line: error.original.code }]); }
           }
         }`,
        '',
      ),
      [THIRD]: file(
        `try { await q.sequelize.query('LOCK TABLE first NOWAIT'); }
         catch (error) { await q.bulkInsert('log', [{ line: 'third ' + error.original.code }]); }`,
        '',
      ),
    },
    async (scene) => {
      await scene.run(['db:migrate', '--to', FIRST]);
      await hold(scene);
      const ended = await scene.run(['db:migrate']);
      expect(ended.code).toBe(0);
      expect(textOf(ended)).not.toContain('it timed out');
      expect(await scene.query('SELECT line FROM log')).toEqual([
        ...['55P03', '55P03', '55P03', '55P03', 'third 55P03'],
      ]);
    },
  ));

test('a deadlock, and a wait at the COMMIT, are tried again as well', () =>
  withScene(
    {
      [FIRST]: createFirst,
      [SECOND]: file(
        `await q.createTable('second', { id: S.INTEGER });
         await q.sequelize.query('ALTER TABLE second ADD FOREIGN KEY (id) REFERENCES first DEFERRABLE INITIALLY DEFERRED');`,
        '',
      ),
      [THIRD]: file(
        `await q.sequelize.query('LOCK TABLE first');
         console.log('LOCKED first');
         while ((await q.sequelize.query("SELECT 1 FROM pg_locks WHERE relation = 'first'::regclass AND NOT granted"))[0].length === 0);
         await q.sequelize.query('LOCK TABLE second');`,
        '',
      ),
      '20250101000004-fourth.js': file(`await q.bulkInsert('second', [{ id: 1 }]);`, ''),
    },
    async (scene) => {
      await scene.run(['db:migrate', '--to', SECOND]);
      const other = await scene.connect();
      // It is keel that finds the deadlock, and so is the one to give way.
      await other.query(`SET deadlock_timeout = '1 min'`);
      await other.query('INSERT INTO first VALUES (1)');
      const third = scene.start(['db:migrate', '--to', THIRD]);
      await third.printed(/LOCKED first/);
      await other.query('BEGIN; LOCK TABLE second');
      await other.query('LOCK TABLE first');
      await other.query('COMMIT');
      await third.printed(/is run again: it timed out \(deadlock detected/);
      // The second try waits for somebody to wait for it, as the first did.
      await third.printed(/LOCKED first[^]*LOCKED first/);
      await other.query('SELECT FROM first');
      expect(await third.ended).toMatchObject({ code: 0 });

      await other.query('BEGIN; SELECT FROM first FOR UPDATE');
      const { rows } = await other.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      const pid = rows[0]?.pid ?? 0;
      for (const together of [[], ['--atomic']]) {
        const limits = ['--lock-timeout', '400ms', '--lock-wait', '1s'];
        const ended = await scene.run(['db:migrate', ...limits, ...together]);
        expect(ended.code).toBe(1);
        for (const said of [/It was tried [2-9] times in 1 s/, `Blocked by pid ${pid}`])
          expect(ended.stderr).toMatch(said);
        expect(ended.stderr).toContain(`SELECT pg_terminate_backend(${pid});`);
      }
      const fourth = scene.start(['db:migrate', '--lock-timeout', '300ms']);
      await fourth.printed(
        new RegExp(
          `is run again: it timed out \\(canceling statement due to lock timeout; blocked by pid ${pid} `,
        ),
      );
      await other.query('COMMIT');
      expect(await fourth.ended).toMatchObject({ code: 0 });
      expect(await scene.query('SELECT id FROM second')).toEqual([1]);
    },
  ));

test('the limit is 3 s in every direction, unless the server, the config or a flag has another', () => {
  const note = (line: string): string =>
    `await q.sequelize.query("INSERT INTO seen SELECT '${line}', current_setting('lock_timeout')");`;
  return withScene(
    {
      [FIRST]: file(`await q.sequelize.query('CREATE TABLE seen (line text, value text)');`, ''),
      [SECOND]: file(note('up'), note('down')),
    },
    async (scene) => {
      const seen = async (args: readonly string[]): Promise<unknown[]> => {
        expect(await scene.run(args)).toMatchObject({ code: 0 });
        return scene.query(
          `WITH gone AS (DELETE FROM seen RETURNING *) SELECT line || ' ' || value FROM gone`,
        );
      };
      expect(await seen(['db:migrate'])).toEqual(['up 3s']);
      expect(await seen(['db:migrate:undo'])).toEqual(['down 3s']);
      expect(await seen(['db:migrate', '--lock-timeout', '0'])).toEqual(['up 0']);
      expect(await seen(['db:migrate:redo', '--lock-timeout', '7s'])).toEqual(['down 7s', 'up 7s']);
      await withServerClient((client) =>
        client.query(`ALTER DATABASE ${scene.database} SET lock_timeout = '5s'`),
      );
      expect(await seen(['db:migrate:redo'])).toEqual(['down 5s', 'up 5s']);
    },
  );
});
