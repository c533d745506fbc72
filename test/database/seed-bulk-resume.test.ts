import { spawn } from 'node:child_process';
import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { defineModels } from '../../models/define-models';
import { withModels, type BulkBench } from '../support/bulk';

const ROWS = { User: 2000, Post: 40_000, Student: 300, Course: 30 };
const TABLES = ['users', 'profiles', 'posts', 'students', 'courses', '"StudentCourses"'];
const FOREIGN_KEYS = `SELECT count(*)::int FROM pg_constraint WHERE contype = 'f' AND conname NOT LIKE 'keel%'`;

const folder = mkdtempSync(join(tmpdir(), 'keel-bulk-'));
const script = join(folder, 'run.js');
const root = resolve(__dirname, '../..');

beforeAll(() => {
  // The same run in a process of its own, which can be killed.
  writeFileSync(
    script,
    `require('ts-node').register({ transpileOnly: true, cwd: ${JSON.stringify(root)} });
     const { Sequelize } = require('sequelize');
     const pg = require('pg');
     const { defineModels } = require(${JSON.stringify(join(root, 'models/define-models.ts'))});
     const { runBulk } = require(${JSON.stringify(join(root, 'dist/seed/run.js'))});
     const [url, options] = process.argv.slice(2);
     const sequelize = new Sequelize(url, { logging: false });
     defineModels(sequelize);
     const connect = async () => {
       const client = new pg.Client({ connectionString: url, application_name: 'bulk under test' });
       client.on('error', () => undefined);
       await client.connect();
       return client;
     };
     runBulk({
       connect,
       models: Object.values(sequelize.models),
       rows: new Map(Object.entries(${JSON.stringify(ROWS)})),
       onEvent: ({ event }) => process.stdout.write(event + '\\n'),
       ...JSON.parse(options),
     }).then(() => process.exit(0), (error) => { console.error(error.message); process.exit(1); });`,
  );
});

afterAll(() => rmSync(folder, { recursive: true }));

interface Attempt {
  readonly code: number | null;
  readonly stderr: string;
}

/** Runs the process; `harm` is called within so many milliseconds of its first event, and may kill it. */
async function attempt(
  url: string,
  options: object,
  harm?: (kill: () => void) => unknown,
  within = 400,
): Promise<Attempt> {
  const child = spawn(process.execPath, [script, url, JSON.stringify(options)], {
    env: { ...process.env, NODE_PATH: join(root, 'node_modules') },
  });
  let stderr = '';
  child.stderr.on('data', (text) => (stderr += String(text)));
  child.stdout.once('data', () => {
    void sleep(Math.random() * within).then(() => harm?.(() => child.kill('SIGKILL')));
  });
  const code = await new Promise<number | null>((done) => child.once('close', done));
  return { code, stderr };
}

async function hashes(bench: BulkBench): Promise<string[]> {
  const found: string[] = [];
  for (const table of TABLES) found.push(await bench.hash(table));
  return found;
}

const onAssociations = <T>(use: (bench: BulkBench) => Promise<T>): Promise<T> =>
  withModels((sequelize) => void defineModels(sequelize), use);

const MODES = [
  { name: 'constraints live, small chunks', options: { chunkRows: 3000, rebuild: 'never' } },
  { name: 'four connections', options: { chunkRows: 3000, connections: 4 } },
  { name: 'foreign keys added back', options: { chunkRows: 3000 } },
];

describe.each(MODES)('$name', ({ options }) => {
  test('killed again and again, every row is there exactly once', async () => {
    const expected = await onAssociations(async (bench) => {
      await bench.run(ROWS);
      return hashes(bench);
    });
    await onAssociations(async (bench) => {
      let kills = 0;
      for (let run = 0; run < 5; run += 1) {
        const { code } = await attempt(
          bench.url,
          options,
          (kill) => kill(),
          // The first is sure to come before the end.
          run === 0 ? 20 : 500,
        );
        if (code === 0) break;
        kills += 1;
        expect(await bench.value(FOREIGN_KEYS)).toBe(4);
      }
      const { code, stderr } = await attempt(bench.url, options);
      expect([code, stderr]).toEqual([0, '']);
      expect(kills).toBeGreaterThan(0);
      expect(await hashes(bench)).toEqual(expected);
      expect(await bench.value(FOREIGN_KEYS)).toBe(4);
    });
  });

  test('connections lost in the middle end the run with an error, and the next goes on', () =>
    onAssociations(async (bench) => {
      const lose = (): Promise<unknown> =>
        bench.client.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                             WHERE application_name = 'bulk under test' AND datname = current_database()`);
      const first = await attempt(bench.url, options, lose);
      if (first.code !== 0) expect(first.stderr).toMatch(/The connection .* was lost/);
      const second = await attempt(bench.url, options);
      expect([second.code, second.stderr]).toEqual([0, '']);
      expect(
        await bench.value('SELECT array[count(*), count(DISTINCT id)]::int[] FROM posts'),
      ).toEqual([40_000, 40_000]);
      expect(await bench.value(FOREIGN_KEYS)).toBe(4);
    }));
});

test('an interruption stops between rows, and the next run goes on', () =>
  onAssociations(async (bench) => {
    const controller = new AbortController();
    const options = { chunkRows: 2000, rebuild: 'never' as const };
    await expect(
      bench.run(ROWS, {
        ...options,
        signal: controller.signal,
        onEvent: (event) => {
          if (
            event.event === 'progress' &&
            event.table === 'public.posts' &&
            event.committed >= 8000
          )
            controller.abort();
        },
      }),
    ).rejects.toMatchObject({ code: 'INTERRUPTED', exitCode: 130 });
    const left = await bench.value('SELECT count(*)::int FROM posts');
    expect(left % 2000).toBe(0);
    expect(left).toBeGreaterThanOrEqual(8000);
    expect(left).toBeLessThan(40_000);
    const { tables } = await bench.run(ROWS, options);
    expect(tables.find(({ model }) => model === 'Post')?.written).toBe(40_000 - left);
  }));

test('an undo that was interrupted goes on too', () =>
  onAssociations(async (bench) => {
    await bench.run(ROWS, { chunkRows: 5000 });
    await bench.client.query(
      'CREATE FUNCTION stop() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION $m$stop$m$; END $$',
    );
    await bench.client.query(
      'CREATE TRIGGER stop BEFORE DELETE ON posts FOR EACH ROW WHEN (OLD.id = 12345) EXECUTE FUNCTION stop()',
    );
    await expect(bench.undo()).rejects.toThrow('stop');
    const left = await bench.value('SELECT count(*)::int FROM posts');
    expect(left).toBe(15_000);
    await bench.client.query('DROP TRIGGER stop ON posts');
    await bench.undo();
    expect(
      await bench.value(
        'SELECT (SELECT count(*) FROM posts)::int + (SELECT count(*) FROM users)::int',
      ),
    ).toBe(0);
  }));
