import { libraryProject, MIGRATION_NAMES, SEEDER_NAMES } from '../support/library-project';
import {
  linesOf,
  readState,
  requireSuccess,
  withDatabases,
  withProject,
  type TestProject,
  type Tool,
} from '../support/projects';

// Each case runs several programs, one after the other.
jest.setTimeout(240_000);

type Step = readonly [tool: Tool, command: string];

/** Runs the steps in a database; each must succeed. */
async function runSteps(
  project: TestProject,
  url: string,
  steps: readonly Step[],
): Promise<string[]> {
  const lines: string[] = [];
  for (const [tool, command] of steps) {
    const result = await project.run(tool, command.split(' '), { env: { TEST_URL: url } });
    requireSuccess(`${tool} ${command}`, result);
    lines.push(...linesOf(result));
  }
  return lines;
}

/**
 * Runs the same commands by each tool in a database of its own and compares what is there after each.
 *
 * @param unsaid lines of sequelize-cli, after the command and a colon, for which keel has other words
 */
async function compare(
  project: TestProject,
  commands: readonly string[],
  unsaid: readonly string[] = [],
): Promise<void> {
  await withDatabases(2, async (ours, theirs) => {
    for (const command of commands) {
      const [lines, expected] = await Promise.all([
        runSteps(project, ours.url, [['keel', command]]),
        runSteps(project, theirs.url, [['sequelize-cli', command]]),
      ]);
      const same = expected.filter((line) => !unsaid.includes(`${command}: ${line}`));
      expect({ command, ...(await readState(ours)) }).toEqual({
        command,
        ...(await readState(theirs)),
      });
      expect({ command, lines: lines.filter((line) => expected.includes(line)) }).toEqual({
        command,
        lines: same,
      });
    }
  });
}

const [, second, third, fourth] = MIGRATION_NAMES;
const [authors, books] = SEEDER_NAMES;

test('migrates and undoes all, in parts and by name, and prints the same lines', async () => {
  await withProject(libraryProject(), (project) =>
    compare(project, [
      `db:migrate --to ${second}`,
      `db:migrate --name ${third?.replace('.js', '')}`,
      `db:migrate --from ${fourth}`,
      'db:migrate:status',
      'db:migrate',
      'db:migrate',
      `db:migrate:undo --name ${fourth}`,
      'db:migrate:undo',
      `db:migrate:undo:all --to ${second}`,
      'db:migrate:undo:all',
      'db:migrate:undo:all',
    ]),
  );
});

test('runs seeders again without a record of them, as sequelize-cli does', async () => {
  await withProject(libraryProject(), (project) =>
    compare(project, [
      'db:migrate',
      'db:seed:all',
      `db:seed:undo --seed ${books}`,
      'db:seed:undo:all',
    ]),
  );
});

test('runs recorded seeders once, and undoes them all and by name', async () => {
  const commands = [
    'db:migrate',
    // Makes the table. sequelize-cli makes it at once for each seeder named, and then fails now and then.
    'db:seed:undo',
    `db:seed --seed ${authors} --seed ${books}`,
    'db:seed:all',
    `db:seed:undo --seed ${books}`,
    'db:seed:undo:all',
    'db:seed:undo:all',
  ];
  await withProject(libraryProject({ seederStorage: 'sequelize' }), (project) =>
    // There are seeders, and all of them have run.
    compare(project, commands, ['db:seed:all: No seeders found.']),
  );
});

test('has nothing to do in the same words, and makes the same tables', async () => {
  await withProject(libraryProject(), (project) =>
    compare(project, [
      'db:migrate:undo',
      `db:migrate:undo:all --to ${second}`,
      'db:migrate:undo:all',
      `db:migrate:undo --name ${third}`,
      `db:migrate --name ${MIGRATION_NAMES[0]} --name ${second}`,
      'db:migrate',
      'db:migrate',
      'db:seed:undo',
      'db:seed:undo:all',
      `db:seed:undo --seed ${authors}`,
    ]),
  );
});

describe('halves', () => {
  const other = { keel: 'sequelize-cli', 'sequelize-cli': 'keel' } as const;

  test.each(['keel', 'sequelize-cli'] as const)(
    'what %s began the other finishes, and each undoes what the other did',
    async (tool) => {
      await withProject(libraryProject({ seederStorage: 'sequelize' }), (project) =>
        withDatabases(2, async (mixed, pure) => {
          await runSteps(project, pure.url, [['keel', 'db:migrate']]);
          const { objects } = await readState(pure);
          await runSteps(project, mixed.url, [
            [tool, `db:migrate --to ${second}`],
            [other[tool], 'db:migrate'],
            [tool, `db:seed --seed ${authors}`],
            [other[tool], 'db:seed:all'],
          ]);
          expect(await readState(mixed)).toEqual({
            objects,
            migrations: MIGRATION_NAMES,
            seeders: SEEDER_NAMES,
          });
          await runSteps(project, mixed.url, [
            [tool, 'db:seed:undo'],
            [other[tool], 'db:migrate:undo'],
            [other[tool], 'db:seed:undo:all'],
            [tool, 'db:migrate:undo:all'],
          ]);
          expect(await readState(mixed)).toMatchObject({ migrations: [], seeders: [] });
        }),
      );
    },
  );
});
