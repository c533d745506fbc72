import { readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import {
  requireSuccess,
  writeFiles,
  type ProgramResult,
  type ProjectFiles,
} from '../support/projects';

/** A project in which nothing of keel has been done yet. */
export interface NewProject {
  /** Where keel is run. */
  readonly root: string;
  readonly keel: (args: readonly string[]) => Promise<ProgramResult>;
  /** Checks the types of all files. */
  readonly compile?: () => Promise<ProgramResult>;
  /** Models that are there already; without them keel generates one. */
  readonly models?: ProjectFiles;
  /** The folders of the config, the models and the migrations, where they are not the usual ones. */
  readonly folders?: {
    readonly config: string;
    readonly models: string;
    readonly migrations: string;
  };
  /** The registered loader cannot work here: keel says so, and does without it. */
  readonly brokenLoader?: RegExp;
}

const CONFIG = {
  development: {
    use_env_variable: 'DATABASE_URL',
    dialect: 'postgres',
    logging: false,
    seederStorage: 'sequelize',
  },
};

const MODEL = ['model:generate', '--name', 'User', '--attributes', 'name:string,role:enum:{a,b}'];

/**
 * What a person does in the first five minutes: init, check, a model, its migration, apply, undo, a change of the
 * model, the migration of it, seeds.
 *
 * @throws Error with all that the command said which did not do what it should
 */
export async function tryProject(project: NewProject): Promise<void> {
  const { root, folders = { config: 'config', models: 'models', migrations: 'migrations' } } =
    project;
  const keel = async (...args: string[]): Promise<string> => {
    const result = await project.keel(args);
    requireSuccess(`keel ${args.join(' ')}`, result);
    return result.stdout;
  };
  const compile = async (what: string): Promise<void> => {
    if (project.compile) requireSuccess(`tsc after ${what}`, await project.compile());
  };
  await leaveBrokenLoader(project);
  await keel(...(project.models ? ['init:config'] : ['init']));
  if (project.models) {
    writeFiles(path.join(root, folders.models), project.models);
    await keel('init:migrations');
    await keel('init:seeders');
  }
  writeFiles(path.join(root, folders.config), { 'config.json': CONFIG });
  await compile('init');
  if (!project.models) {
    expectText(await keel('db:check'), /^same /m);
    await keel(...MODEL);
  } else await keel('migration:generate', '--from-models', '--name', 'first');
  await keel('migration:generate', '--name', 'empty');
  await keel('seed:generate', '--name', 'empty');
  await compile('generating');
  await keel('db:migrate');
  await keel('db:migrate:undo');
  expectText(await keel('db:migrate:status'), /^down .*empty/m);
  await keel('db:migrate');
  await keel('db:check');
  addAge(path.join(root, folders.models));
  await keel('migration:generate', '--from-models', '--name', 'add-age');
  await compile('the change of the model');
  await keel('db:migrate');
  await keel('db:check');
  await keel('db:seed:all');
  await keel('db:migrate:undo:all');
  const made = readdirSync(path.join(root, folders.migrations));
  if (made.length !== 3) throw new Error(`There are ${made.length} migrations: ${made.join(', ')}`);
}

/** Without the line that registers it, everything is begun again. */
async function leaveBrokenLoader({ root, keel, brokenLoader }: NewProject): Promise<void> {
  if (!brokenLoader) return;
  await keel(['init']);
  writeFiles(root, { 'config/config.json': CONFIG });
  const { code, stderr } = await keel(['db:check']);
  expectText(stderr, brokenLoader);
  if (code !== 1) throw new Error(`db:check ended with ${code}.`);
  for (const name of ['.sequelizerc', 'config', 'models', 'migrations', 'seeders'])
    rmSync(path.join(root, name), { recursive: true, force: true });
}

function expectText(text: string, pattern: RegExp): void {
  if (!pattern.test(text)) throw new Error(`${pattern} is not in:\n${text}`);
}

/** Gives the model User another attribute, in whatever style it is written. */
function addAge(folder: string): void {
  const name = readdirSync(folder).find((file) => file.startsWith('user.')) ?? '';
  const file = path.join(folder, name);
  const text = readFileSync(file, 'utf8')
    .replace(/^( *)(name: (\S+\.)STRING,)$/m, '$1$2\n$1age: $3INTEGER,')
    .replace(/^( *declare )name: .*$/m, '$&\n$1age: number | null;')
    .replace(/^( *@Column )name!: string;$/m, '$&\n$1age!: number;');
  writeFiles(folder, { [name]: text });
}
