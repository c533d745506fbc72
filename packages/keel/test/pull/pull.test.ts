import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { cleanEnvironment } from '../support/cli';
import { withClient } from '../support/database';
import { ASSOCIATIONS, NODE_MODULES, PACKAGE } from '../support/paths';
import { withDatabaseProject, type DatabaseProject } from '../support/project';

const run = promisify(execFile);

interface Adoption {
  readonly baseline?: { readonly file: { readonly path: string } };
  readonly pull: {
    readonly style: string;
    readonly written: readonly { readonly model: string; readonly file: string }[];
    readonly left: readonly { readonly table: string; readonly reason: string }[];
    readonly others: readonly string[];
  };
  readonly check: { readonly models: readonly unknown[]; readonly exitCode: number };
}

const TYPESCRIPT = {
  'package.json': { name: 'project', type: 'module', devDependencies: { typescript: '*' } },
  // What `tsc --init` of TypeScript 6 writes, as far as it matters here.
  'tsconfig.json': {
    compilerOptions: {
      module: 'nodenext',
      target: 'esnext',
      types: [],
      strict: true,
      noUncheckedIndexedAccess: true,
      exactOptionalPropertyTypes: true,
      verbatimModuleSyntax: true,
      isolatedModules: true,
      moduleDetection: 'force',
      skipLibCheck: true,
      noEmit: true,
    },
    include: ['models'],
  },
};

async function load({ database }: DatabaseProject, name: string): Promise<void> {
  const file = path.join(PACKAGE, 'test', 'fixtures', 'databases', `${name}.sql`);
  const sql = readFileSync(file, 'utf8');
  await withClient(database.connection, (client) => client.query(sql));
}

async function adopt(project: DatabaseProject, ...flags: string[]): Promise<Adoption> {
  const { code, stdout, stderr } = await project.keel(['adopt', '--json', ...flags]);
  expect({ code, stderr: code === 0 ? '' : `${stderr}${stdout}` }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as Adoption;
}

/** What the compiler has to say of the project. */
async function compile(root: string): Promise<string> {
  const tsc = path.join(NODE_MODULES, 'typescript', 'bin', 'tsc');
  return run(process.execPath, [tsc, '-p', '.'], { cwd: root }).then(
    ({ stdout }) => stdout,
    (error: unknown) => (error as { stdout: string }).stdout,
  );
}

/** Runs code in the project and gives back what it prints as JSON. */
async function evaluate({ root, database }: DatabaseProject, code: string): Promise<unknown> {
  const { stdout } = await run(process.execPath, ['-e', code], {
    cwd: root,
    env: { ...cleanEnvironment(), DATABASE_URL: database.url },
  });
  return JSON.parse(stdout);
}

test('takes over a film rental, and its models work', async () => {
  await withDatabaseProject({}, async (project) => {
    await load(project, 'pagila');
    const { pull, check } = await adopt(project);
    expect(check.exitCode).toBe(0);
    expect(pull.style).toBe('class');
    expect(pull.written.map(({ model }) => model)).toEqual(
      expect.arrayContaining(['Film', 'FilmActor', 'Staff', 'Payment']),
    );
    expect(pull.written.map(({ model }) => model)).not.toContain('PaymentP202201');
    expect(pull.others).toEqual(expect.arrayContaining(['1 × view: customer_list']));
    const found = await evaluate(
      project,
      `const { sequelize, Film, Language, Actor, Staff } = require('./models');
      sequelize.options.logging = false;
      (async () => {
        const language = await Language.create({ name: 'English' });
        const film = await Film.create({ title: 'A', fulltext: '', releaseYear: 1999, rating: 'PG-13',
          specialFeatures: ['Trailers'], languageId: language.languageId });
        await film.addActor(await Actor.create({ firstName: 'B', lastName: 'C' }));
        const again = await Film.findOne({ where: { rating: 'PG-13' }, include: [Actor, Language, 'originalLanguage'] });
        const wrong = await Film.create({ title: 'A', fulltext: '', rating: 'X', languageId: 1 }).catch(({ name }) => name);
        console.log(JSON.stringify({ year: again.releaseYear, rate: again.rentalRate, features: again.specialFeatures,
          actors: again.Actors.map(({ lastName }) => lastName), original: again.originalLanguage, wrong,
          kinds: Object.values(Staff.associations).map((one) => one.associationType + ' ' + one.as) }));
        await sequelize.close();
      })();`,
    );
    expect(found).toEqual({
      year: 1999,
      rate: '4.99',
      features: ['Trailers'],
      actors: ['C'],
      original: null,
      wrong: 'SequelizeValidationError',
      kinds: [
        'BelongsTo Address',
        'BelongsTo Store',
        'HasMany Rentals',
        'HasOne managerStaffStore',
      ],
    });
  });
});

test('writes typed classes that compile, and nothing the second time', async () => {
  await withDatabaseProject(TYPESCRIPT, async (project) => {
    await load(project, 'chinook');
    const { pull } = await adopt(project);
    expect(pull.written).toHaveLength(11);
    expect(await compile(project.root)).toBe('');
    const employee = readFileSync(path.join(project.root, 'models', 'employee.ts'), 'utf8');
    expect(employee).toContain("declare reportsTo: ForeignKey<Employee['employeeId'] | null>;");
    expect(employee).toContain("as: 'employeesByReportsTo'");
    const before = await project.state();
    const again = await adopt(project);
    expect(again.baseline).toBeUndefined();
    expect(again.pull.written).toEqual([]);
    expect(again.pull.left).toHaveLength(11);
    expect(await project.state()).toEqual(before);
  });
});

test.each(['class', 'define'])(
  'says with %s what is hard to say, so that models and migrations are the same',
  async (style) => {
    await withDatabaseProject(TYPESCRIPT, async (project) => {
      await load(project, 'odd');
      const { pull } = await adopt(project, '--style', style);
      expect(await compile(project.root)).toBe('');
      const names = pull.written.map(({ model }) => model);
      expect(names).toEqual(expect.arrayContaining(['User', 'AuthUser', 'ModelRow', 'IndexRow']));
      const friend = readFileSync(path.join(project.root, 'models', 'user.ts'), 'utf8');
      expect(friend).toContain("as: 'friends'");
      const child = readFileSync(path.join(project.root, 'models', 'comp-child.ts'), 'utf8');
      expect(child).toContain('FOREIGN KEY (pa, pb)');
    });
  },
);

test('writes sequelize.define for JavaScript, and leaves files that are there', async () => {
  await withDatabaseProject({}, async (project) => {
    await load(project, 'northwind');
    await adopt(project, '--style', 'define');
    const folder = path.join(project.root, 'models');
    expect(readdirSync(folder)).toContain('us-state.js');
    const product = path.join(folder, 'product.js');
    writeFileSync(product, readFileSync(product, 'utf8').replace("'Product'", "'Article'"));
    await withClient(project.database.connection, (client) =>
      client.query(
        'CREATE TABLE notes (id serial PRIMARY KEY, product_id smallint REFERENCES products)',
      ),
    );
    // The other models refer to the one that was renamed.
    const files = readdirSync(folder).map((name) => path.join(folder, name));
    for (const file of files.filter((name) => name !== product))
      writeFileSync(
        file,
        readFileSync(file, 'utf8').replaceAll('models.Product', 'models.Article'),
      );
    // A project whose models have no index gets none: it would call the helper.
    project.remove('models/index.js');
    project.write({ 'models/phone.js': `module.exports = (phone) => phone.replace(/x/, '');` });
    const { code, stdout } = await project.keel(['db:pull', '--json']);
    expect(code).toBe(0);
    expect(readdirSync(folder)).not.toContain('index.js');
    const { written, left } = JSON.parse(stdout) as Adoption['pull'];
    expect(written.map(({ model }) => model)).toEqual(['Note']);
    expect(left).toContainEqual({ table: 'products', reason: 'the model Article stands for it' });
    const note = readFileSync(path.join(folder, 'note.js'), 'utf8');
    expect(note).toContain('sequelize.define(');
    expect(note).toContain('Note.belongsTo(models.Article, {');
  });
});

test('writes models of the three kinds of associations as their own project would', async () => {
  await withDatabaseProject({}, async (project) => {
    const migrate = ['db:migrate', '--migrations-path', path.join(ASSOCIATIONS, 'migrations')];
    expect(await project.keel(migrate)).toMatchObject({ code: 0 });
    await withClient(project.database.connection, (client) =>
      client.query('DROP TABLE "SequelizeMeta"'),
    );
    const { pull, check } = await adopt(project);
    expect(check.models).toEqual([]);
    expect(pull.written.length).toBeGreaterThan(0);
    const texts = pull.written.map(({ file }) => readFileSync(file, 'utf8')).join('');
    for (const kind of ['hasOne', 'hasMany', 'belongsTo', 'belongsToMany'])
      expect(texts).toContain(`.${kind}(`);
  });
});

test('says what is wrong where there is nothing to take over', async () => {
  await withDatabaseProject({}, async (project) => {
    const pulled = await project.keel(['db:pull', '--json']);
    expect(pulled.code).not.toBe(0);
    expect(pulled.stdout).toContain('EMPTY_DATABASE');
    const decorated = await project.keel([
      'db:pull',
      '--style',
      'decorators',
      '--language',
      'javascript',
    ]);
    expect(decorated.code).not.toBe(0);
    expect(decorated.stderr).toContain('--language typescript');
  });
});
