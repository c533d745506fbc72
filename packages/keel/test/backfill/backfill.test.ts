import { literal, Op } from 'sequelize';
import fc from 'fast-check';
import { setTimeout as sleep } from 'node:timers/promises';
import { backfill } from '../../src/backfill/backfill';
import type { KeelError } from '../../src/errors';
import { openBackfillLab, type BackfillLab } from './lab';

let lab: BackfillLab;

beforeAll(async () => {
  lab = await openBackfillLab();
});

afterAll(() => lab.close());

/** Keys of every kind: the columns with their types, and a row's values by its number `i`. */
const KEYS: Record<
  string,
  { readonly key: string; readonly types: string; readonly values: string }
> = {
  integer: { key: 'k', types: 'k integer', values: 'i * 3' },
  'negative bigint': { key: 'k', types: 'k bigint', values: '(50 - i) * 1000000000000' },
  uuid: { key: 'k', types: 'k uuid', values: 'md5(i::text)::uuid' },
  'text in a natural language': {
    key: 'k',
    types: 'k text COLLATE "und-x-icu"',
    values: `(ARRAY['ä','a','Z','z','''q','\\x','é "','%s'])[1 + i % 8] || i`,
  },
  'text as bytes': { key: 'k', types: 'k text COLLATE "C"', values: 'chr(33 + i % 90) || i' },
  'char(n)': { key: 'k', types: 'k char(6)', values: `'k' || i` },
  'numeric and double': {
    key: 'a, b',
    types: 'a numeric(12,4), b double precision',
    values: `i / 7.0, CASE i % 3 WHEN 0 THEN 'NaN' WHEN 1 THEN -i / 3.0 ELSE 'Infinity' END`,
  },
  'date, time and interval': {
    key: 'a, b, c',
    types: 'a date, b timestamptz, c interval',
    values: `date '0044-03-15 BC' + i % 5, timestamptz '2020-01-01' + i * interval '0.000001 s', i * interval '-1 day 3 s'`,
  },
  'several columns': {
    key: 'tenant, k',
    types: 'tenant text, k integer',
    values: `'t' || i % 4, i`,
  },
  'enum, bytes and array': {
    key: 'a, b, c',
    types: 'a mood, b bytea, c integer[]',
    values: `(ARRAY['sad','ok','happy'])[1 + i % 3]::mood, decode(to_hex(i % 200 + 16), 'hex'), ARRAY[i, NULL, -i]`,
  },
  'boolean and quoted names': {
    key: '"a ""b", "C?:x"',
    types: '"a ""b" boolean, "C?:x" integer',
    values: 'i % 2 = 0, i',
  },
};

describe('whatever the key, and wherever it stops, each row is done once', () => {
  beforeAll(() =>
    lab.sql(`CREATE SCHEMA "odd.schema"; CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy')`),
  );

  test.each(Object.keys(KEYS))('%s', async (name) => {
    const { key, types, values } = KEYS[name]!;
    const table = { schema: 'odd.schema', tableName: `t ${name}` };
    const sql = `"odd.schema"."t ${name}"`;
    await lab.sql(
      `CREATE TABLE ${sql} (${types}, n integer NOT NULL DEFAULT 0, PRIMARY KEY (${key}));
       INSERT INTO ${sql} SELECT ${values} FROM generate_series(0, 99) i`,
    );
    let rounds = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 120 }),
        fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 3 }),
        async (batch, stops) => {
          const options = { table, batch, set: { n: literal('n + 1') } };
          for (const stop of stops)
            if (stop * batch < 100 && (await left(sql)) >= stop * batch)
              await lab.stopAfter(stop, options);
          const result = await lab.run(options);
          rounds += 1;
          expect(result).toMatchObject({ rows: 100, changed: 100 });
          expect(await lab.sql(`SELECT n, count(*)::int FROM ${sql} GROUP BY n`)).toEqual([
            { n: rounds, count: 100 },
          ]);
          expect(await lab.sql('SELECT * FROM keel.backfills')).toEqual([]);
        },
      ),
      { numRuns: 4 },
    );
    /** Rows that the backfill under way has not done. */
    async function left(of: string): Promise<number> {
      const rows = await lab.sql(`SELECT count(*)::int AS count FROM ${of} WHERE n <= ${rounds}`);
      return rows[0]!.count as number;
    }
  });
});

test('a table that was made anew is not gone on with in the middle', async () => {
  const make = (): Promise<unknown> =>
    lab.sql(
      `DROP TABLE IF EXISTS remade; CREATE TABLE remade (id integer PRIMARY KEY, n integer DEFAULT 0);
       INSERT INTO remade SELECT i FROM generate_series(1, 50) i`,
    );
  const options = { table: 'remade', set: { n: literal('n + 1') }, batch: 10 };
  await make();
  await lab.stopAfter(2, options);
  await make();
  const refused = (await lab.run(options).catch((error: unknown) => error)) as KeelError;
  expect(refused).toMatchObject({
    code: 'BACKFILL_UNFINISHED',
    message: expect.stringContaining('stopped after id = 20: it was made anew'),
  });
  const [, begin = '', goOn = ''] =
    /(DELETE FROM .*?)\. .*?(UPDATE .*?)\.$/.exec(refused.hint ?? '') ?? [];
  expect(goOn).toContain('SET table_oid = NULL');
  await lab.sql(begin);
  expect(await lab.run(options)).toMatchObject({ rows: 50, changed: 50 });
});

test('the primary key is not needed where a unique index is over required columns', async () => {
  await lab.sql(
    `CREATE TABLE keyless (a integer NOT NULL, b integer, c text NOT NULL, n integer);
     INSERT INTO keyless SELECT i, i, 'c' || i, NULL FROM generate_series(1, 50) i`,
  );
  const run = () => lab.run({ table: 'keyless', set: { n: 1 }, batch: 20 });
  const refused = { code: 'BACKFILL_NO_KEY', hint: expect.stringContaining('unique index') };
  await expect(run()).rejects.toMatchObject(refused);
  for (const index of [
    '(b)',
    '(lower(c))',
    '(a) WHERE a > 3',
    '(c text_pattern_ops)',
    '(c COLLATE "C")',
    '(a, c DESC)',
  ]) {
    await lab.sql(`CREATE UNIQUE INDEX odd_one ON keyless ${index}`);
    await expect(run()).rejects.toMatchObject(refused);
    await lab.sql('DROP INDEX odd_one');
  }
  await lab.sql('CREATE UNIQUE INDEX good_one ON keyless (c DESC, a DESC) INCLUDE (b)');
  expect(await run()).toMatchObject({ rows: 50, changed: 50, batches: 3 });
});

test('a condition that the change itself makes false, and rows that come and go meanwhile', async () => {
  await lab.sql(
    `CREATE TABLE moving (id integer PRIMARY KEY, v text);
     INSERT INTO moving SELECT i, CASE WHEN i % 3 = 0 THEN 'own' END FROM generate_series(1, 1000) i`,
  );
  const options = { table: 'moving', set: { v: 'filled' }, where: { v: null }, batch: 100 };
  let batches = 0;
  const writers: Promise<unknown>[] = [];
  const result = await lab.run({
    ...options,
    onProgress: () => {
      batches += 1;
      const at = batches * 100;
      writers.push(
        lab.sql(
          `DELETE FROM moving WHERE id IN (${at - 1}, ${at}, ${at + 1}, ${at + 100});
           UPDATE moving SET v = 'written' WHERE id = ${at + 2};
           INSERT INTO moving VALUES (${10_000 + at}, NULL)`,
        ),
      );
    },
  });
  await Promise.all(writers);
  expect(result.batches).toBe(10);
  // Rows after the last one of the beginning are those of the new code.
  expect(await lab.sql('SELECT count(*)::int FROM moving WHERE v IS NULL AND id <= 1000')).toEqual([
    { count: 0 },
  ]);
  expect(await lab.sql('SELECT count(*)::int FROM moving WHERE v IS NULL')).toEqual([
    { count: 10 },
  ]);
  expect(await lab.sql(`SELECT count(*)::int FROM moving WHERE v = 'own' AND id % 3 <> 0`)).toEqual(
    [{ count: 0 }],
  );
});

test('partitions, tables that inherit, triggers, and a table without rows', async () => {
  await lab.sql(
    `CREATE TABLE parts (id integer, day date, n integer DEFAULT 0, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
     CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM ('2020-01-01') TO ('2020-02-01');
     CREATE TABLE parts_2 PARTITION OF parts DEFAULT;
     INSERT INTO parts SELECT i, date '2020-01-01' + i, 0 FROM generate_series(1, 90) i;
     CREATE TABLE parent (id integer PRIMARY KEY, n integer DEFAULT 0);
     CREATE TABLE child () INHERITS (parent);
     INSERT INTO parent SELECT i FROM generate_series(1, 30) i;
     INSERT INTO child SELECT i FROM generate_series(1, 60) i;
     CREATE TABLE triggered (id integer PRIMARY KEY, n integer DEFAULT 0, twice integer);
     CREATE FUNCTION twice() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN IF NEW.id % 10 = 0 THEN RETURN NULL; END IF; NEW.twice := NEW.n * 2; RETURN NEW; END $$;
     CREATE TRIGGER twice BEFORE UPDATE ON triggered FOR EACH ROW EXECUTE FUNCTION twice();
     INSERT INTO triggered SELECT i FROM generate_series(1, 100) i;
     CREATE TABLE nothing (id integer PRIMARY KEY, n integer)`,
  );
  const set = { n: literal('n + 1') };
  expect(await lab.run({ table: 'parts', set, batch: 7 })).toMatchObject({ rows: 90, changed: 90 });
  expect(await lab.run({ table: 'parent', set, batch: 7 })).toMatchObject({ changed: 90 });
  expect(await lab.run({ table: 'triggered', set, batch: 7 })).toMatchObject({ changed: 90 });
  expect(await lab.run({ table: 'nothing', set })).toMatchObject({ rows: 0, batches: 0 });
  expect(
    await lab.sql(
      `SELECT (SELECT array_agg(DISTINCT n) FROM parts) AS parts, (SELECT array_agg(DISTINCT n) FROM parent) AS parent,
              (SELECT array_agg(DISTINCT twice) FROM triggered) AS triggered`,
    ),
  ).toEqual([{ parts: [1], parent: [1], triggered: [2, null] }]);
});

test('two processes that do the same backfill share its batches', async () => {
  await lab.sql(
    `CREATE TABLE shared (id integer PRIMARY KEY, n integer DEFAULT 0);
     INSERT INTO shared SELECT i FROM generate_series(1, 2000) i`,
  );
  const run = () => lab.run({ table: 'shared', set: { n: literal('n + 1') }, batch: 50 });
  await Promise.all([run(), run(), run()]);
  const rows = await lab.sql('SELECT n, count(*)::int FROM shared GROUP BY n');
  // Who comes when the others have come to the end begins anew; nobody sees half of it.
  expect(rows).toEqual([{ n: expect.any(Number), count: 2000 }]);
});

test('waits for whoever has locked a row, and names them where that takes too long', async () => {
  await lab.sql(
    `CREATE TABLE busy (id integer PRIMARY KEY, n integer DEFAULT 0);
     INSERT INTO busy SELECT i FROM generate_series(1, 300) i`,
  );
  const options = { table: 'busy', set: { n: literal('n + 1') }, batch: 100, lockTimeout: 50 };
  const waits: (string | undefined)[] = [];
  await lab.connect(async (client) => {
    await client.query(
      `SET application_name = 'a long report'; BEGIN; SELECT FROM busy WHERE id = 150 FOR UPDATE`,
    );
    await expect(lab.run({ ...options, patience: 300 })).rejects.toMatchObject({
      code: 'BACKFILL_BLOCKED',
      details: [
        expect.stringMatching(
          /locks on public\.busy: pid \d+ \(a long report, idle in transaction\)/,
        ),
      ],
      state: expect.stringContaining('Every batch that was committed stays'),
      hint: expect.stringContaining('goes on where this run stopped'),
    });
    const run = lab.run({ ...options, onProgress: ({ waiting }) => waits.push(waiting) });
    while (!waits.some((waiting) => waiting?.includes('lock timeout'))) await sleep(20);
    await client.query('COMMIT');
    expect(await run).toMatchObject({ rows: 300, changed: 300, batches: 2, resumed: true });
  });
  expect(await lab.sql('SELECT DISTINCT n FROM busy')).toEqual([{ n: 1 }]);
});

test('what it cannot do is refused before the first row', async () => {
  await lab.sql(
    `CREATE TABLE plain (id integer PRIMARY KEY, n integer, j jsonb); INSERT INTO plain VALUES (1);
     CREATE VIEW plain_view AS SELECT * FROM plain`,
  );
  const refusal = (message: RegExp) => ({
    code: 'BACKFILL_INVALID',
    message: expect.stringMatching(message),
    state: 'Nothing was changed.',
  });
  const cases = [
    [{ table: 'nowhere', set: { n: 1 } }, /no table "nowhere"/],
    [{ table: 'plain_view', set: { n: 1 } }, /is no table/],
    [{ table: 'plain', set: { m: 1 } }, /"m", which is not one of id, n, j/],
    [{ table: 'plain', set: { id: 1 } }, /changes "id", by which the rows are gone through/],
    [{ table: 'plain', set: {} }, /nothing in "set"/],
    [{ table: 'plain', set: { n: undefined } }, /no value for "n", and there are rows/],
    [{ table: 'plain', set: { n: { a: 1 } } }, /"n" that is no SQL/],
    [{ table: 'plain' }, /either "set" or "each"/],
    [{ table: 'plain', set: { n: 1 }, each: () => [] }, /either "set" or "each"/],
    [{ table: 'plain', set: { n: 1 }, batch: 0 }, /whole number/],
    [{ table: 'plain', each: () => [], columns: ['m'] }, /"m"/],
  ] as const;
  for (const [options, message] of cases)
    await expect(lab.run(options)).rejects.toMatchObject(refusal(message));
  expect(await lab.run({ table: 'plain', set: { j: { a: [1] } } })).toMatchObject({ changed: 1 });
  expect(await lab.sql('SELECT j FROM plain')).toEqual([{ j: { a: [1] } }]);
});

test('a backfill that was changed on its way is refused, with the two ways out', async () => {
  await lab.sql(
    `CREATE TABLE edited (id integer PRIMARY KEY, n integer DEFAULT 0, at timestamptz);
     INSERT INTO edited SELECT i FROM generate_series(1, 100) i`,
  );
  const set = (n: string) => ({ n: literal(n), at: new Date() });
  const options = { table: 'edited', batch: 10 };
  // One of which no batch was done may be corrected.
  await expect(lab.run({ ...options, set: { n: literal(`'a'::text::int`) } })).rejects.toThrow(
    'invalid input syntax',
  );
  await lab.stopAfter(3, { ...options, set: set('n + 1') });
  const refused = lab.run({ ...options, set: set('n + 5') });
  await expect(refused).rejects.toMatchObject({
    code: 'BACKFILL_UNFINISHED',
    message: expect.stringContaining('stopped after id = 30'),
    state: expect.stringContaining('30 rows are done'),
  });
  const { hint } = (await refused.catch((error: unknown) => error)) as { hint: string };
  // The moment is another one in each run.
  await lab.stopAfter(1, { ...options, set: set('n + 1') });
  await lab.sql(
    /UPDATE keel\.\S+ SET [^.]*relation = '[^']*'|UPDATE "keel".*?relation = '[^']*'/.exec(
      hint,
    )![0],
  );
  await lab.stopAfter(1, { ...options, set: set('n + 5') });
  await lab.sql(/DELETE FROM .*\d/.exec(hint)![0]);
  await lab.run({ ...options, set: set('n + 100') });
  expect(await lab.sql('SELECT n, count(*)::int FROM edited GROUP BY n ORDER BY n')).toEqual([
    { n: 100, count: 50 },
    { n: 101, count: 40 },
    { n: 105, count: 10 },
  ]);
});

test('in a transaction it refuses', async () => {
  await lab.sql('CREATE TABLE within (id integer PRIMARY KEY); INSERT INTO within VALUES (1)');
  // A connection on which a transaction is open already, as keel gives one to a file with a transaction.
  const { connectionManager } = lab.queryInterface.sequelize as unknown as {
    connectionManager: {
      getConnection(): Promise<{ query(sql: string): Promise<unknown> }>;
      releaseConnection(c: unknown): void;
    };
  };
  const connection = await connectionManager.getConnection();
  await connection.query('BEGIN');
  connectionManager.releaseConnection(connection);
  await expect(
    backfill(lab.queryInterface, { table: 'within', set: { id: 2 } }),
  ).rejects.toMatchObject({ code: 'BACKFILL_INVALID' });
  await lab.sql('ALTER TABLE within ADD n integer');
  await expect(
    backfill(lab.queryInterface, { table: 'within', set: { n: 2 } }),
  ).rejects.toMatchObject({
    code: 'BACKFILL_IN_TRANSACTION',
    hint: expect.stringContaining('transaction = false'),
  });
  await connection.query('ROLLBACK');
});

describe('each', () => {
  interface Book {
    id: string;
    title: string;
    price: string;
    at: Date;
    tags: string[];
    info: { pages?: number; list?: number[] };
    raw: Buffer;
    words: number | null;
  }

  beforeAll(() =>
    lab.sql(
      `CREATE TABLE books (id bigint PRIMARY KEY, title varchar(20), price numeric(8,2), at timestamptz, tags text[],
         info jsonb, raw bytea, words integer);
       INSERT INTO books SELECT i, 'Title ' || i, i / 4.0, timestamptz '2020-01-01 00:00+00' + i * interval '1 h',
         ARRAY['a', 'q"' || i], json_build_object('pages', i), decode('00ff', 'hex'), NULL FROM generate_series(1, 250) i`,
    ),
  );

  const run = (options: Partial<Parameters<typeof lab.run>[0]>) =>
    lab.run({ table: 'books', batch: 100, ...options });

  test('reads rows and writes changes with the types of Sequelize', async () => {
    const seen: number[] = [];
    const result = await backfill<Book>(lab.queryInterface, {
      table: 'books',
      batch: 100,
      where: { id: { [Op.lte]: 240 } },
      each: (rows) => {
        seen.push(rows.length);
        return rows
          .filter(({ id }) => BigInt(id) % 2n === 0n)
          .map(({ id, price, at, tags, info, raw }) => ({
            id,
            price: `${Number(price) * 2}`,
            at: new Date(at.getTime() + 1000),
            tags: [...tags, `b\\"{}, NULL`],
            info: { ...info, list: [1] },
            raw: Buffer.concat([raw, Buffer.from([7])]),
            words: Number(id) === 2 ? null : Number(id),
          }));
      },
    });
    expect(result).toMatchObject({ rows: 250, changed: 120, batches: 3 });
    expect(seen).toEqual([100, 100, 40]);
    expect(
      await lab.sql(
        'SELECT id::int, price::float8, at, tags, info, raw, words FROM books WHERE id IN (1, 2, 4) ORDER BY id',
      ),
    ).toEqual([
      {
        id: 1,
        price: 0.25,
        at: new Date('2020-01-01T01:00:00Z'),
        tags: ['a', 'q"1'],
        info: { pages: 1 },
        raw: Buffer.from([0, 255]),
        words: null,
      },
      {
        id: 2,
        price: 1,
        at: new Date('2020-01-01T02:00:01Z'),
        tags: ['a', 'q"2', 'b\\"{}, NULL'],
        info: { pages: 2, list: [1] },
        raw: Buffer.from([0, 255, 7]),
        words: null,
      },
      {
        id: 4,
        price: 2,
        at: new Date('2020-01-01T04:00:01Z'),
        tags: ['a', 'q"4', 'b\\"{}, NULL'],
        info: { pages: 4, list: [1] },
        raw: Buffer.from([0, 255, 7]),
        words: 4,
      },
    ]);
  });

  test('what is wrong with a change is said, and the next run goes on before that batch', async () => {
    const cases: [(rows: readonly Record<string, unknown>[]) => unknown, RegExp][] = [
      [() => undefined, /return a list of changes/],
      [() => [7], /list of objects/],
      [() => [{ words: 1 }], /no "id" to know its row by/],
      [() => [{ id: '4711', words: 1 }], /not of this batch: id = 4711/],
      [
        () => [
          { id: '1', words: 1 },
          { id: 1, words: 2 },
        ],
        /same row: id = 1/,
      ],
      [() => [{ id: '1', pages: 1 }], /"pages", which is not one of/],
      [() => [{ id: '1', title: 'x'.repeat(21) }], /too long/],
      [() => [{ id: '1', words: 'many' }], /invalid input syntax/],
      [
        () => {
          throw new Error('of its own');
        },
        /of its own/,
      ],
    ];
    for (const [each, message] of cases) {
      await expect(run({ each: each as never })).rejects.toThrow(message);
    }
    let calls = 0;
    const each = (rows: readonly Record<string, unknown>[]) => {
      calls += 1;
      if (calls === 2) throw new Error('a bad row');
      return rows.map(({ id, words }) => ({ id, words: Number(words) + 1000 }));
    };
    await expect(run({ each })).rejects.toMatchObject({
      code: 'BACKFILL_FAILED',
      state: expect.stringContaining('Every batch that was committed stays'),
      hint: expect.stringContaining('goes on where this run stopped'),
    });
    expect(await run({ each })).toMatchObject({ rows: 250, batches: 2, resumed: true });
    expect(
      await lab.sql('SELECT count(*)::int FROM books WHERE words BETWEEN 1000 AND 1999'),
    ).toEqual([{ count: 250 }]);
  });
});
