import { createKeel } from '../../src';
import { withClient } from '../support/database';
import {
  migration,
  tableMigration,
  withDatabaseProject,
  type DatabaseProject,
} from '../support/project';
import { runOnTerminal } from '../support/terminal';

const address = {
  use_env_variable: 'DATABASE_URL',
  dialect: 'postgres',
  seederStorage: 'sequelize',
};
const FILES = {
  'config/config.json': { development: address, staging: address, production: address },
  'migrations/1-a.js': tableMigration('a'),
  'migrations/2-b.js': tableMigration('b'),
  'seeders/1-s.js': migration(''),
  'models/a.js': `module.exports = (s, t) => s.define('A', { id: { type: t.INTEGER, primaryKey: true } }, { tableName: 'a', timestamps: false });\n`,
};

const DESTRUCTIVE = [
  ['db:drop'],
  ['db:reset'],
  ['db:migrate:undo:all'],
  ['db:seed:undo:all'],
  ['db:seed:bulk', '--rows', 'A=1'],
  ['db:seed:bulk:undo'],
  ['db:seed:all', '--rows', '5'],
] as const;

const sql = ({ database }: DatabaseProject, text: string): Promise<unknown[]> =>
  withClient(database.connection, async (client) => {
    const results = [await client.query<unknown[]>({ text, rowMode: 'array' })].flat();
    return results.flatMap(({ rows }) => rows.map(([first]) => first));
  });

/** Where two are applied: what leaves none of them, without the word "all". */
const UNDOES_BOTH = [
  ['db:migrate:undo:all', '--to', '1-a.js'],
  ['db:migrate:undo', '--step', '2'],
  ['db:migrate:redo', '--step', '2'],
] as const;

/** A program is refused what the command line is refused, and is not marked by it. */
async function expectProgramGuarded({ root, database, state }: DatabaseProject): Promise<void> {
  const before = await state();
  const program = await createKeel({ cwd: root, url: database.url });
  const both = ['2-b', '1-a'];
  for (const request of [{ all: true }, { to: '0' }, { to: '1-a' }, { step: 2 }, { names: both }]) {
    const undone: unknown = await program.undo(request).catch((error: unknown) => error);
    expect(undone).toMatchObject({
      code: 'PRODUCTION',
      message: 'The migrations are not all undone in production without the option force: true.',
      details: [expect.stringContaining('undo() is meant for the database')],
    });
  }
  const seeds: unknown = await program.undoSeeds({ all: true }).catch((error: unknown) => error);
  expect(seeds).toMatchObject({ code: 'PRODUCTION' });
  expect(await state()).toEqual(before);
  expect(await program.undo({ step: 1 })).toMatchObject({ files: [{ name: '2-b.js' }] });
  // The last file, where it is the only one, may be undone by its name or without.
  expect(await program.undo()).toMatchObject({ files: [{ name: '1-a.js' }] });
  await program.migrate();
  expect(await program.undo({ all: true }, { force: true })).toMatchObject({ pending: 2 });
  await program.migrate();
}

async function expectGuarded(
  project: DatabaseProject,
  how: readonly string[],
  commands: readonly (readonly string[])[] = DESTRUCTIVE,
): Promise<void> {
  const { keel, state, database } = project;
  const before = await state();
  for (const command of commands) {
    const { code, stdout } = await keel([...command, ...how, '--json']);
    expect({ command, code }).toEqual({ command, code: 1 });
    const { error } = JSON.parse(stdout) as { error: Record<string, string> };
    expect(error).toMatchObject({ code: 'PRODUCTION', state: 'Nothing was changed.' });
    const details = [error.details].flat().join('\n');
    expect(details).toContain(
      `keel ${command[0]} is meant for the database "${database.connection.database}"`,
    );
    expect(details).toContain('It is marked production since');
    expect(error.hint).toContain('keel db:environment');
  }
  expect(await state()).toEqual(before);
}

test('a database that was migrated as production is guarded, however it is reached', () =>
  withDatabaseProject(FILES, async (project) => {
    const { keel, database, write } = project;
    const { database: name } = database.connection;
    // The first run marks it, and a later one makes production of it; nothing but production is guarded.
    await keel(['db:migrate', '--step', '1']);
    expect((await keel(['db:environment'])).stdout).toContain(
      `The database "${name}" is marked development since`,
    );
    expect(await keel(['db:migrate:undo:all'])).toMatchObject({ code: 0 });
    const applied = await keel(['db:migrate', '--step', '1', '--env', 'production']);
    expect(applied).toMatchObject({ code: 0, stderr: '' });
    await expectGuarded(project, []);
    await expectGuarded(project, ['--env', 'staging']);
    await expectGuarded(project, ['--url', database.url]);

    // Another name neither takes the mark away nor stops a deploy.
    const other = await keel(['db:migrate', '--env', 'staging']);
    expect(other.code).toBe(0);
    expect(other.stderr).toMatch(
      /WARNING: The database "\w+" is marked production since \S+, and this run calls it staging\. .*db:environment --set staging/,
    );
    expect(await sql(project, 'SELECT name FROM keel.environment')).toEqual(['production']);
    await expectGuarded(project, [], UNDOES_BOTH);
    await expectProgramGuarded(project);
    for (const dry of ['--dry-run', '--fake'])
      expect(await keel(['db:seed:undo:all', dry])).toMatchObject({ code: 0 });

    const env = { DATABASE_URL: database.url };
    const onTerminal = (answer: string) =>
      runOnTerminal(['db:migrate:undo:all'], [['Type its name', answer]], {
        cwd: project.root,
        env,
      });
    const refused = await onTerminal('production\r');
    expect(refused).toMatchObject({ code: 1 });
    expect(refused.screen.replaceAll(/\s+/g, ' ')).toContain(
      `keel db:migrate:undo:all is meant for`,
    );
    expect(await onTerminal(`${name}\r`)).toMatchObject({ code: 0 });

    // A copy of production has its mark, and says whose it is until it is marked anew.
    await sql(project, `UPDATE keel.environment SET database = 'shop'`);
    const copy = await keel(['db:reset']);
    expect(copy.stderr).toContain('under the name "shop", so this may be a copy.');
    const set = await keel(['db:environment', '--set', 'staging', '--json']);
    expect(JSON.parse(set.stdout)).toMatchObject({
      ...{ database: name, environment: 'staging', markedAs: name },
    });
    expect(await keel(['db:reset'])).toMatchObject({ code: 0 });

    // What the config says of production holds without a mark.
    await sql(project, 'DROP TABLE keel.environment');
    expect((await keel(['db:environment'])).stdout).toContain('is not marked.');
    expect((await keel(['db:drop', '--env', 'production'])).stderr).toContain(
      'The environment is production.',
    );
    write({ 'migrations/3-c.js': tableMigration('c') });
    expect(await keel(['db:migrate', '--url', database.url])).toMatchObject({ code: 0 });
    expect(await sql(project, 'SELECT name FROM keel.environment')).toEqual(['production']);
    expect(await keel(['db:drop', '--force'])).toMatchObject({ code: 0 });
    expect(await keel(['db:drop'])).toMatchObject({ code: 0 });
  }));

test('a URL of which nobody says what it is gets no mark, and a poor role marks beside the ledger', () =>
  withDatabaseProject(FILES, async (project) => {
    const { keel, database } = project;
    project.remove('config/config.json');
    expect(await keel(['db:migrate', '--step', '1'])).toMatchObject({ code: 0 });
    expect((await keel(['db:environment'])).stdout).toContain('is not marked.');

    const role = `keel_mark_${process.pid}`;
    const url = new URL(database.url);
    [url.username, url.password] = [role, 'secret'];
    await sql(
      project,
      `CREATE ROLE ${role} LOGIN PASSWORD 'secret'; DROP SCHEMA keel CASCADE; GRANT ALL ON SCHEMA public TO ${role};
       GRANT ALL ON ALL TABLES IN SCHEMA public TO ${role}`,
    );
    try {
      const env = { DATABASE_URL: url.href, NODE_ENV: 'production' };
      expect(await keel(['db:migrate'], env)).toMatchObject({ code: 0, stderr: '' });
      expect(await sql(project, 'SELECT name FROM public.keel_environment')).toEqual([
        'production',
      ]);
      // By a role that may make keel's schema: there the mark is written too, and the other one changed.
      const refused = await keel(['db:migrate:undo:all']);
      expect(refused.stderr).toContain('It is marked production since');
      expect(await keel(['db:environment', '--set', 'test'])).toMatchObject({ code: 0 });
      expect(await keel(['db:migrate:undo:all'])).toMatchObject({ code: 0 });
    } finally {
      await sql(project, `DROP OWNED BY ${role} CASCADE`);
      await sql(project, `DROP ROLE ${role}`);
    }
  }));
