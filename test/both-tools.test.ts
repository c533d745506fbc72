import path from 'node:path';
import { runProgram, TOOLS, readState } from '../packages/keel/test/support/projects';
import type { Tool } from '../packages/keel/test/support/projects';
import { withDatabase } from '../packages/keel/test/support/database';

const ROOT = path.join(__dirname, '..', '..');

const MIGRATIONS = [
  '20250101000001-create-users.ts',
  '20250101000002-create-profiles.ts',
  '20250101000003-create-posts.ts',
  '20250101000004-create-students.ts',
  '20250101000005-create-courses.ts',
  '20250101000006-create-student-courses.ts',
];

/** Runs a tool in this repository's project, on `url`. */
async function succeed(url: string, tool: Tool, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runProgram([TOOLS[tool], ...args], {
    cwd: ROOT,
    env: { DATABASE_URL: url },
  });
  expect({ tool, args, code, stderr }).toEqual({ tool, args, code: 0, stderr: '' });
  return stdout;
}

/** The lines of a status that say up or down. */
function linesOf(status: string): string[] {
  return status.split('\n').filter((line) => /^(up|down) /.test(line));
}

test(
  'keel and sequelize-cli go on from where the other stopped',
  () =>
    withDatabase(async ({ url }) => {
      const empty = await readState({ url });
      const up = MIGRATIONS.map((name) => `up ${name}`);

      await succeed(url, 'keel', 'db:migrate');
      expect(linesOf(await succeed(url, 'sequelize-cli', 'db:migrate:status'))).toEqual(up);
      await succeed(url, 'sequelize-cli', 'db:migrate:undo');
      await succeed(url, 'sequelize-cli', 'db:migrate:undo');
      expect(linesOf(await succeed(url, 'keel', 'db:migrate:status'))).toEqual([
        ...up.slice(0, 4),
        `down ${MIGRATIONS[4]}`,
        `down ${MIGRATIONS[5]}`,
      ]);
      await succeed(url, 'keel', 'db:migrate', '--step', '1');
      await succeed(url, 'sequelize-cli', 'db:migrate');
      expect(linesOf(await succeed(url, 'keel', 'db:migrate:status'))).toEqual(up);

      const seed = ['--seed', '20250101000001-users.ts'];
      await succeed(url, 'sequelize-cli', 'db:seed', ...seed);
      const rest = JSON.parse(await succeed(url, 'keel', 'db:seed:all', '--json')) as {
        files: { name: string }[];
      };
      expect(rest.files.map(({ name }) => name)).toHaveLength(5);
      expect(await succeed(url, 'sequelize-cli', 'db:seed:all')).toContain('No seeders found.');
      await succeed(url, 'sequelize-cli', 'db:seed:undo');
      expect(linesOf(await succeed(url, 'keel', 'db:seed:status')).at(-1)).toMatch(/^down /);
      await succeed(url, 'keel', 'db:seed:undo:all');
      expect(await readState({ url })).toMatchObject({ migrations: MIGRATIONS, seeders: [] });

      await succeed(url, 'keel', 'db:migrate:undo', '--step', '3');
      await succeed(url, 'sequelize-cli', 'db:migrate:undo:all');
      expect(await readState({ url })).toEqual({ ...empty, migrations: [], seeders: [] });
    }),
  120_000,
);
