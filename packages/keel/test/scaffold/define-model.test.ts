import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ASSOCIATIONS } from '../support/paths';
import { withDatabaseProject } from '../support/project';
import { requireSuccess, runProgram, withProject } from '../support/projects';
import type { ProjectFiles } from '../support/projects';

jest.setTimeout(240_000);

const CONFIG = {
  'package.json': { devDependencies: { 'ts-node': '*', typescript: '*' } },
  'tsconfig.json': {
    compilerOptions: {
      target: 'es2022',
      module: 'node16',
      moduleResolution: 'node16',
      rootDir: '.',
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      types: ['node'],
    },
    include: ['models', 'migrations'],
  },
};

/** The models of the associations fixture, on the database of the environment. */
function associationModels(): ProjectFiles {
  const folder = path.join(ASSOCIATIONS, 'models');
  const files = readdirSync(folder).map((name) => [
    `models/${name}`,
    readFileSync(path.join(folder, name), 'utf8'),
  ]);
  return {
    ...CONFIG,
    ...(Object.fromEntries(files) as ProjectFiles),
    'models/index.ts': `
      import { Sequelize } from 'sequelize';
      import { defineModels } from './define-models';
      export const sequelize = new Sequelize(process.env.DATABASE_URL as string, { logging: false });
      export const models = defineModels(sequelize);`,
  };
}

/** Does what the steps say: the import before the others, the entry before that of the pattern. */
function follow(root: string, steps: readonly string[]): ProjectFiles {
  const files: Record<string, string> = {};
  let current = '';
  for (const step of steps) {
    const name = /^Add to (.*):$/.exec(step)?.[1];
    if (name !== undefined) {
      current = name;
      files[current] = readFileSync(path.join(root, current), 'utf8');
    } else if (/^ {2}import /.test(step)) {
      files[current] = `${step}\n${files[current]}`;
    } else {
      files[current] = files[current]?.replace(/^( *)User: /m, `${step}\n$&`) ?? '';
    }
  }
  return files;
}

test('a model in the style of the others is found once the steps on screen are followed', () =>
  withDatabaseProject(associationModels(), async ({ root, keel, write }) => {
    const first = ['migration:generate', '--from-models', '--name', 'first'];
    requireSuccess('first', await keel(first));
    requireSuccess('db:migrate', await keel(['db:migrate']));

    const attributes = 'label:string,price:decimal,kind:enum:{a,b},tags:array:string';
    const generate = ['model:generate', '--name', 'OrderLine', '--attributes', attributes];
    const generated = await keel([...generate, '--json']);
    requireSuccess('model:generate', generated);
    const { model, steps } = JSON.parse(generated.stdout) as { model: string; steps: string[] };
    expect(steps).toEqual([
      'Add to models/define-models.ts:',
      "  import { defineOrderLine } from './orderline';",
      '  OrderLine: defineOrderLine(sequelize),',
      'Add to models/types.ts:',
      "  import type { OrderLine } from './orderline';",
      '  OrderLine: Associable<OrderLine>;',
    ]);
    const text = readFileSync(model, 'utf8');
    expect(text).toContain('export function defineOrderLine(sequelize: Sequelize)');
    expect(text).toContain("{ tableName: 'order_lines' }");
    expect(text).toContain('OrderLine.associate = (_models) => {');

    write(follow(root, steps));
    const compiled = await runProgram([require.resolve('typescript/bin/tsc')], { cwd: root });
    requireSuccess('tsc', compiled);
    requireSuccess('db:migrate', await keel(['db:migrate']));
    expect(await keel(['db:check'])).toMatchObject({ code: 0 });
  }));

const DEFAULT_EXPORT = `
  import { DataTypes } from 'sequelize';
  export default (sequelize) => {
    const User = sequelize.define('User', { name: DataTypes.STRING });
    User.associate = (models) => undefined;
    return User;
  };`;

test('without a type of its own for models, and with default exports, there is nothing left to do', () =>
  withProject({ ...CONFIG, 'models/user.ts': DEFAULT_EXPORT, 'migrations/1-a.ts': '' }, (project) =>
    project
      .run('keel', ['model:generate', '--name', 'Tag', '--attributes', 'label:string', '--json'])
      .then(async (generated) => {
        requireSuccess('model:generate', generated);
        const { model, steps } = JSON.parse(generated.stdout) as { model: string; steps: string[] };
        expect(steps).toEqual([]);
        const text = readFileSync(model, 'utf8');
        expect(text).toContain('export default function defineTag(sequelize: Sequelize): TagModel');
        expect(text).not.toContain('tableName');
        const tsc = require.resolve('typescript/bin/tsc');
        const args = [
          tsc,
          '--ignoreConfig',
          '--noEmit',
          '--strict',
          '--skipLibCheck',
          '--module',
          'node16',
          model,
        ];
        requireSuccess('tsc', await runProgram(args, { cwd: project.root }));
      }),
  ));

test('a project of classes keeps them', () =>
  withProject(
    {
      ...CONFIG,
      'models/user.ts': 'export class User extends Model {}\nUser.init({}, { sequelize });',
      'migrations/1-a.ts': '',
    },
    async (project) => {
      const args = ['model:generate', '--name', 'Tag', '--attributes', 'label:string', '--json'];
      const generated = await project.run('keel', args);
      const { model, steps } = JSON.parse(generated.stdout) as { model: string; steps: string[] };
      expect(steps).toEqual([]);
      expect(readFileSync(model, 'utf8')).toContain('export class Tag extends Model<');
    },
  ));
