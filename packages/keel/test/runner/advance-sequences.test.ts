import type pg from 'pg';
import { advanceSequences } from '../../src/runner/advance-sequences';
import { withClient, withDatabase } from '../support/database';

const TABLES = `
  CREATE SCHEMA billing;
  CREATE SEQUENCE purchase_no;
  CREATE SEQUENCE billing."doc ""no";
  CREATE SEQUENCE down_no INCREMENT -1 START -1;
  CREATE SEQUENCE small_no MAXVALUE 100;
  CREATE SEQUENCE round_no MAXVALUE 100 CYCLE;
  CREATE SEQUENCE code_no;
  CREATE SEQUENCE offset_no;
  CREATE SEQUENCE old_no;
  CREATE SEQUENCE untouched_no;
  CREATE SEQUENCE ahead_no START 500;
  CREATE SEQUENCE half_no;
  CREATE FUNCTION twice(bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS 'SELECT $1 * 2';
  CREATE SEQUENCE twice_no;
  CREATE SEQUENCE tens_no;
  CREATE SEQUENCE minus_no;
  CREATE TABLE purchases (
    id serial PRIMARY KEY,
    no bigint NOT NULL DEFAULT nextval('purchase_no'),
    small int DEFAULT nextval('small_no'),
    round int DEFAULT nextval('round_no'),
    down int DEFAULT nextval('down_no'),
    code text DEFAULT 'PO-2024-' || lpad(nextval('code_no')::text, 5, '0'),
    far int DEFAULT 1000 + nextval('offset_no'),
    word varchar(20) DEFAULT nextval('old_no'::text::regclass),
    ahead numeric DEFAULT nextval('ahead_no'),
    half numeric DEFAULT nextval('half_no'),
    twice bigint DEFAULT twice(nextval('twice_no')),
    tens bigint DEFAULT nextval('tens_no') * 10 + 3,
    minus int DEFAULT - nextval('minus_no'),
    plain int DEFAULT 7);
  CREATE TABLE billing."Invoices" (no int DEFAULT nextval('billing."doc ""no"'));
  CREATE TABLE billing.credits (id int GENERATED ALWAYS AS IDENTITY, no int DEFAULT nextval('billing."doc ""no"'));
  CREATE TABLE events (id bigserial, day date) PARTITION BY RANGE (day);
  CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
  CREATE TABLE others (no int DEFAULT nextval('untouched_no'))`;

const ROWS = [
  `INSERT INTO purchases (id, no, small, round, down, code, far, word, ahead, half, twice, tens, minus) VALUES
     (7, 12, 5000, 90, -40, 'PO-2024-00031', 1050, '19', 3, 8.5, 24, 1003, -44),
     (3, 4, 60, 3, -2, 'something 99999', 1001, 'x7', 2, 2, 2, 2007, 99)`,
  `INSERT INTO billing."Invoices" VALUES (5)`,
  `INSERT INTO billing.credits OVERRIDING SYSTEM VALUE VALUES (21, 9)`,
  `INSERT INTO events_2024 VALUES (77, '2024-05-05')`,
];

const NEXT = `SELECT nextval(pg_get_serial_sequence('purchases', 'id'))::int AS id, nextval('purchase_no')::int AS no,
  nextval('small_no')::int AS small, nextval('round_no')::int AS round, nextval('down_no')::int AS down,
  nextval('code_no')::int AS code, nextval('offset_no')::int AS far, nextval('old_no')::int AS word,
  nextval('ahead_no')::int AS ahead, nextval('half_no')::int AS half, nextval('twice_no')::int AS twice,
  nextval('tens_no')::int AS tens, nextval('minus_no')::int AS minus,
  nextval('billing."doc ""no"')::int AS doc, nextval('billing.credits_id_seq')::int AS credit,
  nextval('events_id_seq')::int AS event, nextval('untouched_no')::int AS untouched`;

async function withTables<T>(use: (client: pg.Client) => Promise<T>): Promise<T> {
  return withDatabase(async ({ connection }) => {
    // By another session: what a session wrote counts as its transaction's until it has told the server.
    await withClient(connection, (client) =>
      client.query(`${TABLES}; INSERT INTO others VALUES (900)`),
    );
    return withClient(connection, use);
  });
}

test.each(['by the statistics of the transaction', 'by what was sent'])(
  'every sequence that numbers a written table goes past its rows, known %s',
  (how) =>
    withTables(async (client) => {
      const counted = how.startsWith('by the statistics');
      if (counted) await client.query('BEGIN');
      for (const sql of ROWS) await client.query(sql);
      expect(await advanceSequences(client, counted ? [] : ROWS)).toEqual([]);
      if (counted) await client.query('COMMIT');
      const { rows } = await client.query(NEXT);
      expect(rows[0]).toEqual({
        id: 8,
        no: 13,
        // 5000 is beyond its last number and cannot clash.
        small: 1,
        // It promises no new number.
        round: 1,
        down: -41,
        code: 32,
        far: 51,
        word: 20,
        ahead: 500,
        half: 9,
        // A function of the user's is not called to find out.
        twice: 1,
        // The default of no number is 2007, or 99.
        tens: 101,
        minus: 45,
        doc: 10,
        credit: 22,
        event: 78,
        untouched: 1,
      });
    }),
);

test('a role that may not advance a sequence is told, and its seeder goes on', () =>
  withTables(async (client) => {
    await client.query(`CREATE ROLE writer_${process.pid}`);
    try {
      await client.query(`GRANT INSERT, SELECT ON purchases TO writer_${process.pid};
        GRANT USAGE ON SEQUENCE purchase_no, purchases_id_seq TO writer_${process.pid};
        INSERT INTO purchases (id, no) VALUES (1, 3);
        SELECT setval('purchases_id_seq', 1);
        SET ROLE writer_${process.pid}`);
      const warnings = await advanceSequences(client, ['INSERT INTO purchases']);
      expect(warnings).toEqual([
        'public.purchase_no is behind public.purchases.no and this role may not advance it. GRANT SELECT, UPDATE ON SEQUENCE public.purchase_no to it.',
      ]);
    } finally {
      await client.query(
        `RESET ROLE; DROP OWNED BY writer_${process.pid}; DROP ROLE writer_${process.pid}`,
      );
    }
  }));
