import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { withDatabase } from '../support/database';
import { migration, runScript, tableMigration, withDatabaseProject } from '../support/project';
import { queryDatabase, readState } from '../support/projects';

test(
  'eight npm run migrate at once all succeed, and each migration runs once',
  () =>
    withDatabase(async ({ url }) => {
      const runs = await Promise.all(
        Array.from({ length: 8 }, () =>
          runScript(['migrate', '--', '--json'], { DATABASE_URL: url }),
        ),
      );
      expect(runs.map(({ code }) => code)).toEqual(Array(8).fill(0));
      const ran = runs.flatMap(
        ({ stdout }) => (JSON.parse(stdout) as { files: { name: string }[] }).files,
      );
      const { migrations = [] } = await readState({ url });
      expect(ran.map(({ name }) => name)).toEqual(migrations);
      expect(migrations).toHaveLength(6);
      const history = await queryDatabase<{ name: string }>(
        { url },
        'SELECT name FROM keel.history',
      );
      expect(history.map(({ name }) => name).sort()).toEqual(migrations);
    }),
  120_000,
);

test('a runner killed at any moment leaves schema and ledger in agreement, and the next finishes', () => {
  const tables = Array.from({ length: 40 }, (_, index) => `t${String(index + 10)}`);
  const files = Object.fromEntries(
    tables.map((table) => [
      `migrations/202501010000${table.slice(1)}-${table}.js`,
      tableMigration(table),
    ]),
  );
  return withDatabaseProject(files, async ({ database, start, keel }) => {
    const client = new Client({ connectionString: database.url });
    await client.connect();
    try {
      for (const applied of [0, 3, 11, 19, 30]) {
        const { child, ended } = start(['db:migrate']);
        await reach(client, applied, child);
        await sleep(Math.random() * 15);
        child.kill('SIGKILL');
        await ended;
        await untilAlone(client);
        expect(await readTables(client)).toEqual(await readApplied(client));
      }
      expect(await keel(['db:migrate'])).toMatchObject({ code: 0, stderr: '' });
      expect(await readTables(client)).toEqual(tables);
    } finally {
      await client.end();
    }
  });
});

test('a runner waits for another, says for whom, and gives up when it is told to', () => {
  const waiting = migration("await q.sequelize.query('SELECT pg_advisory_xact_lock(1)');");
  const files = { 'migrations/20250101000001-waiting.js': waiting };
  return withDatabaseProject(files, async ({ database, start, keel }) => {
    const client = new Client({ connectionString: database.url });
    await client.connect();
    try {
      await client.query('SELECT pg_advisory_lock(1)');
      const first = start(['db:migrate']);
      const waiting = "SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted";
      while ((await client.query(waiting)).rowCount === 0) await sleep(20);

      const givesUp = await keel(['db:migrate', '--lock-timeout', '500ms']);
      expect(givesUp.code).toBe(1);
      expect(givesUp.stderr).toMatch(/Waited 0.5 s for the lock on the migrations .* holds it/);
      const waits = start(['db:migrate']);
      await once(waits.child.stderr, 'data');
      await client.query('SELECT pg_advisory_unlock(1)');

      expect(await first.ended).toMatchObject({ code: 0, stderr: '' });
      const { code, stdout, stderr } = await waits.ended;
      expect(stderr).toMatch(/^Another run is going on: waiting for pid \d+ \(keel lock, .*\n$/);
      expect(stdout).toContain('No migrations were executed');
      expect(code).toBe(0);
    } finally {
      await client.end();
    }
  });
});

/** Waits until so many migrations are applied, or the runner has ended. */
async function reach(client: Client, count: number, child: ChildProcess): Promise<void> {
  while (child.exitCode === null && (await readApplied(client)).length < count) await sleep(2);
}

async function readApplied(client: Client): Promise<string[]> {
  const { rows: found } = await client.query<{ there: boolean }>(
    `SELECT to_regclass('"SequelizeMeta"') IS NOT NULL AS there`,
  );
  if (!found[0]?.there) return [];
  const { rows } = await client.query<{ name: string }>(
    'SELECT name FROM "SequelizeMeta" ORDER BY name',
  );
  return rows.map(({ name }) => name.replace(/^\d+-|\.js$/g, ''));
}

async function readTables(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ relname: string }>(
    "SELECT relname FROM pg_class WHERE relname ~ '^t\\d\\d$' ORDER BY relname",
  );
  return rows.map(({ relname }) => relname);
}

/** Waits until the server has ended the sessions of a runner that was killed. */
async function untilAlone(client: Client): Promise<void> {
  const others =
    'SELECT FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()';
  while (((await client.query(others)).rowCount ?? 0) > 0) await sleep(10);
}
