import fc from 'fast-check';
import type { Connection } from '../../src/db/connection';
import { KeelError } from '../../src/errors';
import { connectionUrl, parseDatabaseUrl } from '../../src/db/connection-url';
import { tlsVariants } from '../../src/db/tls-options';
import { maskSecrets } from '../../src/mask-secrets';

const parts = (text: string): unknown => {
  const { host, port, user, password, database, parameters } = parseDatabaseUrl(text);
  return [user, password, host, port, database, ...Object.entries(parameters).flat()];
};

const none = undefined;

function errorOf(use: () => unknown): KeelError {
  try {
    use();
  } catch (error) {
    if (error instanceof KeelError) return error;
    throw error;
  }
  throw new Error('It was accepted.');
}

test.each<[string, unknown[]]>([
  ['postgres://u:p@h:1/d', ['u', 'p', 'h', 1, 'd']],
  ['postgresql://h/d', [none, none, 'h', none, 'd']],
  ['postgres://u@h', ['u', none, 'h', none, none]],
  ['postgres:///d', [none, none, none, none, 'd']],
  ['  postgres://u:p@h/d\n', ['u', 'p', 'h', none, 'd']],
  ['postgres://u:@h/d', ['u', '', 'h', none, 'd']],
  ['postgres://u%40x:p%2Fq@h/my%20d', ['u@x', 'p/q', 'h', none, 'my d']],
  // As people write them.
  ['postgres://u:p@ss@h/d', ['u', 'p@ss', 'h', none, 'd']],
  ['postgres://u:p/s:s?@h:1/d', ['u', 'p/s:s?', 'h', 1, 'd']],
  ['postgres://u:12/3@h/d', ['u', '12/3', 'h', none, 'd']],
  ['postgres://u:100%@h/d', ['u', '100%', 'h', none, 'd']],
  ['postgres://u:p#s@h/d', ['u', 'p#s', 'h', none, 'd']],
  // An address, and sockets.
  ['postgres://u@[::1]:1/d', ['u', none, '::1', 1, 'd']],
  ['postgres://u@[fe80::1]/d', ['u', none, 'fe80::1', none, 'd']],
  ['postgres://%2Fvar%2Frun/d', [none, none, '/var/run', none, 'd']],
  ['postgres://u@/d?host=/var/run&port=1', ['u', none, '/var/run', 1, 'd']],
  ['postgres://h/d?user=u&password=p&dbname=e', ['u', 'p', 'h', none, 'e']],
  // An @ in the query is no end of a login.
  [
    'postgres://h/d?application_name=me@here',
    [none, none, 'h', none, 'd', 'application_name', 'me@here'],
  ],
  [
    'postgres://u:p@h/d?application_name=a@b&options=-c%20x%3D1',
    ['u', 'p', 'h', none, 'd', 'application_name', 'a@b', 'options', '-c x=1'],
  ],
])('%s', (text, expected) => {
  expect(parts(text)).toEqual(expected);
});

test.each<[string, unknown]>([
  ['postgres://h1,h2:5433/d', [['h1'], ['h2', 5433]]],
  [
    'postgres://u:p,q@h1:5432,h2:5433/d',
    [
      ['h1', 5432],
      ['h2', 5433],
    ],
  ],
  ['postgres://u:p/@[::1]:1,h2/d', [['::1', 1], ['h2']]],
  [
    'postgres://u@/d?host=/run/a,b&port=1',
    [
      ['/run/a', 1],
      ['b', 1],
    ],
  ],
  ['postgres://u@/d?host=a,,b&port=1,2,', [['a', 1], [none, 2], ['b']]],
  ['postgres://:6/d?host=a', [['a', 6]]],
])('the servers of %s', (text, expected) => {
  const { servers } = parseDatabaseUrl(text);
  expect(servers.map(({ host, port }) => (port === none ? [host] : [host, port]))).toEqual(
    expected,
  );
});

test.each([
  'no url',
  '//h/d',
  'postgres://h:99999/d',
  'postgres://h1:1,h2:99999/d',
  'postgres://u:secret@/d?host=a,b&port=1,2,3',
  'postgres://u:secret@h1:1,h2:2/d?host=a',
])('%s is refused, and its password is not shown', (text) => {
  const error = errorOf(() => parseDatabaseUrl(text));
  expect(error.code).toBe('INVALID_URL');
  expect(JSON.stringify([error.message, error.hint])).not.toContain('secret');
});

test('the word that stands for a password in the form of a URL is shown', () => {
  const { hint = '' } = errorOf(() => parseDatabaseUrl('no url'));
  expect(maskSecrets(hint)).toContain('user:<password>@host');
  expect(maskSecrets('postgres://user:<pass@host')).toBe('postgres://user:***@host');
});

test('what is written for a connection is read as the same one', () => {
  const name = fc.string({ unit: 'grapheme', minLength: 1 });
  const host = fc.oneof(
    fc.domain(),
    fc.ipV4(),
    fc.ipV6(),
    name.map((folder) => `/${folder.replaceAll(',', '')}`),
  );
  const connections: fc.Arbitrary<Connection> = fc.record({
    host,
    port: fc.integer({ min: 1, max: 65_535 }),
    database: name,
    user: name,
    password: fc.option(name, { nil: undefined }),
    ssl: fc.constant(undefined),
    options: fc.constant({}),
  });
  fc.assert(
    fc.property(connections, (connection) => {
      const { user, password, port, database } = connection;
      expect(parts(connectionUrl(connection, { password: true }))).toEqual([
        user,
        password,
        connection.host,
        port,
        database,
      ]);
    }),
    { numRuns: 500 },
  );
});

const unchecked = { rejectUnauthorized: false, checkServerIdentity: expect.any(Function) };
const checked = expect.objectContaining({ rejectUnauthorized: true, ca: expect.any(String) });

test.each<[Record<string, string>, unknown]>([
  [{}, undefined],
  [{ sslmode: '' }, undefined],
  [{ sslrootcert: __filename }, undefined],
  [{ ssl: 'true' }, [{}]],
  [{ ssl: 'false' }, [false]],
  [{ sslmode: 'disable' }, [false]],
  [{ sslmode: 'allow' }, [false, unchecked]],
  [{ sslmode: 'prefer' }, [unchecked, false]],
  [{ sslmode: 'require' }, [unchecked]],
  [{ sslmode: 'no-verify' }, [unchecked]],
  [{ sslmode: 'require', sslrootcert: __filename }, [checked]],
  [{ sslmode: 'verify-ca', sslrootcert: __filename }, [checked]],
  [{ sslmode: 'verify-full', sslrootcert: 'system' }, [{ rejectUnauthorized: true }]],
  [{ sslrootcert: 'system' }, [{ rejectUnauthorized: true }]],
])('the TLS of %j', (parameters, expected) => {
  expect(tlsVariants(parameters)).toEqual(expected);
});

test.each<Record<string, string>>([
  { sslmode: 'always' },
  { sslmode: 'verify-ca', sslrootcert: '/not/there.pem' },
  { sslmode: 'require', sslrootcert: 'system' },
])('the TLS of %j is an error', (parameters) => {
  expect(errorOf(() => tlsVariants(parameters)).code).toBe('INVALID_URL');
});
