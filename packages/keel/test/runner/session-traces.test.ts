import { SessionTraces } from '../../src/runner/attempt/session-traces';

function trace(sql: string, values?: readonly unknown[]) {
  const traces = new SessionTraces();
  traces.note(sql, values);
  const { stated, possible, unnamed, customSettings } = traces;
  return { stated, possible, unnamed, names: [...customSettings] };
}

test.each([
  'CREATE TABLE t (id int DEFAULT 1, p int REFERENCES p ON DELETE SET NULL ON UPDATE CASCADE)',
  'ALTER TABLE t ALTER COLUMN a SET NOT NULL',
  'CREATE INDEX i ON t (a) WITH (fillfactor = 70)',
  'CREATE TABLE t (at TIMESTAMP WITH TIME ZONE)',
  'DROP TABLE t',
])('asks nothing after: %s', (sql) => {
  expect(trace(sql)).toEqual({ stated: false, possible: false, unnamed: false, names: [] });
});

test.each(['SELECT f()', 'CALL p()', 'DO $$ $$', 'INSERT INTO t VALUES (1)', 'UPDATE t SET a = 1'])(
  'asks after what may run code: %s',
  (sql) => {
    expect(trace(sql)).toMatchObject({ stated: false, possible: true });
  },
);

test.each<[string, unknown[] | undefined, string[], boolean]>([
  ["SET app.user = '1'", undefined, ['app.user'], false],
  ['SET SESSION "App"."User" TO 1', undefined, ['App.User'], false],
  ["SELECT set_config('app.user', '0', TRUE)", undefined, ['app.user'], false],
  [
    "SELECT set_config('a.b', '', true), set_config('search_path', '', true)",
    undefined,
    ['a.b'],
    false,
  ],
  ['SELECT set_config($1, $2, true)', ['app.user', 'x'], ['app.user'], false],
  ['SELECT set_config($1, $2, true)', undefined, [], true],
  ["SELECT set_config('app.' || name, '', true) FROM t", undefined, [], true],
  ["SELECT set_config(name, '', true) FROM t", undefined, [], true],
])('settings that PostgreSQL must be asked for by name: %s', (sql, values, names, unnamed) => {
  expect(trace(sql, values)).toMatchObject({ names, unnamed });
});
