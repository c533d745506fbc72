import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { withClient } from '../support/database';
import { model } from '../support/drifted-project';
import { migration, withDatabaseProject } from '../support/project';
import type { ProjectFiles } from '../support/projects';

/** So many that the models are worth a process of their own. */
function manyMigrations(): ProjectFiles {
  const names = Array.from({ length: 99 }, (_, i) => `migrations/2-${100 + i}.js`);
  return Object.fromEntries(names.map((name) => [name, migration('')]));
}

/** Says each time that it is loaded. */
function person(attributes: string): string {
  return `console.log('people are loaded');
    require('node:fs').appendFileSync('loaded.txt', process.pid + '\\n');
    ${model('Person', attributes, '', `tableName: 'people', timestamps: false`)}`;
}

test('models are built in a process of their own during a long replay, and here where that misleads', () =>
  withDatabaseProject(
    {
      ...manyMigrations(),
      '.sequelizerc': `console.log('settings are read'); module.exports = {};`,
      'migrations/1-people.js': migration(`
        await q.sequelize.query('CREATE DOMAIN short AS varchar(9)');
        await q.createTable('people', { id: { type: S.INTEGER, primaryKey: true, autoIncrement: true }, name: 'short' });`),
      'models/person.js': person(`{ name: 'short', extra: DataTypes.TEXT }`),
    },
    async ({ root, keel, start, write, remove, database }) => {
      const loads = path.join(root, 'loaded.txt');
      const check = async () => {
        writeFileSync(loads, '');
        const { code, stdout } = await keel(['db:check', '--no-cache']);
        const times = readFileSync(loads, 'utf8').trim().split('\n').length;
        return { code, times, said: stdout.split('people are loaded').length - 1, stdout };
      };
      expect((await keel(['db:migrate'])).code).toBe(0);

      const extra = /column extra \(text\) is in the models but not in the migrations/;
      const agreed = await check();
      expect(agreed).toMatchObject({ code: 2, times: 1, said: 1 });
      expect(agreed.stdout).toMatch(extra);
      // Both processes read it.
      expect(agreed.stdout.split('settings are read')).toHaveLength(2);
      expect((await keel(['db:check'])).stdout).toMatch(extra);

      // The live database lacks what the migrations build and the models use.
      await withClient(database.connection, (client) =>
        client.query('ALTER TABLE people ALTER name TYPE varchar(9); DROP DOMAIN short'),
      );
      const misled = await check();
      expect(misled).toMatchObject({ code: 2 + 4, times: 2, said: 1 });
      expect(misled.stdout).toMatch(extra);

      write({ 'models/wrong.js': model('Wrong', `{ name: 'no_such_type' }`) });
      const wrong = await check();
      expect(wrong).toMatchObject({ code: 1 + 2 + 4, times: 2, said: 1 });

      write({ 'models/wrong.js': `require('node:fs').writeFileSync('busy.txt', ''); for (;;) {}` });
      const { child, ended } = start(['db:check', '--no-cache']);
      while (!existsSync(path.join(root, 'busy.txt'))) await sleep(20);
      child.kill('SIGINT');
      expect(await ended).toMatchObject({ code: 130 });
      remove('models/wrong.js');

      write({ 'models/person.js': person(`{ name: 'short' }`) });
      write({ 'migrations/3-back.js': migration('') });
      const generated = await keel(['migration:generate', '--from-models', '--name', 'none']);
      expect(generated).toMatchObject({ code: 0 });
    },
  ));

test('many models are loaded in a process of their own, also where the migrations are not replayed', () => {
  const names = Array.from({ length: 200 }, (_, i) => `models/more/${i}.js`);
  const files: ProjectFiles = Object.fromEntries(names.map((name) => [name, '']));
  const noting = `require('node:fs').appendFileSync('loaded.txt', require.main.filename + '\\n');`;
  return withDatabaseProject(
    {
      ...files,
      'migrations/1-people.js': migration(`
        await q.createTable('places', { id: { type: S.INTEGER, primaryKey: true } });
        await q.createTable('people', { id: { type: S.INTEGER, primaryKey: true, autoIncrement: true } });`),
      'models/person.js': `${noting} ${person('{}')}`,
    },
    async ({ root, keel, write }) => {
      const check = async () => {
        writeFileSync(path.join(root, 'loaded.txt'), '');
        const { code, stdout } = await keel(['db:check']);
        const loads = readFileSync(path.join(root, 'loaded.txt'), 'utf8').trim().split('\n');
        return {
          code,
          stdout,
          loaders: loads.filter((_, i) => i % 2 === 0).map((it) => path.basename(it)),
        };
      };
      await keel(['db:migrate']);
      const elsewhere = { loaders: ['models-child.js'] };
      for (let turn = 1; turn <= 2; turn += 1) {
        const agreed = await check();
        expect(agreed).toMatchObject({ ...elsewhere, code: 0 });
        expect(agreed.stdout).toMatch(/people are loaded/);
      }
      // A table that no model declares, and one of a model that is built anew, without a replay.
      const place = `placeId: { type: DataTypes.INTEGER, references: { model: 'places', key: 'id' } }`;
      write({ 'models/person.js': `${noting} ${person(`{ ${place} }`)}` });
      const changed = await check();
      expect(changed).toMatchObject({ ...elsewhere, code: 2 });
      expect(changed.stdout).toMatch(/column placeId/);

      write({ 'models/person.js': `${noting} ${person(`{ name: 'no_such_type' }`)}` });
      const wrong = await check();
      expect(wrong).toMatchObject({ code: 1, loaders: ['models-child.js', 'bin.js'] });
    },
  );
});
