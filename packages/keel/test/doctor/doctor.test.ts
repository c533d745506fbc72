import path from 'node:path';
import { judgeServer } from '../../src/doctor/examine-server';
import type { DoctorFinding } from '../../src/doctor/doctor-finding';
import type { ServerFacts } from '../../src/doctor/read-server-facts';
import type { Project } from '../../src/project/project';
import { runKeel } from '../support/cli';
import { withClient, withDatabase, type TestDatabase } from '../support/database';
import { REPOSITORY } from '../support/paths';
import { tableMigration, withDatabaseProject, type DatabaseProject } from '../support/project';
import { withProject, type ProgramResult, type ProjectFiles } from '../support/projects';
import { findPgBouncer, withPgBouncer } from '../faults/pgbouncer';

/** What the doctor said: each finding's topic and status with its text, details and advice in one. */
function readFindings({ stdout }: ProgramResult): string[] {
  const { findings } = JSON.parse(stdout) as { readonly findings: readonly DoctorFinding[] };
  return findings.map(({ topic, status, text, details = [], next = '' }) =>
    [`${status} ${topic}: ${text}`, ...details, next].join('\n'),
  );
}

const examine = async (
  project: Pick<DatabaseProject, 'keel'>,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly code: number | null; readonly found: readonly string[] }> => {
  const result = await project.keel(['doctor', '--json', ...args], env);
  return { code: result.code, found: readFindings(result) };
};

const matching = (...patterns: readonly RegExp[]): unknown =>
  expect.arrayContaining(patterns.map((pattern) => expect.stringMatching(pattern) as unknown));

/** As withDatabaseProject, with another config. */
const withConfig = (url: string): ProjectFiles => ({
  'config/config.json': { development: { url, dialect: 'postgres' } },
});

test('a project in which all is well, and nothing is changed by looking', () =>
  withDatabaseProject(
    { 'migrations/1-a.js': tableMigration('a'), '.env': 'SHOP=x\n', 'seeders/.keep': '' },
    async (project) => {
      const before = await project.state();
      const first = await examine(project);
      expect(first).toEqual({
        code: 0,
        found: matching(
          /^ok versions: Node \d.*, keel \d.*, Sequelize 6.*, pg 8/,
          /^ok \.env: sets SHOP/,
          /^ok config: config\/config\.json, environment "development"; database postgres:\/\/.*:\*\*\*@.*, from the variable DATABASE_URL/,
          /^ok settings: strict off, lint not set, lockTimeout 3 s by default, lockWait 600 s, statementTimeout none/,
          /^ok server: PostgreSQL \d+/,
          /^ok environment: the database is not marked/,
          /^ok role: .*superuser/,
          /^ok clock: 0\.\d s/,
          /^ok migrations: no table "SequelizeMeta" yet.*0 recorded, 1 pending\n.*keel db:migrate/,
        ),
      });
      expect(await project.state()).toEqual(before);

      await project.keel(['db:migrate']);
      const { database } = project;
      await withClient(database.connection, (client) =>
        client.query(`UPDATE keel.environment SET name = 'production'`),
      );
      const careful = { lint: 'error', lockTimeout: '5s', lockWait: '1m', strict: true };
      const environment = { use_env_variable: 'DATABASE_URL', dialect: 'postgres', keel: careful };
      project.write({ 'config/config.json': { development: environment } });
      const marked = await examine(project);
      expect(marked).toEqual({
        code: 0,
        found: matching(
          /^ok settings: strict on, lint error, lockTimeout 5 s, lockWait 60 s/,
          /^warning environment: the database is marked production since .*, and this config calls it development\n.*--set development/,
        ),
      });
      await project.keel(['db:environment', '--set', 'development']);
      expect((await examine(project)).found).toEqual(
        matching(/^ok migrations: table "SequelizeMeta", written last by keel \(1-a\.js\); 1 rec/),
      );
      const { stdout } = await project.keel(['doctor']);
      expect(stdout).toMatch(/^ok +versions +Node/);
      expect(stdout).toMatch(/\n\nAll is well\.\n$/);
    },
  ));

test('what is missing is said with the next step, and the rest is looked at all the same', async () => {
  await withProject({}, async ({ run, write }) => {
    const doctor = async (): Promise<ProgramResult> => run('keel', ['doctor', '--json']);
    const none = await doctor();
    expect([none.code, readFindings(none)]).toEqual([
      1,
      matching(
        /^fault config: Cannot find .* DATABASE_URL is not set\n.*keel init/,
        /^ok versions/,
      ),
    ]);
    write({ '.sequelizerc': 'throw new Error("no luck")' });
    expect(readFindings(await doctor())).toEqual(matching(/^fault \.sequelizerc: .*no luck/));
    write({ '.sequelizerc': '{}', ...withConfig('postgres://me:h1dden@127.0.0.1:1/d') });
    write({ 'models/user.js': 'module.exports = (s, D) => s.define("user", { a: D.INTEGER });' });
    const away = await doctor();
    expect([away.code, readFindings(away)]).toEqual([
      1,
      matching(
        /^fault server: No PostgreSQL server answers at 127\.0\.0\.1:1\n.*config\/config\.json/,
        /^ok models: 1 model, all can be loaded/,
      ),
    ]);
    expect(away.stdout).not.toContain('h1dden');
  });
});

test('a wrong password, and a database that is not there', () =>
  withDatabaseProject({}, async (project) => {
    const url = new URL(project.database.url);
    url.password = 'wr0ng';
    const wrong = await examine(project, [], { DATABASE_URL: url.href });
    expect(wrong).toEqual({
      code: 1,
      found: matching(/^fault server: .*refused the login.*\n.*the variable DATABASE_URL/),
    });
    const missing = project.database.url.replace(/\/[^/]*$/, '/keel_not_there');
    const { code, found } = await examine(project, ['--env', 'development'], {
      DATABASE_URL: missing,
    });
    expect([code, found]).toEqual([
      1,
      matching(
        /^fault server: The database "keel_not_there" does not exist.*\n.*keel db:create --env development$/,
        /^ok role: \w+ may make databases/,
      ),
    ]);
  }));

test('a TypeScript file that cannot be loaded, and models that cannot be', () =>
  withDatabaseProject(
    {
      'migrations/1-a.ts': `import { no } from './nowhere';\nexport const up = async () => no;`,
      'models/bad.js': 'module.exports = (s, D) => s.define("bad", { a: { type: D.NOPE } });',
      'models/good.js': `module.exports = (s, D) => s.define("good",
        { a: { type: D.INTEGER, references: { model: 'nowhere', key: 'id' } } });`,
    },
    async (project) => {
      expect(await examine(project)).toEqual({
        code: 1,
        found: matching(/^fault typescript: .*nowhere/, /^fault models: .*bad\.js/),
      });
      project.remove('models/bad.js');
      project.write({
        'migrations/1-a.ts': 'export const up: unknown = async () => 1;',
        'models/phone.js': `module.exports = (phone) => phone.replace(/[^0-9]/g, '');`,
      });
      expect(await examine(project)).toEqual({
        code: 1,
        found: matching(
          /^ok typescript: loaded by /,
          /^fault models: good refers to .* nowhere/,
          /^warning models: Some code beside the models .*phone\.js exports no model/s,
        ),
      });
    },
  ));

test('a folder that is not there, and records without a file; who wrote the last', () =>
  withDatabaseProject(
    { 'migrations/1-a.js': tableMigration('a'), 'migrations/2-b.js': tableMigration('b') },
    async (project) => {
      await withProject({}, async ({ write, run, root }) => {
        write({
          ...withConfig(project.database.url),
          'migrations/1-a.js': tableMigration('a'),
          'migrations/2-b.js': tableMigration('b'),
        });
        const done = await run('sequelize-cli', ['db:migrate']);
        expect({ code: done.code, root }).toMatchObject({ code: 0 });
      });
      project.remove('migrations/2-b.js');
      project.write({
        '.sequelizerc': `module.exports = { 'seeders-path': 'nowhere', 'models-path': 'nothing' };`,
      });
      expect(await examine(project)).toEqual({
        code: 1,
        found: matching(
          /^warning folders: seeders: nowhere is not there, and \.sequelizerc names it/,
          /^fault folders: models: nothing is not there, and \.sequelizerc names it/,
          /^ok migrations: .*by another tool, such as sequelize-cli \(2-b\.js\); 2 recorded/,
          /^warning migrations: Applied, but not in the folder any more: 2-b\.js/,
        ),
      });
      project.remove('migrations');
      expect((await examine(project)).found).toEqual(
        matching(/^warning migrations: Applied, but.*: 1-a\.js.*2-b\.js/, /^warning folders: migr/),
      );
    },
  ));

test('a role without rights, and tables of others', () =>
  withDatabaseProject({ 'seeders/.keep': '' }, async (project) => {
    const role = `keel_poor_${process.pid}`;
    const asOwner = (sql: string): Promise<unknown> =>
      withClient(project.database.connection, (client) => client.query(sql));
    await asOwner(`CREATE ROLE ${role} LOGIN PASSWORD 'poor'; CREATE TABLE theirs (id integer);
      CREATE TABLE "SequelizeMeta" (name text); REVOKE CREATE ON SCHEMA public FROM PUBLIC`);
    try {
      const url = new URL(project.database.url);
      url.username = role;
      url.password = 'poor';
      expect(await examine(project, [], { DATABASE_URL: url.href })).toEqual({
        code: 1,
        found: matching(
          /^fault role: keel_poor_\d+ may not make tables in the schema public\n.*GRANT CREATE ON/,
          /^warning role: 2 tables of the schema public belong to other roles.*SequelizeMeta, theirs/,
          /^fault migrations: this role may not read "SequelizeMeta"/,
        ),
      });
      await asOwner(`ALTER ROLE ${role} SET search_path = nowhere`);
      expect((await examine(project, [], { DATABASE_URL: url.href })).found).toEqual(
        matching(/^fault role: .*search path leads to no schema/),
      );
    } finally {
      await asOwner(`DROP ROLE ${role}`);
    }
  }));

test('a pooler in between', async () => {
  const program = findPgBouncer();
  if (program === undefined) return;
  await withPgBouncer(program, (port) =>
    withDatabaseProject({}, async (project) => {
      const url = project.database.url.replace(/@[^/]+/, `@127.0.0.1:${port}`);
      expect((await examine(project, [], { DATABASE_URL: url })).found).toEqual(
        matching(/^warning pooler: PgBouncer stands between, in transaction mode/),
      );
    }),
  );
});

test('a standby, read-only sessions and a clock that is wrong', async () => {
  const facts: ServerFacts = {
    version: '18.4',
    database: 'd',
    tls: true,
    standby: false,
    readOnly: false,
    role: 'me',
    superuser: false,
    createDatabases: true,
    createSchemas: true,
    schema: 'public',
    schemaExists: true,
    createTables: true,
    foreignTables: [],
    pooled: false,
    aheadMs: 4,
    answerMs: 10,
  };
  const project = {
    connection: { host: 'h', port: 1, database: 'd' },
    paths: { root: REPOSITORY },
  } as Project;
  const said = async (change: Partial<ServerFacts>): Promise<string[]> =>
    (await judgeServer({ ...facts, ...change }, project)).map(
      ({ status, topic, text }) => `${status} ${topic}: ${text}`,
    );
  expect(await said({})).toEqual([
    'ok server: PostgreSQL 18.4 at h:1, with TLS',
    'ok role: me: CREATE on schema public, CREATE on the database, CREATEDB',
    'ok clock: 0.0 s between this machine and the server',
  ]);
  expect(await said({ standby: true, readOnly: true })).toEqual(
    matching(/^fault server: .*standby/),
  );
  expect(await said({ readOnly: true })).toEqual(matching(/^fault server: .*read-only/));
  expect(await said({ aheadMs: -9000 })).toEqual(matching(/^warning clock: 9\.0 s .* behind/));
  // A slow answer tells no more than its length.
  expect(await said({ aheadMs: 9000, answerMs: 8000 })).toEqual(matching(/^ok clock: 1\.0 s/));
});

test('the project of this repository', async () => {
  const cwd = REPOSITORY;
  const home = path.join('node_modules', '.cache', `keel-doctor-${process.pid}`);
  const idle = await runKeel(['doctor', '--json'], { cwd, env: { KEEL_HOME: home } });
  expect(idle.code).toBe(0);
  expect(readFindings(idle)).toEqual(
    matching(/^ok embedded: PostgreSQL \d.*no data yet; it does not run/, /^ok models: 6 models/),
  );
  await withDatabase(async (database: TestDatabase) => {
    const env = { DATABASE_URL: database.url };
    expect((await runKeel(['db:migrate'], { cwd, env })).code).toBe(0);
    const { code, stdout } = await runKeel(['doctor'], { cwd, env });
    expect([code, stdout]).toEqual([0, expect.stringMatching(/All is well\.\n$/)]);
  });
});
