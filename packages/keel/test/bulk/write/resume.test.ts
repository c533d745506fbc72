import { defineModels } from '../../fixtures/associations/models/define-models';
import type { BulkEvent } from '../../../src/bulk/bulk-events';
import { connectTo, withModels, type BulkBench } from '../../support/bulk';
import {
  compareRows,
  countRows,
  MODES,
  prepareBulkProcesses,
  readStructure,
  ROWS,
  type RowCounts,
} from '../../support/bulk-faults';

const processes = prepareBulkProcesses();
let expected: RowCounts;
let structure: readonly string[];
const figures = { kills: 0, lost: 0, doubled: 0 };

const onAssociations = <T>(use: (bench: BulkBench) => Promise<T>): Promise<T> =>
  withModels((sequelize) => void defineModels(sequelize), use);

beforeAll(() =>
  onAssociations(async (bench) => {
    await bench.run(ROWS);
    expected = await countRows(bench.client);
    structure = await readStructure(bench.client);
  }),
);

afterAll(() => {
  processes.dispose();
  process.stdout.write(
    `bulk runs killed: ${figures.kills}, rows lost: ${figures.lost}, rows doubled: ${figures.doubled}\n`,
  );
});

const isPosts = (event: BulkEvent): boolean => 'table' in event && event.table === 'public.posts';

/** Where a run is killed, one after the other. */
const PHASES: Readonly<Record<string, (event: BulkEvent) => boolean>> = {
  'the plan is recorded and no row written': ({ event }) => event === 'plan',
  'the first posts are under way': (event) => event.event === 'progress' && isPosts(event),
  'half of the posts are sent, or their keys are being added back': (event) =>
    isPosts(event) &&
    (event.event === 'constraints'
      ? event.step === 'adding'
      : event.event === 'progress' && event.committed >= ROWS.Post / 2),
  'the junction is being filled': (event) =>
    event.event === 'table' && event.table === 'public.StudentCourses',
};

describe.each(MODES)('$name', ({ options }) => {
  test('killed in every phase, every row is there exactly once', () =>
    onAssociations(async (bench) => {
      for (const [phase, moment] of Object.entries(PHASES)) {
        const { code, struck } = await processes.run(bench.url, options, moment);
        expect([phase, code, struck]).toEqual([phase, null, true]);
        figures.kills += 1;
        expect(await readStructure(bench.client)).toEqual(structure);
      }
      await bench.run(ROWS, options);
      const { lost, doubled } = compareRows(expected, await countRows(bench.client));
      figures.lost += lost;
      figures.doubled += doubled;
      expect({ lost, doubled }).toEqual({ lost: 0, doubled: 0 });
      expect(await readStructure(bench.client)).toEqual(structure);
    }));

  test('connections lost in the middle end the run with an error, and the next goes on', () =>
    onAssociations(async (bench) => {
      const connect = (): ReturnType<typeof connectTo> =>
        connectTo(`${bench.url}?application_name=lost`);
      let lost: Promise<unknown> | undefined;
      const onEvent = (event: BulkEvent): void => {
        if (event.event === 'progress' && isPosts(event))
          lost ??= bench.client.query(
            `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'lost' AND datname = current_database()`,
          );
      };
      await expect(bench.run(ROWS, { ...options, connect, onEvent })).rejects.toMatchObject({
        // The lock has a connection of its own, which is lost with the others: the run says what it notices first.
        code: expect.stringMatching(/^(CONNECTION|LOCK)_LOST$/),
        message: expect.stringMatching(/The connection .* was lost/),
        hint: expect.stringContaining('it goes on where this one stopped'),
      });
      await lost;
      expect(await readStructure(bench.client)).toEqual(structure);
      await bench.run(ROWS, options);
      expect(compareRows(expected, await countRows(bench.client))).toEqual({ lost: 0, doubled: 0 });
      expect(await readStructure(bench.client)).toEqual(structure);
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
