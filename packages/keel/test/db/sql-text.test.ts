import fc from 'fast-check';
import { changesSession, splitStatements, transactionControl } from '../../src/db/sql-text';

describe('transactionControl', () => {
  test.each([
    ['BEGIN', 'begin'],
    ['  -- why\n/* a /* b */ */ start transaction isolation level serializable;', 'begin'],
    ['COMMIT;', 'commit'],
    ['end', 'commit'],
    ['ROLLBACK', 'rollback'],
    ['abort', 'rollback'],
    ['ROLLBACK TO SAVEPOINT a', 'savepoint'],
    ['rollback work to a', 'savepoint'],
    ['RELEASE a', 'savepoint'],
    ['SET TRANSACTION READ ONLY', 'characteristics'],
    ['SET LOCAL lock_timeout = 1', undefined],
    ["COMMIT PREPARED 'x'", undefined],
    ['CREATE TABLE begin (id int)', undefined],
    ['SELECT 1', undefined],
  ])('%s', (sql, kind) => {
    expect(transactionControl(sql)).toBe(kind);
  });
});

describe('splitStatements', () => {
  const pieces = [
    "INSERT INTO t VALUES ('a;b''c')",
    `CREATE TABLE "a;b" (id int)`,
    'DO $$ BEGIN PERFORM 1; END $$',
    "DO $body$ BEGIN PERFORM '$$;'; END $body$",
    "SELECT E'it\\'s;' || 'x'",
    'SELECT 1 -- a; comment\n + 1',
    'SELECT /* a; /* b; */ c; */ 1',
    'CREATE RULE r AS ON INSERT TO t DO ALSO (DELETE FROM u; DELETE FROM v)',
    'CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END',
    'SELECT $1',
    'BEGIN',
    'COMMIT',
  ];

  test('gives back the statements that were joined', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 8 }),
        (statements) => {
          expect(splitStatements(statements.join(';\n'))).toEqual(statements);
          expect(splitStatements(`${statements.join('; ')};`)).toEqual(statements);
        },
      ),
    );
  });

  test('loses no text, whatever it is given', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const bare = (value: string): string => value.replace(/[;\s]/g, '');
        const kept = bare(splitStatements(text).join(''));
        // Parts that hold nothing but comments are left out.
        if (!/--|\/\*/.test(text)) expect(kept).toBe(bare(text));
      }),
    );
  });
});

test.each([
  ["SELECT set_config('search_path', '', false)", true],
  ['SET search_path TO x', true],
  ['SELECT 1; SET role other', true],
  ['SET LOCAL search_path TO x', false],
  ['SET CONSTRAINTS ALL DEFERRED', false],
  ['UPDATE t SET a = 1', false],
])('changesSession: %s', (sql, expected) => {
  expect(changesSession(sql)).toBe(expected);
});
