import type { EnvironmentConfig } from '../../src/project/read-config-file';
import { resolveDatabase } from '../../src/project/resolve-database';

type Environment = Readonly<Record<string, string>>;

const FIELDS = { host: 'h', port: 1, database: 'd', username: 'u', password: 'p' };

const addressOf = (config: EnvironmentConfig, env: Environment = {}): string => {
  const { user, password, host, port, database } = resolveDatabase(config, env);
  return `${String(user)}:${String(password)}@${host}:${port}/${database}`;
};

test.each<[string, EnvironmentConfig, Environment, string]>([
  ['fields', FIELDS, {}, 'u:p@h:1/d'],
  ['what the fields leave out', { database: 'd' }, {}, 'undefined:undefined@localhost:5432/d'],
  ['a port that is a text', { ...FIELDS, port: '6' }, {}, 'u:p@h:6/d'],
  ['a number for a password', { ...FIELDS, password: 1971 }, {}, 'u:1971@h:1/d'],
  ['a URL before the fields', { ...FIELDS, url: 'postgres://x@y/z' }, {}, 'x:p@y:1/z'],
  [
    'a URL before a variable',
    { url: 'postgres://x@y/z', use_env_variable: 'DB' },
    { DB: 'postgres://other/other' },
    'x:undefined@y:5432/z',
  ],
  [
    'a variable before the fields',
    { ...FIELDS, use_env_variable: 'DB' },
    { DB: 'postgres://x:w@y:2/z' },
    'x:w@y:2/z',
  ],
  ['an empty URL, as sequelize-cli takes it', { ...FIELDS, url: '' }, {}, 'u:p@h:1/d'],
  [
    'the variables of libpq behind all',
    { dialect: 'postgres' },
    { PGHOST: 'ph', PGPORT: '7', PGUSER: 'pu', PGPASSWORD: 'pp', PGDATABASE: 'pd' },
    'pu:pp@ph:7/pd',
  ],
  ['the fields before those', FIELDS, { PGHOST: 'ph', PGPORT: '7', PGDATABASE: 'pd' }, 'u:p@h:1/d'],
  [
    'variables that are set to nothing',
    { database: 'd' },
    { PGHOST: '', PGPORT: '', PGUSER: '', PGPASSWORD: '', PGCONNECT_TIMEOUT: '' },
    'undefined:undefined@localhost:5432/d',
  ],
  [
    'the server that takes the writes',
    { ...FIELDS, replication: { write: { host: 'w', port: 3 }, read: [{ host: 'r' }] } },
    {},
    'u:p@w:3/d',
  ],
])('%s', (_, config, env, expected) => {
  expect(addressOf(config, env)).toBe(expected);
});

test.each<[EnvironmentConfig, string, RegExp]>([
  [{ dialect: 'mysql', database: 'd' }, 'NOT_POSTGRES', /dialect "mysql"/],
  [{ url: 'mysql://h/d' }, 'NOT_POSTGRES', /dialect "mysql"/],
  [{ host: 'h' }, 'CONFIG_INVALID', /names no database/],
  [{ url: '' }, 'CONFIG_INVALID', /"url" is empty/],
  [{ url: 'postgres://h' }, 'CONFIG_INVALID', /names no database/],
  [{ ...FIELDS, port: 'x' }, 'CONFIG_INVALID', /port "x"/],
  [{ ...FIELDS, port: 0 }, 'CONFIG_INVALID', /port 0/],
  [{ use_env_variable: 'NOT_SET' }, 'URL_NOT_SET', /NOT_SET is not set/],
])('%j is refused', (config, code, message) => {
  const resolve = (): unknown => resolveDatabase(config, {});
  expect(resolve).toThrow(message);
  expect(resolve).toThrow(expect.objectContaining({ code }) as Error);
});

test('the options of the URL and of dialectOptions reach pg, the latter before the former', () => {
  const { options, ssl } = resolveDatabase(
    {
      url: 'postgres://h/d?application_name=url&lock_timeout=5&sslmode=require&unknown=1',
      dialectOptions: { application_name: 'config', keepAlive: false },
    },
    {},
  );
  expect(options).toEqual({ application_name: 'config', lock_timeout: '5', keepAlive: false });
  expect(ssl).toMatchObject({ rejectUnauthorized: false });
});

test('a search path that Sequelize sets before its statements is that of every connection', () => {
  const { options } = resolveDatabase(
    {
      database: 'd',
      searchPath: 'my app, public',
      dialectOptions: { prependSearchPath: true, options: '-c jit=off' },
    },
    {},
  );
  expect(options.options).toBe(String.raw`-c jit=off -c search_path=my\ app,\ public`);
});
