import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { cleanEnvironment } from '../support/cli';
import { PACKAGE } from '../support/paths';
import { tableMigration, withDatabaseProject, type DatabaseProject } from '../support/project';

const SCRIPT = path.join(PACKAGE, 'action', 'run.sh');

/** Runs the action's script as GitHub's runner does. */
async function runAction(
  { root, database }: Pick<DatabaseProject, 'root' | 'database'>,
  inputs: Readonly<Record<string, string>>,
) {
  const files = { GITHUB_STEP_SUMMARY: `${root}/summary.md`, GITHUB_OUTPUT: `${root}/output` };
  for (const file of Object.values(files)) rmSync(file, { force: true });
  const child = spawn('bash', [SCRIPT], {
    cwd: root,
    env: { ...cleanEnvironment(), DATABASE_URL: database.url, ...files, ...inputs },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
  const [code] = (await once(child, 'close')) as [number | null];
  const read = (file: string) => readFileSync(file, { encoding: 'utf8', flag: 'a+' });
  return {
    code,
    said,
    summary: read(files.GITHUB_STEP_SUMMARY),
    output: read(files.GITHUB_OUTPUT),
  };
}

const FILES = { 'migrations/20250101000001-users.js': tableMigration('users') };

test('the action checks a pull request, migrates, and tells what failed', () =>
  withDatabaseProject(FILES, async (project) => {
    const { database, keel, root, state, write } = project;
    expect((await keel(['db:drop'])).code).toBe(0);
    const checked = await runAction(project, {});
    expect(checked).toMatchObject({ code: 0, output: 'exit-code=0\n' });
    expect(checked.said).toMatch(
      /^::group::keel db:create[^]*::group::keel db:check[^]*::endgroup/m,
    );
    expect(checked.summary).toContain('### `keel db:check`: done');
    expect(await state()).toMatchObject({ migrations: ['20250101000001-users.js'] });

    write({ 'migrations/20250101000002-broken.js': `throw new Error('on purpose');` });
    const failed = await runAction(project, { INPUT_COMMAND: 'migrate', INPUT_URL: database.url });
    expect(failed).toMatchObject({ code: 1, output: 'exit-code=1\n' });
    expect(failed.said).toContain('::error title=keel db:migrate::');
    expect(failed.summary).toContain('on purpose');

    const commands = 'db:migrate:status --check\n\ndb:migrate:undo --json\n';
    const pending = await runAction(project, { INPUT_COMMAND: commands, INPUT_ENV: 'development' });
    expect(pending).toMatchObject({ code: 8, output: 'exit-code=8\n' });
    expect(pending.said).not.toContain('undo');
    rmSync(path.join(root, 'node_modules'));
    const missing = await runAction(project, {});
    expect(missing).toMatchObject({ code: 1, output: 'exit-code=1\n' });
    expect(missing.said).toMatch(/^::error title=keel::sequelize-keel is not installed in /);
  }));

test('every input of the action reaches its script', () => {
  const action = readFileSync(path.join(PACKAGE, 'action', 'action.yml'), 'utf8');
  const script = readFileSync(SCRIPT, 'utf8');
  const inputs = [...action.matchAll(/^ {2}([a-z-]+):\n {4}description/gm)].map(([, name]) => name);
  expect(inputs).toEqual(['command', 'working-directory', 'env', 'url', 'exit-code']);
  const passed = [...action.matchAll(/(INPUT_\w+): \$\{\{ inputs\.([a-z-]+) \}\}/g)];
  for (const [, variable = ''] of passed) expect(script).toContain(`\${${variable}:-`);
  expect(passed.map(([, , input]) => input)).toEqual(['command', 'env', 'url']);
});
