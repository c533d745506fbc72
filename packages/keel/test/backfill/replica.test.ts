import { Client } from 'pg';
import { Sequelize } from 'sequelize';
import { backfill } from '../../src/backfill/backfill';
import { withTemporaryServer } from '../../src/embedded/temporary-server';
import { PACKAGE } from '../support/paths';
import { withLateStandby } from '../support/standby';

test('a replica that is behind is waited for, and named where that takes too long', async () => {
  await withTemporaryServer({ root: PACKAGE }, async (primary) => {
    const { host, port, user, password } = primary;
    const url = `postgres://${user}:${password}@${host}:${port}/postgres`;
    const client = new Client({ connectionString: url });
    await client.connect();
    await client.query(
      `CREATE TABLE copied (id integer PRIMARY KEY, n integer DEFAULT 0);
       INSERT INTO copied SELECT i FROM generate_series(1, 500) i`,
    );
    const sequelize = new Sequelize(url, { logging: false });
    const waits = new Set<string | undefined>();
    const run = (patience: number) =>
      backfill(sequelize.getQueryInterface(), {
        table: 'copied',
        set: { n: 1 },
        batch: 10,
        pause: 100,
        maxLag: 1500,
        patience,
        onProgress: ({ waiting }) => waits.add(waiting?.replace(/\d+\.\d/, 'N')),
      });
    await withLateStandby(primary, 3000, async () => {
      await expect(run(1000)).rejects.toMatchObject({
        code: 'BACKFILL_BLOCKED',
        message: expect.stringMatching(/gave up waiting: the replica late is \d+\.\d s behind/),
      });
      expect(await run(60_000)).toMatchObject({ rows: 500, changed: 500, resumed: true });
    });
    expect(waits).toContain('the replica late is N s behind');
    await sequelize.close();
    await client.end();
  });
});
