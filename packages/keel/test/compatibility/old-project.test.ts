import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Connection } from '../../src/db/connection';
import { listObjects } from '../support/catalog';
import { cleanEnvironment, runKeel } from '../support/cli';
import { createDatabase, type TestDatabase, withClient } from '../support/database';

const PROJECT = path.join(__dirname, '..', 'fixtures', 'old-project');
const SEQUELIZE_CLI = require.resolve('sequelize-cli/lib/sequelize');

/** Everything that the migrations leave behind, besides keel's own. */
async function everything(connection: Connection): Promise<unknown> {
  return withClient(connection, async (client) => {
    const data = await client.query('SELECT n, x, ownpg FROM a ORDER BY n');
    const counted = await client.query('SELECT * FROM c');
    const ledger = await client.query('SELECT * FROM "SequelizeMeta" ORDER BY name');
    return {
      // Columns that are added in parallel come in any order under sequelize-cli.
      objects: (await listObjects(client))
        .map((line) => line.replace(/^(column \S+) #\d+/, '$1'))
        .sort(),
      data: data.rows,
      c: counted.rows,
      ledger: ledger.rows,
    };
  });
}

describe('a project of old migrations', () => {
  let ours: TestDatabase;
  let empty: string[];
  let theirs: TestDatabase;

  beforeAll(async () => {
    [ours, theirs] = [await createDatabase(), await createDatabase()];
    empty = await withClient(ours.connection, listObjects);
  });

  afterAll(async () => {
    await ours.drop();
    await theirs.drop();
  });

  const keel = (...args: string[]) =>
    runKeel(args, { cwd: PROJECT, env: { DATABASE_URL: ours.url } });

  test('builds what sequelize-cli builds, each file in the strongest form that it bears', async () => {
    const run = await keel('db:migrate', '--json');
    expect(run.stderr).toBe('');
    const { files } = JSON.parse(run.stdout) as { files: { name: string; mode: string }[] };
    const weaker = files
      .filter(({ mode }) => mode !== 'transaction')
      .map(({ name, mode }) => `${name.slice(12)} ${mode}`);
    expect(weaker).toEqual([
      '07-concurrently.js none',
      '09-enum-add.js none',
      '10-catch.js savepoints',
      '13-own-pg.js none',
      '17-overlap.js none',
      '22-pending-trigger.js none',
    ]);

    await promisify(execFile)(process.execPath, [SEQUELIZE_CLI, 'db:migrate'], {
      cwd: PROJECT,
      env: { ...cleanEnvironment(), DATABASE_URL: theirs.url },
    });
    expect(await everything(ours.connection)).toEqual(await everything(theirs.connection));
  });

  test('is undone to nothing', async () => {
    const run = await keel('db:migrate:undo:all');
    expect(run.code).toBe(0);
    expect(await withClient(ours.connection, listObjects)).toEqual(empty);
  });

  test('carries what sequelize-cli does not: callbacks, a dump that clears the search_path, files that edit the ledger or close the connection', async () => {
    const more = ['--migrations-path', 'more-migrations'];
    const run = await keel('db:migrate', ...more, '--json');
    expect(run.code).toBe(0);
    const { files, pending } = JSON.parse(run.stdout) as {
      files: { name: string }[];
      pending: number;
    };
    expect(files.map(({ name }) => name.slice(12))).toEqual([
      '01-plain.js',
      '15-callback.js',
      '18-pgdump.js',
      '19-meta.js',
      '21-notouch.js',
      '23-close.js',
    ]);
    expect(pending).toBe(0);
    expect((await keel('db:migrate:undo:all', ...more)).code).toBe(0);
    expect(await withClient(ours.connection, listObjects)).toEqual(empty);
  });
});
