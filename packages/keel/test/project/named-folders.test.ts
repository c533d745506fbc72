import { checkSchema } from '../../src/check/check-schema';
import { generateFromModels } from '../../src/generate/generate-from-models';
import { loadModels } from '../../src/project/load-models';
import type { ProjectFlags } from '../../src/project/project-flags';
import { readOutline, readProject } from '../../src/project/read-project';
import { readStatus } from '../../src/runner/read-status';
import { run } from '../../src/runner/run';
import { withDatabase } from '../support/database';
import { withProject } from '../support/projects';

const CONFIG = { 'config/config.json': { development: { dialect: 'postgres', database: 'none' } } };

describe('a folder that is named and not there', () => {
  const flags: ProjectFlags[] = [
    { modelsPath: 'nope' },
    { migrationsPath: 'db/nope' },
    { seedersPath: './nope/' },
    { modelsPath: 'config/config.json' },
  ];

  test.each(flags)('%j is an error for every command', (flag) =>
    withProject({ ...CONFIG, '.sequelizerc': 'module.exports = {}' }, async ({ root }) => {
      const [name] = Object.keys(flag);
      await expect(readProject({ cwd: root, env: 'development', ...flag })).rejects.toMatchObject({
        code: 'FOLDER_NOT_FOUND',
        message: expect.stringMatching(
          /(nope|config\.json), the folder of the \w+ by --\w+-path, /,
        ),
        hint: expect.stringContaining(`--${name?.replace('Path', '-path')}`),
      });
    }),
  );

  test('is an error where .sequelizerc names it and a command needs it', () =>
    withDatabase((database) =>
      withProject(
        {
          '.sequelizerc': `module.exports = { 'migrations-path': 'db/m', 'seeders-path': 'db/s', 'models-path': 'db/models' };`,
          'db/keep/x.js': '',
        },
        async ({ root, write }) => {
          const project = await readProject({ cwd: root, url: database.url });
          const missing = { code: 'FOLDER_NOT_FOUND' };
          const options = { exclusive: false };
          await expect(loadModels(project)).rejects.toMatchObject(missing);
          await expect(readStatus(project, 'migration')).rejects.toMatchObject(missing);
          await expect(
            run(project, { kind: 'seeder', direction: 'up' }, options),
          ).rejects.toMatchObject(missing);
          write({ 'db/models/user.js': `module.exports = (s) => s.define('User', {});` });
          await expect(
            generateFromModels(project, { ...options, name: 'init' }),
          ).rejects.toMatchObject(missing);
          write({ 'db/m/1.js': 'module.exports = { up: async () => {}, down: async () => {} };' });
          // git keeps no empty folder: the seeders' may be missing where nobody seeds.
          expect(
            (await run(project, { kind: 'migration', direction: 'up' }, options)).files,
          ).toHaveLength(1);
          const { models } = await checkSchema(project, options);
          expect(models.map(({ text }) => text)).toEqual([
            expect.stringContaining('in the models'),
          ]);
        },
      ),
    ));
});

test.each<ProjectFlags>([
  { url: '' },
  { url: '  ' },
  { env: '' },
  { config: '' },
  { optionsPath: '' },
  { migrationsPath: '', seedersPath: '' },
])('an empty value is an error: %j', (flags) =>
  withProject(CONFIG, async ({ root }) => {
    await expect(readOutline({ cwd: root, ...flags })).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringMatching(/^--[a-z-]+(, --[a-z-]+)* ha(s|ve) no value\.$/),
    });
  }),
);

test('an empty value in .sequelizerc is one that is not given, as with sequelize-cli', () =>
  withProject(
    { ...CONFIG, '.sequelizerc': `module.exports = { url: '', 'models-path': '' };` },
    async ({ root }) => {
      const project = await readProject({ cwd: root, env: 'development' });
      expect([project.connection.database, project.paths.namedBy]).toEqual(['none', {}]);
    },
  ));
