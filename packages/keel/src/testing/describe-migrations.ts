import type { ProjectFlags } from '../project/project-flags';
import { readProject } from '../project/read-project';
import type { Project } from '../project/project';
import { listFiles } from '../runner/files/list-files';
import { run } from '../runner/run';
import { renderDump } from '../schema/render-dump';
import { compareProjectModels } from './compare-with-models';
import { createTestDatabase, type TestDatabase } from './test-database';

/** Which project to test, and what is known of it. */
export interface DescribeMigrationsOptions extends ProjectFlags {
  /** Migrations that cannot be undone, by file name: their `down` is not tried. */
  readonly irreversible?: readonly string[];
  /** False where there are no models, or where they are known to differ. */
  readonly models?: boolean;
  /** How long each test may take, in milliseconds; two minutes where undefined. */
  readonly timeoutMs?: number;
}

/** As much of jest's (or vitest's) globals as is needed. */
interface TestGlobals {
  readonly describe: (name: string, define: () => void) => void;
  readonly it: (name: string, test: () => Promise<void>, timeoutMs: number) => void;
}

/**
 * Defines a suite of tests that every project's migrations should pass: their order is unambiguous; each
 * one goes up, down and up again and leaves nothing behind; they build what the models describe.
 *
 * @example
 * import { describeMigrations } from 'sequelize-keel/testing';
 * describeMigrations();
 */
export function describeMigrations(options: DescribeMigrationsOptions = {}): void {
  const { irreversible = [], models = true, timeoutMs = 120_000, ...flags } = options;
  const { describe, it } = globalThis as unknown as TestGlobals;
  describe('migrations', () => {
    it(
      'have names that put them into one order',
      async () => requireOrder(await readProject(flags)),
      timeoutMs,
    );
    it(
      'each go up, down and up again, and leave nothing behind',
      () =>
        withDatabase({ ...flags, migrate: false }, (database) =>
          requireRoundTrips(database, irreversible),
        ),
      timeoutMs,
    );
    if (!models) return;
    it('build what the models describe', () => withDatabase(flags, requireModels), timeoutMs);
  });
}

async function withDatabase(
  options: Parameters<typeof createTestDatabase>[0],
  use: (database: TestDatabase) => Promise<void>,
): Promise<void> {
  const database = await createTestDatabase(options);
  try {
    await use(database);
  } finally {
    await database.drop();
  }
}

async function requireOrder(project: Project): Promise<void> {
  const names = (await listFiles(project.paths.migrations, 'migrations-path')).map(
    ({ name }) => name,
  );
  const numbered = names.filter((name) => /^\d/.test(name));
  const seen = new Map<string, string>();
  for (const name of numbered) {
    const number = /^\d+/.exec(name)?.[0] ?? '';
    const other = seen.get(number);
    if (other !== undefined)
      throw new Error(`${other} and ${name} begin with the same number: their order is chance.`);
    seen.set(number, name);
  }
  const lengths = new Set([...seen.keys()].map((number) => number.length));
  if (lengths.size > 1)
    throw new Error('The numbers of the migrations have different lengths: they sort as text.');
}

async function requireRoundTrips(
  database: TestDatabase,
  irreversible: readonly string[],
): Promise<void> {
  const { project } = database;
  const dump = async (): Promise<string> => renderDump(await database.schema());
  for (;;) {
    const before = await dump();
    const [applied] = await step(project, 'up');
    if (applied === undefined) return;
    if (irreversible.includes(applied)) continue;
    const after = await dump();
    await step(project, 'down');
    requireSame(
      await dump(),
      before,
      `${applied}: undoing it does not lead back to the schema before it`,
    );
    await step(project, 'up');
    requireSame(
      await dump(),
      after,
      `${applied}: applying it again does not build the same schema`,
    );
  }
}

async function step(project: Project, direction: 'up' | 'down'): Promise<string[]> {
  const { files } = await run(
    project,
    { kind: 'migration', direction, step: 1 },
    { exclusive: false },
  );
  return files.map(({ name }) => name);
}

function requireSame(actual: string, expected: string, what: string): void {
  if (actual === expected) return;
  const [left, missing] = [linesBut(actual, expected), linesBut(expected, actual)];
  const lines = [...missing.map((line) => `- ${line}`), ...left.map((line) => `+ ${line}`)];
  throw new Error(`${what}:\n${lines.join('\n')}`);
}

function linesBut(text: string, other: string): string[] {
  const known = new Set(other.split('\n'));
  return text.split('\n').filter((line) => !known.has(line));
}

async function requireModels(database: TestDatabase): Promise<void> {
  const differences = await compareProjectModels(database.project, await database.schema());
  if (differences.length === 0) return;
  throw new Error(
    `The models and what the migrations build differ:\n  ${differences.join('\n  ')}`,
  );
}
