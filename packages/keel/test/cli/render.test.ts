import type { Difference } from '../../src/diff/describe-operation';
import { noticeLines } from '../../src/cli/render/render-check';
import { errorDocument, renderError } from '../../src/cli/render/render-error';
import { renderCheck, renderStatus } from '../../src/cli/render/render-status';
import { renderPreview } from '../../src/cli/render/render-bulk';
import { KeelError } from '../../src/errors';
import type { StatusResult } from '../../src/runner/read-status';

const error = new KeelError('It broke with postgres://me:h1dden@host/x.', {
  code: 'DATABASE_NOT_FOUND',
  state: 'Nothing was changed.',
  hint: 'Make it with: keel db:create',
  details: ['one', 'two'],
  cause: new Error('below'),
});

test('an error says what happened, its details, the state, and what to do, in this order', () => {
  expect(renderError(error, { debug: false, given: { env: 'test' } })).toEqual([
    '',
    'ERROR: It broke with postgres://me:***@host/x.',
    '  one',
    '  two',
    'Nothing was changed.',
    'Make it with: keel db:create --env test',
    '',
  ]);
  const debugged = renderError(error, { debug: true }).join('\n');
  expect(debugged).toMatch(/\n\s+at [^]*caused by: Error: below\n\s+at /);
  expect(debugged).not.toContain('h1dden');
});

test('notices that many objects share are said once, and the lines of a detail stay under it', () => {
  const one = (name: string, table: string): Difference => ({
    kind: 'index without model',
    table,
    name,
    text: `index ${name} is in no model`,
  });
  const few = ['a', 'b'].map((name) => one(name, 't'));
  expect(noticeLines(few)).toEqual(few.map(({ text }) => `note     t: ${text}`));
  const many = [...few, ...['c', 'd', 'e', 'f'].map((name) => one(name, 'u'))];
  expect(noticeLines([{ text: 'first' }, ...many, { text: 'last' }])).toEqual([
    'note     first',
    'note     6 indexes are in no model and are left alone; --drop <table>.<index> would drop one:',
    '           t: a, b',
    '           u: c, d, e, f',
    'note     last',
  ]);
  const lined = new KeelError('x', { code: 'USAGE', details: ['one\ntwo'] });
  expect(renderError(lined, { debug: false })).toEqual(['', 'ERROR: x', '  one', '  two', '']);
});

test('what keel does not know is said with where to look further', () => {
  for (const thrown of [new Error('odd'), 'odd', { message: 'odd' }]) {
    const text = renderError(thrown, { debug: false }).join('\n');
    expect(text).toContain('odd');
    expect(text).toContain('--debug');
    expect(JSON.parse(JSON.stringify(errorDocument(thrown)))).toMatchObject({
      error: { code: 'UNEXPECTED' },
    });
  }
});

test('the document of an error has only what is known', () => {
  expect(JSON.parse(JSON.stringify(errorDocument(error, { env: 'test' })))).toEqual({
    error: {
      code: 'DATABASE_NOT_FOUND',
      message: 'It broke with postgres://me:***@host/x.',
      details: ['one', 'two'],
      state: 'Nothing was changed.',
      hint: 'Make it with: keel db:create --env test',
    },
  });
  const bare = new KeelError('x', { code: 'USAGE' });
  expect(JSON.stringify(errorDocument(bare))).toBe(
    '{"error":{"code":"USAGE","message":"x","details":[]}}',
  );
});

/** Where files stand, as far as the renderer looks at it. */
function status(rows: readonly object[], counts: object): StatusResult {
  return { kind: 'migration', migrations: rows, ...counts } as unknown as StatusResult;
}

test('a status has a plain line for each file, applied ones first, and remarks below', () => {
  const rows = [
    { name: 'c.js', status: 'pending', outOfOrder: true },
    { name: 'a.js', status: 'applied' },
    { name: 'b.js', status: 'applied', missing: true },
    { name: 'd.js', status: 'applied', changed: true },
  ];
  const counts = { pending: 1, missing: 1, changed: 1 };
  expect(renderStatus(status(rows, counts))).toEqual([
    ...['up a.js', 'up b.js', 'up d.js', 'down c.js', ''],
    'b.js is applied, but the file is missing.',
    'd.js has changed since it was applied.',
    'c.js is older than what is applied.',
  ]);
  expect(renderCheck(status(rows, counts))).toBe(
    '1 migration pending, 1 migration missing, 1 migration changed.',
  );
  const all = { pending: 0, missing: 0, changed: 0 };
  expect(renderCheck(status([], all))).toBe('All migrations are applied.');
});

test('the preview of bulk data is a table in which every column is as wide as its widest cell', () => {
  const table = {
    model: 'User',
    table: 'users',
    rows: 1_000_000,
    existing: false,
    missing: 1_000_000,
    bytes: 2_500_000_000,
    uniques: [{ column: 'email', capacity: null }],
    sample: [{ email: 'x'.repeat(60), name: null }],
  };
  const post = {
    ...table,
    model: 'Post',
    table: 'posts',
    existing: true,
    bytes: 10,
    uniques: [],
    sample: [],
  };
  const lines = renderPreview({ tables: [table, post], notices: ['Mind this.'], seed: 7 });
  const [header = '', user = '', posts = ''] = lines.slice(1);
  expect(user).toContain('2.5 GB');
  expect(posts).toContain('1 kB');
  for (const [word, cell] of [
    ['Model', 'User'],
    ['Table', 'users'],
  ] as const)
    expect(user.indexOf(cell)).toBe(header.indexOf(word));
  expect(posts.indexOf('as they are')).toBe(header.indexOf('To write'));
  expect(lines).toContain(`  email=${'x'.repeat(37)}...  name=NULL`);
  expect(lines.slice(-2)).toEqual(['Mind this.', 'Seed 7. Nothing was written.']);
});
