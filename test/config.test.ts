import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type * as Config from '../config/config';
import type * as Environment from '../config/environment';
import type * as Models from '../models';

const root = path.join(__dirname, '..', '..');
const originalEnvironment = process.env;
let home: string;

beforeEach(() => {
  home = mkdtempSync(path.join(tmpdir(), 'keel-config-'));
  // Empty rather than absent: a developer's own .env must not come in.
  process.env = { ...originalEnvironment, KEEL_HOME: home, DATABASE_URL: '' };
  jest.resetModules();
});

afterEach(() => {
  process.env = originalEnvironment;
  rmSync(home, { recursive: true });
});

/** Loads a module anew, with the environment as it is now. */
function load<T extends object>(module: string): T {
  return jest.requireActual<T>(path.join(root, module));
}

function readEnvironment(name?: string) {
  return load<typeof Environment>('config/environment').readEnvironment(name);
}

test('development and test are on the embedded server, at the port where it runs', () => {
  const document = { username: 'postgres', password: '1971', dialect: 'postgres', embedded: true };
  expect(readEnvironment('development')).toMatchObject({ ...document, database: 'demo' });
  expect(readEnvironment('test')).toMatchObject({ ...document, database: 'demo_test' });
  expect(readEnvironment('test')).toMatchObject({ host: '127.0.0.1', port: 54320 });

  jest.resetModules();
  writeFileSync(path.join(home, 'server.json'), '{ "host": "127.0.0.1", "port": 54999 }');
  expect(readEnvironment('development')).toMatchObject({ port: 54999 });
});

test('NODE_ENV chooses the environment, and development is the default', () => {
  process.env.NODE_ENV = 'test';
  expect(readEnvironment().database).toBe('demo_test');
  delete process.env.NODE_ENV;
  expect(readEnvironment().database).toBe('demo');
});

test('DATABASE_URL takes the place of the embedded server, escapes and query kept', () => {
  process.env.DATABASE_URL = 'postgres://me:p%40ss%3A1@db.test:6000/my%20app?sslmode=verify-full';
  const { default: config } = load<typeof Config>('config/config');
  for (const name of ['development', 'test', 'production'] as const) {
    expect(config[name]).not.toHaveProperty('embedded');
    const environment = readEnvironment(name);
    expect(environment).not.toHaveProperty('embedded');
    expect(environment).toMatchObject({
      username: 'me',
      password: 'p@ss:1',
      host: 'db.test',
      port: 6000,
      database: 'my app',
      dialectOptions: { ssl: {} },
    });
  }
});

test('production without DATABASE_URL says what to set, and only when it is chosen', () => {
  expect(readEnvironment('development')).toBeDefined();
  expect(() => readEnvironment('production')).toThrow(
    /production environment needs DATABASE_URL, for example postgres:.*\.env/,
  );
});

test('an unknown environment and a malformed URL are named, the password is not', () => {
  expect(() => readEnvironment('staging')).toThrow(
    'There is no environment "staging" in config/config.ts, only development, test, production.',
  );
  for (const url of ['mysql://me:secret@db/app', 'postgres://me:secret@db:port/app']) {
    process.env.DATABASE_URL = url;
    jest.resetModules();
    expect(() => readEnvironment('production')).toThrow(
      /^DATABASE_URL is not a URL of PostgreSQL(?!.*secret)/,
    );
  }
});

test('.env is read without a word, and the environment wins over it', () => {
  cpSync(path.join(root, 'config'), path.join(home, 'config'), { recursive: true });
  cpSync(path.join(root, 'tsconfig.json'), path.join(home, 'tsconfig.json'));
  symlinkSync(path.join(root, 'node_modules'), path.join(home, 'node_modules'));
  writeFileSync(
    path.join(home, '.env'),
    'DATABASE_URL=postgres://from.file/demo\nFROM_FILE=yes\nFROM_BOTH=file\n',
  );
  delete process.env.DATABASE_URL;
  const program = `
    require('ts-node/register/transpile-only');
    const { readEnvironment } = require('./config/environment');
    console.log(readEnvironment().host, process.env.FROM_FILE, process.env.FROM_BOTH)`;
  const output = execFileSync(process.execPath, ['-e', program], {
    cwd: home,
    env: { ...process.env, FROM_BOTH: 'environment' },
    encoding: 'utf8',
  });
  expect(output).toBe('from.file yes environment\n');
});

test('models/index.ts exports the models and connects to nothing', () => {
  process.env.DATABASE_URL = 'postgres://me@nowhere.invalid/app';
  const models = load<typeof Models>('models');
  const names = ['User', 'Profile', 'Post', 'Student', 'Course'];
  expect(Object.keys(models.default).sort()).toEqual([...names, 'Sequelize', 'sequelize'].sort());
  expect(models).toMatchObject(models.default);
  expect(Object.keys(models.sequelize.models)).toEqual([...names, 'StudentCourses']);
  expect(Object.keys(models.User.associations)).toEqual(['Profile', 'Posts']);
  expect(Object.keys(models.Student.associations)).toEqual(['Courses']);
  expect(models.sequelize).toBeInstanceOf(models.Sequelize);
});
