import { readFileSync } from 'node:fs';
import path from 'node:path';
import { runKeel } from '../support/cli';
import { tableMigration, withDatabaseProject } from '../support/project';

/** Writes the list of what a process has loaded when it ends, below Node's own. */
const LISTING = `
const { writeFileSync } = require('node:fs');
process.once('exit', () => {
  writeFileSync(process.env.LOADED, JSON.stringify([...Object.keys(require.cache), ...process.moduleLoadList]));
});`;

/** Packages and parts of keel among what was loaded, and how many files. */
async function loadedBy(root: string, args: string[], env: Record<string, string> = {}) {
  const LOADED = path.join(root, 'loaded.json');
  const NODE_OPTIONS = `--require "${path.join(root, 'list.js')}"`;
  const { code } = await runKeel(args, { cwd: root, env: { LOADED, NODE_OPTIONS, ...env } });
  expect(code).toBe(0);
  const names = JSON.parse(readFileSync(LOADED, 'utf8')) as string[];
  const files = names.filter((name) => path.isAbsolute(name));
  const packages = files.flatMap(
    (file) => /.*[\\/]node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)/.exec(file)?.[1] ?? [],
  );
  const rooms = files.flatMap((file) => /[\\/]dist[\\/](\w+)[\\/]/.exec(file)?.[1] ?? []);
  const builtIn = names.filter((name) => name.startsWith('NativeModule internal/deps/undici'));
  return { count: files.length, packages: new Set(packages), rooms: new Set(rooms), builtIn };
}

test('a command loads what it needs and no more', async () => {
  const development = { use_env_variable: 'DATABASE_URL', dialect: 'postgres' };
  const files = {
    'list.js': LISTING,
    'config/config.json': { development },
    'migrations/1-a.js': tableMigration('a'),
  };
  await withDatabaseProject(files, async ({ root, database }) => {
    const version = await loadedBy(root, ['--version']);
    expect([...version.packages].sort()).toEqual(['commander', 'picocolors']);
    expect(version.count).toBeLessThanOrEqual(40);

    const help = await loadedBy(root, ['--help']);
    expect([...help.packages].sort()).toEqual(['commander', 'picocolors']);
    for (const room of ['db', 'embedded', 'runner', 'schema', 'diff', 'scaffold'])
      expect(help.rooms).not.toContain(room);
    expect(help.count).toBeLessThanOrEqual(45);
    const helpOfOne = await loadedBy(root, ['seed:create', '--help']);
    expect(helpOfOne.count).toBeLessThanOrEqual(50);

    const env = { DATABASE_URL: database.url };
    const running = await loadedBy(root, ['db:migrate'], env);
    expect(running.packages).toContain('umzug');
    for (const name of ['@rushstack/ts-command-line', 'argparse', 'z-schema'])
      expect(running.packages).not.toContain(name);
    const idle = await loadedBy(root, ['db:migrate'], env);
    for (const name of ['sequelize', 'umzug', 'get-tsconfig', '@swc/wasm', 'ora', 'valibot'])
      expect(idle.packages).not.toContain(name);
    expect(idle.packages).toContain('pg');
    for (const room of ['schema', 'diff', 'codegen', 'scratch', 'scaffold', 'doctor', 'page'])
      expect(idle.rooms).not.toContain(room);
    // pg loads all of fetch in Node 20 unless it is kept from it.
    expect(idle.builtIn).toEqual([]);
    expect(idle.count).toBeLessThanOrEqual(185);
  });
});
