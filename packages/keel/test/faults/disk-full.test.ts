import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { defineModels } from '../fixtures/associations/models/define-models';
import { withModels } from '../support/bulk';
import { withServerClient } from './database';
import { file } from './fault-project';
import { textOf, withScene } from './scene';

const FIRST = '20250101000001-first.js';
const SECOND = '20250101000002-second.js';
const fill = (head: string) => ({
  [FIRST]: file(`await q.createTable('first', { id: S.INTEGER });`, ''),
  [SECOND]: file(
    `await q.createTable('second', { text: S.TEXT });
     ${head}
     await q.sequelize.query("INSERT INTO second SELECT repeat(md5(i::text), 30) FROM generate_series(1, 20000) i");`,
    '',
  ),
});

/** Mounts a small file system for the server; undefined where that is not ours to do. */
async function mountSmall(): Promise<string | undefined> {
  const dataDir = await withServerClient(async (client) => {
    const { rows } = await client.query<{ data_directory: string }>('SHOW data_directory');
    return rows[0]?.data_directory ?? '';
  });
  if (process.platform !== 'linux' || process.geteuid?.() !== 0 || !existsSync(dataDir))
    return undefined;
  const folder = mkdtempSync(path.join(tmpdir(), 'keel-small-'));
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', folder]);
  if (status !== 0) {
    rmSync(folder, { recursive: true });
    return undefined;
  }
  const { uid, gid } = statSync(dataDir);
  chownSync(folder, uid, gid);
  chmodSync(folder, 0o700);
  return folder;
}

/** Runs `use` with a tablespace of 2 MB and a way to make it larger; says so where there can be none. */
async function withSmallDisk(
  use: (space: string, grow: () => void) => Promise<void>,
): Promise<void> {
  const folder = await mountSmall();
  if (folder === undefined) {
    process.stderr.write(
      '\nNOT TESTED: a full disk (it takes root on Linux, and a server on this machine).\n\n',
    );
    return;
  }
  const space = `keel_small_${path.basename(folder).replace(/\W/g, '_').toLowerCase()}`;
  try {
    await withServerClient((client) =>
      client.query(`CREATE TABLESPACE ${space} LOCATION '${folder}'`),
    );
    await use(space, () => spawnSync('mount', ['-o', 'remount,size=200m', folder]));
  } finally {
    await withServerClient((client) => client.query(`DROP TABLESPACE IF EXISTS ${space}`));
    spawnSync('umount', [folder]);
    rmSync(folder, { recursive: true, force: true });
  }
}

test('a full disk: the migration is rolled back, and the next run finishes once there is room', () =>
  withSmallDisk((space, grow) => {
    const files = fill(`await q.sequelize.query('ALTER TABLE second SET TABLESPACE ${space}');`);
    return withScene(files, async ({ run, records, query }) => {
      const failed = await run(['db:migrate']);
      expect(textOf(failed)).toContain('No space left on device');
      expect(textOf(failed)).toContain('Code: 53100');
      expect(textOf(failed)).toContain(`${SECOND} was rolled back; nothing of it remains.`);
      expect(failed.code).toBe(1);
      expect((await records()).migrations).toEqual([FIRST]);
      expect(await query(`SELECT to_regclass('second')`)).toEqual([null]);
      grow();
      expect(await run(['db:migrate'])).toMatchObject({ code: 0 });
      expect(await query('SELECT count(*)::integer FROM second')).toEqual([20_000]);
    });
  }));

test('a full disk: bulk data keeps the chunks that were committed, and goes on once there is room', () =>
  withSmallDisk((space, grow) =>
    withModels(
      (sequelize) => void defineModels(sequelize),
      async ({ run, client, value }) => {
        await client.query(`ALTER TABLE posts SET TABLESPACE ${space}`);
        const rows = { User: 100, Post: 20_000 };
        await expect(
          run(rows, { chunkRows: 1000, rebuild: 'never', connections: 1 }),
        ).rejects.toMatchObject({
          code: 'SEED_WRITE_FAILED',
          message: expect.stringContaining('No space left on device'),
          state: expect.stringContaining('Every chunk that was committed stays'),
          hint: expect.stringContaining('There is no space left on the server. Make some.'),
        });
        const left = await value('SELECT count(*)::int FROM posts');
        expect([left > 0, left % 1000]).toEqual([true, 0]);
        grow();
        await run(rows);
        expect(await value('SELECT array[count(*), count(DISTINCT id)]::int[] FROM posts')).toEqual(
          [20_000, 20_000],
        );
      },
    ),
  ));
