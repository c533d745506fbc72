import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { NODE_MODULES } from '../support/paths';
import { withProject } from '../support/projects';
import type { TestProject } from '../support/projects';

/** A file in TypeScript that a program loads and prints; an enum, which Node by itself does not strip. */
const VALUE = (value: string) =>
  `enum Kind { A = '${value}' }\nexport const value: string = Kind.A;`;

const FILES = {
  'package.json': { devDependencies: { typescript: '*' } },
  'tsconfig.json': { extends: './base.json' },
  'base.json': { compilerOptions: { target: 'es2022' } },
  'value.ts': VALUE('first'),
  'config/config.js': `
    const { value } = require('../value.ts');
    console.log(value, Object.keys(require.cache).some((file) => /[\\\\/]wasm\\.js$/.test(file)));
    module.exports = { development: { dialect: 'postgres', database: 'none', port: 1 } };`,
  '.sequelizerc': `require('sequelize-keel/register');\nmodule.exports = {};`,
  'migrations/1-a.ts': '',
};

/** A node_modules folder of the project's own, so that what is kept there is the test's. */
function ownModules({ root }: TestProject): string {
  const folder = path.join(root, 'node_modules');
  rmSync(folder);
  mkdirSync(folder);
  for (const name of readdirSync(NODE_MODULES).filter((entry) => !entry.startsWith('.')))
    symlinkSync(path.join(NODE_MODULES, name), path.join(folder, name), 'junction');
  return path.join(folder, '.cache', 'keel');
}

/** What the config printed: the value, and whether the compiler was loaded. */
async function load(
  project: TestProject,
  tool: 'keel' | 'sequelize-cli' = 'keel',
  env: Readonly<Record<string, string>> = {},
) {
  const { stdout } = await project.run(tool, ['db:migrate:status'], { env });
  return /^\w+ (true|false)$/m.exec(stdout)?.[0];
}

test('a file is compiled once, and again when it or a setting has changed', () =>
  withProject(FILES, async (project) => {
    const folder = ownModules(project);
    expect(await load(project)).toBe('first true');
    expect(readdirSync(folder)).toHaveLength(1);
    expect(await load(project)).toBe('first false');
    expect(await load(project, 'sequelize-cli')).toBe('first false');

    project.write({ 'value.ts': VALUE('second') });
    expect(await load(project)).toBe('second true');
    expect(await load(project)).toBe('second false');

    project.write({ 'base.json': { compilerOptions: { target: 'es2020' } } });
    expect(await load(project)).toBe('second true');
    expect(await load(project)).toBe('second false');
  }));

test('several commands may compile at the same time', () =>
  withProject(FILES, async (project) => {
    const folder = ownModules(project);
    const loads = await Promise.all([load(project), load(project), load(project)]);
    expect(new Set(loads.map((text) => text?.split(' ')[0]))).toEqual(new Set(['first']));
    expect(readdirSync(folder)).toHaveLength(1);
    expect(await load(project)).toBe('first false');
  }));

test('a kept text that is not whole is compiled again', () =>
  withProject(FILES, async (project) => {
    const folder = ownModules(project);
    expect(await load(project)).toBe('first true');
    const kept = path.join(folder, readdirSync(folder)[0] ?? '');
    const whole = readFileSync(kept, 'utf8');
    for (const text of [whole.slice(0, -10), whole.replace('first', 'other'), '', 'x\n\n\n']) {
      writeFileSync(kept, text);
      expect(await load(project)).toBe('first true');
      expect(readFileSync(kept, 'utf8')).toBe(whole);
    }
  }));

test('a kept file tells the lines of its source', () =>
  withProject(
    {
      ...FILES,
      'value.ts': `interface Gone {\n  a: 1;\n}\n\nexport const value = 'x';\nconsole.log(new Error('here').stack);\nexport type G = Gone;`,
    },
    async (project) => {
      ownModules(project);
      for (const NODE_OPTIONS of ['', '', '--enable-source-maps']) {
        const env = { NODE_OPTIONS };
        const { stdout } = await project.run('keel', ['db:migrate:status'], { env });
        expect(stdout).toMatch(/value\.ts:6:13/);
      }
    },
  ));

test("where nothing can be kept in node_modules, the user's cache keeps it, or the file is compiled each time", () =>
  withProject(FILES, async (project) => {
    writeFileSync(path.dirname(ownModules(project)), 'a file in the place of the folder');
    const cache = path.join(project.root, 'cache');
    const theirs = { XDG_CACHE_HOME: cache, LOCALAPPDATA: cache, HOME: cache };
    expect(await load(project, 'keel', theirs)).toBe('first true');
    expect(await load(project, 'keel', theirs)).toBe('first false');

    const file = path.join(project.root, 'value.ts');
    const nowhere = { XDG_CACHE_HOME: file, LOCALAPPDATA: file, HOME: file };
    expect(await load(project, 'keel', nowhere)).toBe('first true');
    expect(await load(project, 'keel', nowhere)).toBe('first true');
  }));
