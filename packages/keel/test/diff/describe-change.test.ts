import { describeChange } from '../../src/diff/describe-change';
import { describeOperation } from '../../src/diff/describe-operation';

const sides = { before: 'the migrations', after: 'the database' };

describe('describeChange()', () => {
  it('shows the lines that are not in both', () => {
    expect(describeChange('SELECT a\n FROM t', 'SELECT a,\n b\n FROM t', sides)).toBe(
      '"SELECT a, b" in the database, "SELECT a" in the migrations',
    );
    expect(describeChange('a\nb', 'a', sides)).toBe(
      'nothing there in the database, "b" in the migrations',
    );
  });

  it('cuts what is long, and says where only white space differs', () => {
    const long = ['1', '2', '3', '4', '5'].join('\n');
    expect(describeChange('0', long, sides)).toContain('"1 2 3" and 2 more lines in the database');
    expect(describeChange('a\n  b', 'a\nb', sides)).toBe('in its white space');
  });
});

test('two types that differ in their collation alone are told apart', () => {
  const table = { schema: 'public', name: 't' };
  const column = { name: 'k', type: 'text', notNull: false };
  const after = { ...column, collation: 'pg_catalog."C"' };
  expect(describeOperation({ type: 'changeType', table, before: column, after }, sides).text).toBe(
    'column k: text COLLATE pg_catalog."C" in the database, text COLLATE default in the migrations',
  );
});
