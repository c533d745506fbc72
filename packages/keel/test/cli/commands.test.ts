import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { listObjects } from '../support/catalog';
import { runKeel } from '../support/cli';
import { withDatabase } from '../support/database';
import { REPOSITORY } from '../support/paths';
import { migration, runScript, tableMigration, withDatabaseProject } from '../support/project';
import type { DatabaseProject } from '../support/project';

const FILES = {
  'migrations/20250101000001-a.js': tableMigration('a'),
  'migrations/20250101000002-b.js': migration(
    "console.log('said by the migration'); await q.createTable('b', { id: S.INTEGER });",
    "process.stdout.write('said by the migration'); await q.dropTable('b');",
  ),
  'migrations/20250101000003-c.js': tableMigration('c'),
  'seeders/20250101000001-one.js': migration(
    "await q.bulkInsert('a', [{ id: 1 }]);",
    "await q.bulkDelete('a', { id: 1 });",
  ),
  'seeders/20250101000002-two.js': migration(
    "await q.bulkInsert('a', [{ id: 2 }]);",
    "await q.bulkDelete('a', { id: 2 });",
  ),
};

/** What commands print with `--json`, as far as the tests look at it. */
interface Document {
  readonly files: readonly { readonly name: string; readonly direction: string }[];
  readonly migrations: readonly { readonly name: string; readonly status: string }[];
}

/** Runs a command that succeeds and prints one JSON document, whatever the migrations print. */
async function runJson({ keel }: DatabaseProject, line: string): Promise<Document> {
  const { code, stdout } = await keel([...line.split(' '), '--json']);
  expect({ line, code }).toEqual({ line, code: 0 });
  return JSON.parse(stdout) as Document;
}

/** The letters of the migrations that a command ran, in their order. */
async function runFiles(project: DatabaseProject, line: string): Promise<string> {
  const { files } = await runJson(project, line);
  return files.map(({ name }) => name.replace(/^\d+-|\.js$/g, '')).join(' ');
}

test('migrations run, are listed and undone as the flags say', () =>
  withDatabaseProject(FILES, async (project) => {
    const status = async () => {
      const { migrations } = await runJson(project, 'db:migrate:status');
      return migrations.map(({ name, status: is }) => `${name.slice(15, 16)} ${is}`);
    };
    const none = await project.state();
    expect(await runFiles(project, 'db:migrate --to 20250101000002-b.js')).toBe('a b');
    expect(await status()).toEqual(['a applied', 'b applied', 'c pending']);
    expect(await runFiles(project, 'db:migrate:undo')).toBe('b');
    expect(await runFiles(project, 'db:migrate --name 20250101000003-c')).toBe('c');
    expect(await runFiles(project, 'db:migrate --step 1')).toBe('b');
    expect(await runFiles(project, 'db:migrate:undo --name 20250101000002-b')).toBe('b');
    expect(await runFiles(project, 'db:migrate')).toBe('b');
    expect(await runFiles(project, 'db:migrate:undo:all --to 20250101000002-b')).toBe('c b');
    expect(await runFiles(project, 'db:migrate')).toBe('b c');
    expect(await runFiles(project, 'db:migrate:undo --step 2')).toBe('c b');
    expect(await runFiles(project, 'db:migrate:undo:all')).toBe('a');
    expect(await runFiles(project, 'db:migrate:undo')).toBe('');
    expect(await project.state()).toEqual({ ...none, migrations: [] });
  }));

test('the last migration is undone and applied again', () =>
  withDatabaseProject(FILES, async ({ keel, state }) => {
    await keel(['db:migrate']);
    const before = await state();
    const { stdout } = await keel(['db:migrate:redo', '--json']);
    const last = { name: '20250101000003-c.js' };
    expect(JSON.parse(stdout)).toMatchObject({
      undone: { files: [{ ...last, direction: 'down' }] },
      redone: { files: [{ ...last, direction: 'up' }] },
    });
    expect(await state()).toEqual(before);
  }));

test('people see a line before and after each file, and a summary', () =>
  withDatabaseProject(FILES, async ({ database, keel }) => {
    const { stdout, stderr, code } = await keel(['db:migrate', '--env', 'development']);
    expect(stdout.replace(/\d+\.\d{3}s/g, '0s')).toBe(`\
Loaded configuration file "config/config.json".
Using environment "development".
== 20250101000001-a: migrating =======
== 20250101000001-a: migrated (0s)
== 20250101000002-b: migrating =======
said by the migration
== 20250101000002-b: migrated (0s)
== 20250101000003-c: migrating =======
== 20250101000003-c: migrated (0s)

3 migrations applied in 0s; 0 pending.
`);
    expect([stderr, code]).toEqual(['', 0]);

    const again = await keel(['db:migrate', '--url', database.url], { DATABASE_URL: '' });
    expect(again.stdout).toMatch(
      /:\*{5}@.*\n\nNo migrations were executed, database schema was already up to date\.\n$/,
    );
    const plain = await keel(['db:migrate:status'], { NO_COLOR: '1', FORCE_COLOR: '' });
    expect(plain.stdout).toContain('up 20250101000001-a.js\nup 20250101000002-b.js\n');
    const coloured = await keel(['db:migrate:status'], { FORCE_COLOR: '1' });
    expect(coloured.stdout).toContain('\u001b[32mup\u001b[39m 20250101000001-a.js\n');
  }));

test('--debug shows where an error comes from', () =>
  withDatabaseProject(FILES, async ({ keel, write }) => {
    write({ 'migrations/20250101000001-a.js': migration("throw new Error('here');") });
    const { stderr } = await keel(['db:migrate', '--debug']);
    expect(stderr).toMatch(/caused by: Error: here\n\s+at Object\.up .*20250101000001-a\.js/);
  }));

test('seeders run once, are listed and undone', () =>
  withDatabaseProject(FILES, async (project) => {
    await project.keel(['db:migrate']);
    expect(await runFiles(project, 'db:seed --seed 20250101000002-two.js')).toBe('two');
    expect(await runFiles(project, 'db:seed:all')).toBe('one');
    expect(await runFiles(project, 'db:seed:all')).toBe('');
    const { migrations } = await runJson(project, 'db:seed:status');
    expect(migrations.map(({ status }) => status)).toEqual(['applied', 'applied']);
    expect(await runFiles(project, 'db:seed:undo')).toBe('two');
    expect(await runFiles(project, 'db:seed:undo --seed 20250101000001-one')).toBe('one');
    expect(await runFiles(project, 'db:seed:all')).toBe('one two');
    expect(await runFiles(project, 'db:seed:undo:all')).toBe('two one');
    expect(await project.state()).toMatchObject({ seeders: [] });
  }));

test('a database is dropped, made, set up and reset', () =>
  withDatabaseProject(FILES, async ({ database, keel }) => {
    // The test's own connections are closed by now.
    const run = async (...args: string[]) => {
      const { code, stdout } = await keel([...args, '--json']);
      return { code, document: JSON.parse(stdout) as unknown };
    };
    const { database: name } = database.connection;
    expect(await run('db:drop')).toEqual({
      code: 0,
      document: { database: name, dropped: true, templates: 0 },
    });
    expect(await run('db:create')).toEqual({
      code: 0,
      document: { database: name, created: true },
    });
    expect(await run('db:create')).toMatchObject({
      code: 1,
      document: { error: { code: 'DATABASE_EXISTS', state: 'It is as it was.' } },
    });
    expect(await run('db:create', '--if-not-exists')).toEqual({
      code: 0,
      document: { database: name, created: false },
    });
    await run('db:drop');
    const all = {
      migrations: { files: [{}, {}, {}] },
      seeders: { files: [{}, {}] },
      url: expect.stringMatching(/^postgres:\/\/\w+:\*\*\*@/) as string,
    };
    expect(await run('db:setup')).toMatchObject({ code: 0, document: all });
    const client = new Client({ connectionString: database.url });
    await client.connect();
    await client.query('DELETE FROM a');
    expect(await run('db:reset')).toMatchObject({
      code: 1,
      document: { error: { code: 'DATABASE_NOT_DROPPED', state: 'It is as it was.' } },
    });
    client.on('error', () => undefined);
    expect(await run('db:reset', '--force')).toMatchObject({
      code: 0,
      document: {
        ...all,
        tables: expect.arrayContaining([
          expect.objectContaining({ table: 'a', rows: 2 }),
        ]) as object,
      },
    });
    await client.end().catch(() => undefined);
  }));

test('--help shows the flags and examples of every command', async () => {
  const { stdout } = await runKeel(['--help']);
  const commands = [...stdout.matchAll(/^ {2}([a-z]+(?::[a-z]+)+|init)\b/gm)].map(
    ([, name]) => name,
  );
  expect(commands.length).toBeGreaterThan(20);
  const helps = await Promise.all(commands.map((command) => runKeel([command ?? '', '--help'])));
  helps.forEach((help, at) => {
    expect(help).toMatchObject({ code: 0, stderr: '' });
    expect(help.stdout).toContain(`Usage: keel ${commands[at]}`);
    expect(help.stdout).toMatch(/--env <name>[^]*Examples:\n {2}\S/);
  });
}, 120_000);

test(
  'the npm scripts take flags after --',
  () =>
    withDatabase(async ({ url }) => {
      const script = async (...args: string[]) => {
        const { code, stdout } = await runScript(args, { DATABASE_URL: url });
        expect({ args, code }).toEqual({ args, code: 0 });
        return stdout;
      };
      const client = new Client({ connectionString: url });
      await client.connect();
      try {
        const before = await listObjects(client);
        const to = ['--', '--to', '20250101000003-create-posts', '--json'];
        const migrated = JSON.parse(await script('migrate', ...to)) as Document;
        expect(migrated.files).toHaveLength(3);
        expect((await script('migrate:status')).match(/^(up|down) /gm)).toEqual(
          expect.arrayContaining(['up ', 'down ']) as string[],
        );
        await script('keel', '--', 'db:migrate:undo:all', '--to', '20250101000001-create-users');
        expect(await listObjects(client)).toEqual(before);
        expect(await script('db:url', '--', '--show-password')).toBe(`${url}\n`);
      } finally {
        await client.end();
      }
    }),
  120_000,
);

test('every npm script names a command that exists', async () => {
  const { scripts } = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const { stdout } = await runKeel(['--help'], { cwd: REPOSITORY });
  const used = Object.values(scripts).flatMap((line) => /^keel (\S+)/.exec(line)?.[1] ?? []);
  expect(used.length).toBeGreaterThan(15);
  for (const command of used) expect(stdout).toMatch(new RegExp(`^ {2}${command}[ |]`, 'm'));
});
