import { databaseUrl } from '../support/server';
import { withServerClient } from './database';
import { file, type Files } from './fault-project';
import { textOf, withScene, type Scene } from './scene';

const FIRST = '20250101000001-first.js';
const SECOND = '20250101000002-second.js';
const createFirst = file(`await q.createTable('first', { id: S.INTEGER });`, '');
const FILES: Files = {
  [FIRST]: createFirst,
  [SECOND]: file(`await q.addColumn('first', 'name', S.STRING);`, ''),
};

/** Gives `use` the scene's URL for a role of its own. */
async function withRole(
  scene: Scene,
  options: string,
  use: (url: string, role: string) => Promise<void>,
): Promise<void> {
  const role = scene.database.replace('keel_fault', 'keel_role');
  const url = new URL(scene.url);
  url.username = role;
  url.password = 'secret';
  await scene.query(`CREATE ROLE ${role} LOGIN PASSWORD 'secret' ${options}`);
  try {
    await use(url.href, role);
  } finally {
    await scene.query(`DROP OWNED BY ${role} CASCADE`);
    await scene.query(`DROP ROLE ${role}`);
  }
}

test('a role without CREATE is told what it lacks; with it the run works', async () => {
  await withScene(FILES, async (scene) => {
    await withRole(scene, '', async (url, role) => {
      const refused = await scene.run(['db:migrate'], url);
      expect(textOf(refused)).toContain('The table "SequelizeMeta" could not be made');
      expect(textOf(refused)).toContain('GRANT CREATE ON SCHEMA public');
      expect(textOf(refused)).toContain('Nothing was changed.');
      expect(refused.code).toBe(1);
      expect(await scene.records()).toMatchObject({ migrations: [], history: [] });
      const dropped = await scene.run(['db:drop'], url);
      expect(textOf(dropped)).toContain('Let the role that owns it drop it.');
      await scene.query(`REVOKE CONNECT ON DATABASE ${scene.database} FROM PUBLIC`);
      const outside = await scene.run(['db:migrate:status'], url);
      expect(textOf(outside)).toContain(`GRANT CONNECT ON DATABASE "${scene.database}"`);
      await scene.query(`GRANT CONNECT ON DATABASE ${scene.database} TO ${role}`);
      await scene.query(`GRANT CREATE ON SCHEMA public TO ${role}`);
      expect(await scene.run(['db:migrate'], url)).toMatchObject({ code: 0 });
    });
  });
});

test('a role that may only read can ask for the status, and is told when it may not', async () => {
  await withScene(FILES, async (scene) => {
    await scene.run(['db:migrate', '--to', FIRST]);
    await withRole(scene, '', async (url, role) => {
      const closed = await scene.run(['db:migrate:status'], url);
      expect(textOf(closed)).toContain('permission denied for table SequelizeMeta');
      expect(textOf(closed)).toContain('Nothing was changed.');
      expect(closed.code).toBe(1);
      await scene.query(`GRANT SELECT ON "SequelizeMeta" TO ${role}`);
      const { stdout, code } = await scene.run(['db:migrate:status'], url);
      expect(stdout).toContain(`up ${FIRST}\ndown ${SECOND}`);
      expect(code).toBe(0);
    });
  });
});

test('a server that takes no writes: nothing is changed, and the status can be read', async () => {
  await withScene(FILES, async (scene) => {
    const readOnly = `ALTER DATABASE ${scene.database} SET default_transaction_read_only =`;
    await scene.query(`${readOnly} on`);
    const refused = await scene.run(['db:migrate']);
    expect(textOf(refused)).toContain('read-only transaction');
    expect(textOf(refused)).not.toContain('GRANT');
    expect(textOf(refused)).toContain('Nothing was changed.');
    expect(refused.code).toBe(1);
    expect((await scene.run(['db:migrate:status'])).stdout).toContain(`down ${FIRST}`);
    await withServerClient((client) => client.query(`${readOnly} off`));
    expect(await scene.run(['db:migrate'])).toMatchObject({ code: 0 });
  });
});

test('no connection free: keel waits, says so, and works once there is one', async () => {
  await withScene(FILES, async (scene) => {
    await withRole(scene, 'CONNECTION LIMIT 2', async (url, role) => {
      await scene.query(`GRANT CREATE ON SCHEMA public TO ${role}`);
      const other = await scene.connect(url);
      // The lock's connection gets in, the one of the migrations does not.
      const refused = await scene.run(['db:migrate'], url);
      expect(textOf(refused)).toContain('has no connection free');
      expect(textOf(refused)).toContain('Nothing was changed.');
      expect(refused.code).toBe(1);
      expect((await scene.records()).migrations).toEqual([]);
      const waiting = scene.start(['db:migrate'], url);
      await new Promise((resolve) => setTimeout(resolve, 1500));
      await other.end();
      expect(await waiting.ended).toMatchObject({ code: 0 });
    });
  });
});

describe('a session that blocks', () => {
  /** Holds a lock on the table that the second migration changes. */
  const block = async (scene: Scene): Promise<number> => {
    expect(await scene.run(['db:migrate', '--to', FIRST])).toMatchObject({ code: 0 });
    const other = await scene.connect();
    const { rows } = await other.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    await other.query('BEGIN; LOCK TABLE first IN ACCESS SHARE MODE');
    return rows[0]?.pid ?? 0;
  };

  const expectNamed = async (scene: Scene, args: readonly string[]): Promise<void> => {
    const pid = await block(scene);
    const ended = await scene.run(['db:migrate', '--retries', '0', ...args]);
    expect(textOf(ended)).toContain(
      `Blocked by pid ${String(pid)} (other session, idle in transaction): BEGIN; LOCK TABLE first`,
    );
    expect(textOf(ended)).toContain(`${SECOND} was rolled back; nothing of it remains.`);
    expect(ended.code).toBe(1);
    expect((await scene.records()).migrations).toEqual([FIRST]);
  };

  test('is named when --lock-timeout ends the wait', () =>
    withScene(FILES, (scene) => expectNamed(scene, ['--lock-timeout', '300ms'])));

  test('is named when the lock_timeout of the database ends the wait', () =>
    withScene(FILES, async (scene) => {
      await scene.query(`ALTER DATABASE ${scene.database} SET lock_timeout = '300ms'`);
      await expectNamed(scene, []);
    }));

  test('is named when --statement-timeout ends the wait', () =>
    withScene(FILES, (scene) => expectNamed(scene, ['--statement-timeout', '1500ms'])));

  test('is named in a file without a transaction, for which the limit holds as well', () =>
    withScene(
      {
        ...FILES,
        [SECOND]: file(
          `await q.sequelize.query('ALTER TABLE first ADD COLUMN name text');`,
          '',
          'module.exports.transaction = false;\n',
        ),
      },
      async (scene) => {
        const pid = await block(scene);
        const ended = await scene.run(['db:migrate', '--retries', '0', '--lock-timeout', '1500ms']);
        expect(textOf(ended)).toContain(`Blocked by pid ${String(pid)} (other session`);
        expect(textOf(ended)).toContain('none of its statements took effect');
        expect(ended.code).toBe(1);
      },
    ));

  test('is waited for by trying again, and the run finishes once it is gone', () =>
    withScene(FILES, async (scene) => {
      const pid = await block(scene);
      const runner = scene.start(['db:migrate', '--lock-timeout', '200ms']);
      await runner.printed(new RegExp(`is run again: it timed out .* blocked by pid ${pid}`));
      await withServerClient((client) => client.query('SELECT pg_terminate_backend($1)', [pid]));
      expect(await runner.ended).toMatchObject({ code: 0 });
    }));
});

test('limits of the server on transactions do not end a file that takes its time', async () => {
  const slow = file(
    `await q.createTable('first', { id: S.INTEGER });
     await new Promise((resolve) => setTimeout(resolve, 1200));
     await q.addColumn('first', 'name', S.STRING);`,
    '',
  );
  await withScene({ [FIRST]: slow }, async (scene) => {
    const { database } = scene;
    await scene.query(
      `ALTER DATABASE ${database} SET idle_in_transaction_session_timeout = '200ms'`,
    );
    const [version] = await scene.query(`SELECT current_setting('server_version_num')::integer`);
    if ((version as number) >= 170_000)
      await scene.query(`ALTER DATABASE ${database} SET transaction_timeout = '400ms'`);
    expect(await scene.run(['db:migrate'], databaseUrl(database))).toMatchObject({ code: 0 });
    expect((await scene.records()).history).toEqual([`up ${FIRST}`]);
  });
});
