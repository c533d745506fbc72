import {
  linesOf,
  queryDatabase,
  readLedger,
  requireSuccess,
  withDatabases,
  withProject,
  type ProjectFiles,
} from '../support/projects';

// Each case runs several programs, one after the other.
jest.setTimeout(240_000);

const CONFIG = { 'config/config.json': { development: { use_env_variable: 'TEST_URL' } } };

/** A migration that makes a table, in each of the forms in which a file can be written. */
const commonJs = (table: string): string => `
  module.exports = {
    up: (queryInterface, Sequelize) => queryInterface.createTable('${table}', { id: Sequelize.INTEGER }),
    down: (queryInterface) => queryInterface.dropTable('${table}'),
  };`;
const esModule = (table: string): string => `
  export const up = (queryInterface, { DataTypes }) =>
    queryInterface.createTable('${table}', { id: DataTypes.INTEGER });
  export default { down: (queryInterface) => queryInterface.dropTable('${table}') };`;
const typeScript = (table: string): string => `
  import { DataTypes, type QueryInterface } from 'sequelize';
  export async function up(queryInterface: QueryInterface): Promise<void> {
    await queryInterface.createTable('${table}', { id: DataTypes.INTEGER });
  }
  export const down = (queryInterface: QueryInterface) => queryInterface.dropTable('${table}');`;

/** Runs keel and gives what it printed. */
async function runAll(
  files: ProjectFiles,
  steps: readonly (readonly ['keel' | 'sequelize-cli', ...(readonly string[])])[],
  inspect: (
    outputs: readonly string[][],
    database: { readonly url: string },
  ) => Promise<void> | void,
): Promise<void> {
  await withProject({ ...CONFIG, ...files }, (project) =>
    withDatabases(1, async (database) => {
      const outputs: string[][] = [];
      for (const [tool, ...args] of steps) {
        const result = await project.run(tool, args, { env: { TEST_URL: database.url } });
        requireSuccess(`${tool} ${args.join(' ')}`, result);
        outputs.push(linesOf(result));
      }
      await inspect(outputs, database);
    }),
  );
}

test('runs .js, .cjs, .mjs and .ts files in one folder, in the order of their names', async () => {
  await runAll(
    {
      'migrations/1-a.js': commonJs('a'),
      'migrations/2-b.cjs': commonJs('b'),
      'migrations/3-c.mjs': esModule('c'),
      'migrations/4-d.ts': typeScript('d'),
      'migrations/5-e.cts': typeScript('e'),
      'migrations/4-d.d.ts': 'export {};',
      'migrations/README.md': 'not a migration',
      'migrations/helpers/text.js': 'throw new Error("not a migration");',
    },
    [
      ['keel', 'db:migrate'],
      ['keel', 'db:migrate:undo:all', '--to', '3-c'],
    ],
    async (_, database) => {
      expect(await readLedger(database)).toEqual(['1-a.js', '2-b.cjs']);
    },
  );
});

test('runs ES modules in a package of type module, as sequelize-cli does', async () => {
  await runAll(
    {
      'package.json': { type: 'module' },
      'migrations/1-a.js': esModule('a'),
      'migrations/2-b.cjs': commonJs('b'),
    },
    [
      ['keel', 'db:migrate'],
      ['sequelize-cli', 'db:migrate:undo:all'],
      ['sequelize-cli', 'db:migrate'],
      ['keel', 'db:migrate:undo'],
    ],
    async (_, database) => {
      expect(await readLedger(database)).toEqual(['1-a.js']);
    },
  );
});

test('takes x.js for the x.ts in the record, and undoes it under the name that is recorded', async () => {
  await runAll(
    { 'migrations/1-a.js': commonJs('a'), 'migrations/2-b.ts': typeScript('b') },
    [['keel', 'db:migrate']],
    async (_, database) => {
      await queryDatabase(
        database,
        `UPDATE "SequelizeMeta" SET name = CASE name WHEN '1-a.js' THEN '1-a.ts' ELSE '2-b.js' END`,
      );
      await withProject(
        { ...CONFIG, 'migrations/1-a.js': commonJs('a'), 'migrations/2-b.ts': typeScript('b') },
        async (project) => {
          const settings = { env: { TEST_URL: database.url } };
          const again = await project.run('keel', ['db:migrate'], settings);
          expect(again.stdout).toContain('already up to date');
          requireSuccess('undo', await project.run('keel', ['db:migrate:undo'], settings));
        },
      );
      expect(await readLedger(database)).toEqual(['1-a.ts']);
    },
  );
});

test('carries odd names: a space before the extension, a bare number, other alphabets', async () => {
  const names = ['1.js', '10.js', '2 .js', '20200101-add users .js', "3-o'clock.js", '4-größe.js'];
  const files = Object.fromEntries(
    names.map((name, index) => [`migrations/${name}`, commonJs(`t${index}`)]),
  );
  await runAll(
    files,
    [
      ['keel', 'db:migrate', '--to', '20200101-add users .js'],
      ['sequelize-cli', 'db:migrate'],
      ['sequelize-cli', 'db:migrate:undo', '--name', '4-größe.js'],
      ['keel', 'db:migrate:undo', '--name', "3-o'clock.js"],
      ['sequelize-cli', 'db:migrate:status'],
      ['keel', 'db:migrate:status'],
    ],
    (outputs) => {
      const [theirs, ours] = outputs.slice(-2);
      expect(ours).toEqual(theirs);
      expect(ours?.slice(-names.length)).toEqual(
        [...names].sort().map((name, index) => `${index < 4 ? 'up' : 'down'} ${name}`),
      );
    },
  );
});

test('leaves TypeScript helpers beside JavaScript migrations alone', async () => {
  await runAll(
    { 'migrations/1-a.js': commonJs('a'), 'migrations/helpers.ts': 'export const x: number = 1;' },
    [
      ['keel', 'db:migrate'],
      ['keel', 'db:migrate:status'],
    ],
    ([, status]) => {
      expect(status?.filter((line) => /^(up|down) /.test(line))).toEqual(['up 1-a.js']);
    },
  );
});

test('keeps a json record where sequelize-cli keeps it, and as it writes it', async () => {
  const storage = {
    migrationStorage: 'json',
    seederStorage: 'json',
    seederStoragePath: 'seeds.json',
  };
  await runAll(
    {
      'config/config.json': { development: { use_env_variable: 'TEST_URL', ...storage } },
      'migrations/1-a.js': commonJs('a'),
      'migrations/2-b.js': commonJs('b'),
      'seeders/1-s.js': `
        const fs = require('fs');
        const note = (text) => () => { fs.appendFileSync('ran.txt', text); return Promise.resolve(); };
        module.exports = { up: note('up'), down: note('down') };`,
    },
    [
      ['keel', 'db:migrate', '--to', '1-a.js'],
      ['sequelize-cli', 'db:migrate'],
      ['keel', 'db:migrate:undo'],
      ['keel', 'db:seed:all'],
      ['sequelize-cli', 'db:seed:all'],
      ['sequelize-cli', 'db:migrate:status'],
      ['sequelize-cli', 'db:seed:undo:all'],
    ],
    async (outputs, database) => {
      expect(outputs[4]).toContain('No seeders found.');
      expect(outputs[5]?.slice(-2)).toEqual(['up 1-a.js', 'down 2-b.js']);
      expect(await readLedger(database)).toEqual([]);
    },
  );
});

test('adds timestamps to a record that sequelize-cli made, and both go on', async () => {
  const database = { use_env_variable: 'TEST_URL' };
  await runAll(
    {
      'config/config.json': {
        development: database,
        // sequelize-cli fills the columns only where the config says that they are there.
        timed: { ...database, migrationTimestamps: true },
      },
      'migrations/1-a.js': commonJs('a'),
      'migrations/2-b.js': commonJs('b'),
      'migrations/3-c.js': commonJs('c'),
    },
    [
      ['sequelize-cli', 'db:migrate', '--to', '1-a.js'],
      ['keel', 'db:migrate:schema:timestamps:add'],
      ['keel', 'db:migrate:schema:timestamps:add'],
      ['sequelize-cli', 'db:migrate:schema:timestamps:add'],
      ['keel', 'db:migrate', '--to', '2-b.js'],
      ['sequelize-cli', 'db:migrate', '--env', 'timed'],
      ['keel', 'db:migrate:undo'],
    ],
    async (outputs, made) => {
      expect(outputs[1]).toContain('Successfully added timestamps to MetaTable.');
      expect(outputs[2]?.at(-1)).toBe('MetaTable already has timestamps.');
      expect(outputs[3]?.at(-1)).toBe('MetaTable already has timestamps.');
      expect(await readLedger(made)).toEqual(['1-a.js', '2-b.js']);
      const backup = await queryDatabase(made, 'SELECT * FROM "SequelizeMetaBackup"');
      expect(backup).toEqual([{ name: '1-a.js' }]);
      const filled = `SELECT count(*)::int FROM "SequelizeMeta" WHERE "createdAt" <= now() AND "updatedAt" <= now()`;
      expect(await queryDatabase(made, filled)).toEqual([{ count: 2 }]);
    },
  );
});
