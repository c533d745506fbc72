import { messageOf } from '../src/errors';

const circular: Record<string, unknown> = {};
circular.self = circular;

const first = new Error('');
const second = Object.assign(new Error('', { cause: first }), { errors: [first] });
first.cause = second;

class HostError extends Error {
  override readonly name = 'HostError';
}

test.each<[unknown, string]>([
  [new Error('text'), 'text'],
  ['text', 'text'],
  [{ reason: 'odd' }, '{"reason":"odd"}'],
  [undefined, 'undefined'],
  [null, 'null'],
  [7n, '7n'],
  [Symbol('x'), 'Symbol(x)'],
  [circular, '<ref *1> { self: [Circular *1] }'],
  // What has no message is called by its name, its code, or the error that led to it.
  [new Error(), 'Error without a message'],
  [new Error(' \n'), 'Error without a message'],
  [new HostError(), 'HostError without a message'],
  [Object.assign(new Error(), { code: 'EHOST' }), "Error 'EHOST' without a message"],
  [new Error('', { cause: new Error('cause') }), 'cause'],
  [Object.assign(new Error(), { original: new Error('from pg') }), 'from pg'],
  [new AggregateError([new Error('one'), new Error()]), 'one; Error without a message'],
  [new AggregateError([]), 'AggregateError without a message'],
  // What was collected is told, unless the message says it already.
  [new AggregateError([new Error('a'), 'b', new Error('a')], 'All failed'), 'All failed: a; b'],
  [Object.assign(new Error('a: wrong'), { errors: [{ message: 'wrong' }] }), 'a: wrong'],
  [Object.assign(new Error(''), { errors: [{ message: 'of a row' }] }), 'of a row'],
  [
    new AggregateError(
      Array.from({ length: 12 }, (_, i) => `e${i};`),
      'x',
    ),
    expect.stringMatching(/^x: e0;.*e9; \(and 2 more\)$/) as never,
  ],
  ['', 'an empty text was thrown'],
  // Of the files on the way to a missing module, the first is to be corrected; noop.js is nowhere.
  [
    new Error("Cannot find module 'x'\nRequire stack:\n- /p/noop.js\n- /p/a.js\n- /p/b.js"),
    "Cannot find module 'x', required by /p/a.js",
  ],
  [new Error("Cannot find module 'x'\nRequire stack:\n- /p/noop.js"), "Cannot find module 'x'"],
  // They lead to each other, and to nothing else.
  [second, 'Error without a message'],
  [Object.assign(first, { errors: [second] }), 'Error without a message'],
  // Another realm's error is no instance of ours.
  [{ message: 'elsewhere' }, 'elsewhere'],
])('the text of %p is %p', (thrown, text) => {
  expect(messageOf(thrown)).toEqual(text);
});
