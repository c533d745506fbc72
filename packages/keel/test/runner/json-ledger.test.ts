import { linkSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createKeel } from '../../src/index';
import { migration, tableMigration, withDatabaseProject } from '../support/project';

const CONFIG = {
  development: {
    use_env_variable: 'DATABASE_URL',
    dialect: 'postgres',
    migrationStorage: 'json',
    migrationStoragePath: 'not/there/yet.json',
  },
};

/** While it runs, something puts a folder where the ledger is to be written. */
const breaks = migration(
  `await q.createTable('late', { id: S.INTEGER });
   const { mkdirSync, rmSync } = require('node:fs');
   rmSync(process.env.KEEL_TEST_LEDGER, { recursive: true, force: true });
   mkdirSync(process.env.KEEL_TEST_LEDGER);`,
  `await q.dropTable('late');`,
);

test('a ledger in a file is whole whenever it is read, and its failures are told with what is so', () => {
  const files = {
    'config/config.json': CONFIG,
    'migrations/1-a.js': tableMigration('a'),
    'migrations/2-b.js': tableMigration('b'),
    'migrations/3-late.js': breaks,
  };
  return withDatabaseProject(files, async ({ root, database }) => {
    const ledger = path.join(root, 'not/there/yet.json');
    process.env.KEEL_TEST_LEDGER = ledger;
    process.env.DATABASE_URL = database.url;
    const keel = await createKeel({ cwd: root, env: 'development' });
    const names = (): unknown => JSON.parse(readFileSync(ledger, 'utf8'));

    // Its folder is made.
    expect(await keel.migrate({ step: 1 })).toMatchObject({ pending: 2 });
    // The old text is never cut off: whoever has it open sees all of it. A link stays one.
    const old = path.join(root, 'old.json');
    const moved = path.join(root, 'moved.json');
    linkSync(ledger, old);
    writeFileSync(moved, readFileSync(ledger));
    await keel.migrate({ step: 1 });
    expect(JSON.parse(readFileSync(old, 'utf8'))).toEqual(['1-a.js']);
    expect(names()).toEqual(['1-a.js', '2-b.js']);
    rmSync(ledger);
    symlinkSync(moved, ledger);
    expect(await keel.undo()).toMatchObject({ files: [{ name: '1-a.js' }] });
    expect(JSON.parse(readFileSync(moved, 'utf8'))).toEqual([]);
    writeFileSync(moved, JSON.stringify(['2-b.js']));

    // It cannot be written once the file is committed.
    for (const atomic of [false, true]) {
      await expect(keel.migrate({ names: ['3-late'] }, { atomic })).rejects.toMatchObject({
        code: 'FILE_NOT_WRITTEN',
        state: '3-late.js came to a good end and is committed; the ledger does not say so.',
        hint: expect.stringMatching(/: keel db:migrate --fake --name 3-late\.js$/) as string,
      });
      // Or before anything is done.
      await expect(keel.migrate()).rejects.toMatchObject({ state: 'Nothing was changed.' });
      rmSync(ledger, { recursive: true });
      writeFileSync(ledger, JSON.stringify(['2-b.js', '3-late.js']));
      await keel.undo({ names: ['3-late'] });
    }

    for (const text of ['', '{}', '[1]', '["1-a.js"']) {
      writeFileSync(ledger, text);
      await expect(keel.status()).rejects.toMatchObject({ code: 'LEDGER_UNREADABLE' });
    }
    rmSync(ledger);
    mkdirSync(ledger);
    await expect(keel.status()).rejects.toMatchObject({ code: 'LEDGER_UNREADABLE' });
  });
});
