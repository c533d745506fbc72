import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { Client } from 'pg';
import { compareReleases } from '../../src/release/compare-releases';
import { requireRelease } from '../../src/release/require-release';
import { Sequelize } from 'sequelize';
import { withDatabase } from '../support/database';
import { file } from '../faults/fault-project';
import { textOf, withScene } from '../faults/scene';

describe('compareReleases()', () => {
  it('orders numbers as numbers, and what comes before a release before it', () => {
    const ordered = [
      '0.9',
      '1.0.0-alpha',
      '1.0.0-alpha.1',
      '1.0.0-rc.2',
      '1.0.0-rc.10',
      'v1.0.0',
      '1.2',
      '1.10.3+abc',
      '2025.1',
      '20250131120000',
      '20250131120001',
    ];
    for (const [at, a] of ordered.entries())
      for (const [other, b] of ordered.entries())
        expect([a, b, Math.sign(compareReleases(a, b)!)]).toEqual([a, b, Math.sign(at - other)]);
    expect(compareReleases('1.0', '1')).toBe(0);
    for (const name of ['', 'abc1234', 'main', 'v', '1..2', '1.x'])
      expect(compareReleases(name, '1')).toBeUndefined();
  });

  it('is an order: the other way round it is the opposite', () => {
    const release = fc
      .tuple(
        fc.array(fc.nat(20), { minLength: 1, maxLength: 4 }),
        fc.constantFrom('', '-rc.1', '-a', '+b'),
      )
      .map(([parts, more]) => parts.join('.') + more);
    fc.assert(
      fc.property(release, release, (a, b) => {
        expect(compareReleases(a, b)! + compareReleases(b, a)!).toBe(0);
        expect(compareReleases(a, a)).toBe(0);
      }),
    );
  });
});

test('names the sessions of older releases, waits for them to go, and minds no others', async () => {
  await withDatabase(async ({ url }) => {
    const sequelize = new Sequelize(url, { logging: false });
    const sessions: Client[] = [];
    for (const name of [
      "sho'p@1.9.9",
      "sho'p",
      "sho'p@abc123",
      "sho'p@1.10.0",
      "sho'p2@1.0.0",
      'other@0.1',
    ]) {
      const client = new Client({ connectionString: url, application_name: name });
      await client.connect();
      sessions.push(client);
    }
    const ask = (more = {}) =>
      requireRelease(sequelize.getQueryInterface(), {
        application: `sho'p`,
        atLeast: '1.10.0',
        ...more,
      });
    await expect(ask()).rejects.toMatchObject({
      code: 'OLD_RELEASE',
      message: `3 sessions of sho'p older than 1.10.0 are connected to the database.`,
      details: [`sho'p@1.9.9`, `sho'p`, `sho'p@abc123`].map((name): unknown =>
        expect.stringContaining(`: ${name} from `),
      ),
    });
    await expect(ask({ atLeast: 'main' })).rejects.toMatchObject({ code: 'RELEASE_INVALID' });
    // A place in a generated migration, which matters once there are rows.
    const open = { atLeast: undefined, table: 'places' };
    await sequelize.query('CREATE TABLE places (id int)');
    await ask(open);
    await expect(ask({ atLeast: undefined })).rejects.toMatchObject({ code: 'RELEASE_INVALID' });
    await sequelize.query('INSERT INTO places VALUES (1)');
    await expect(ask(open)).rejects.toMatchObject({ code: 'RELEASE_INVALID' });
    const waiting = ask({ patience: 30_000, watch: 600 });
    for (const session of sessions.slice(0, 3)) await session.end();
    await waiting;
    for (const session of sessions.slice(3)) await session.end();
    await sequelize.close();
  });
});

test('stops a migration, which is rolled back, or waits in it', async () => {
  const contract = file(
    `await q.createTable('before', {});
     await require('sequelize-keel').requireRelease(q, { application: 'shop', atLeast: '2.0.0', patience: Number(process.env.PATIENCE ?? 0) });
          await q.createTable('after', {});`,
    '',
  );
  await withScene(
    { '20250101000001-contract.js': contract },
    async ({ run, start, query, url }) => {
      const old = new Client({ connectionString: url, application_name: 'shop@1.0.0' });
      await old.connect();
      const refused = await run(['db:migrate']);
      expect(refused.code).toBe(1);
      expect(textOf(refused)).toMatch(
        /A session of shop older than 2\.0\.0 is connected[^]*pid \d+: shop@1\.0\.0 from/,
      );
      expect(await query(`SELECT to_regclass('before')`)).toEqual([null]);
      process.env.PATIENCE = '30000';
      const runner = start(['db:migrate']);
      delete process.env.PATIENCE;
      await runner.printed(/migrating/);
      await sleep(700);
      await old.end();
      expect(await runner.ended).toMatchObject({ code: 0 });
      expect(await run(['db:migrate'])).toMatchObject({ code: 0 });
    },
  );
});
