import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Finding } from '../../src/lint/finding';
import { lintTrace } from '../../src/lint/lint-trace';
import type { TableSizes } from '../../src/lint/table-sizes';
import { measureSpeed } from '../../src/lint/trace/measure-speed';
import type { FileTrace } from '../../src/lint/trace/trace';
import { traceFiles } from '../../src/lint/trace/trace-files';
import { TraceRecorder } from '../../src/lint/trace/trace-recorder';
import { readProject } from '../../src/project/read-project';
import type { Project } from '../../src/project/project';
import { listFiles } from '../../src/runner/files/list-files';
import { loadMigration } from '../../src/runner/files/load-migration';
import type { MigrationFile } from '../../src/runner/files/migration-state';
import { Session } from '../../src/runner/session/session';
import { replay } from '../../src/scratch/replay';
import { withScratch } from '../../src/scratch/with-scratch';
import { withProject } from './projects';

const CORPUS = path.join(__dirname, '..', 'fixtures', 'lint', 'migrations');

const BASE = 'base.js';

/** A migration of the corpus: what it should be told of, and what was said. */
export interface CorpusCase {
  readonly name: string;
  /** Ids of rules; none for a good one. */
  readonly expected: readonly string[];
  readonly found: readonly Finding[];
  readonly trace: FileTrace;
}

const big = { rows: 8_000_000, bytes: 1_200_000_000 };

/** The tables of the corpus as production has them; `countries` alone is small. */
export const corpusSizes: TableSizes = {
  tables: {
    'public.users': big,
    'public.posts': big,
    'public.comments': big,
    'public.events': big,
    'public.events_2024': big,
    'public.events_2025': big,
    'public.events_2026': big,
    'public.post_counts': big,
    'public.countries': { rows: 40, bytes: 8192 },
  },
  trusted: true,
  invalidIndexes: [],
};

/**
 * Runs every migration of the corpus, each by itself on top of the base. Those with a transaction share a database, and are
 * rolled back; each of the others has one of its own.
 */
export async function runCorpus(
  url: string,
  isWanted: (name: string) => boolean = () => true,
): Promise<CorpusCase[]> {
  return withCorpusProject(url, async (project) => {
    const all = await listFiles(project.paths.migrations, 'migrations-path');
    const base = all.filter(({ name }) => name === BASE);
    const files = all.filter(({ name }) => name !== BASE && isWanted(name));
    return withScratch(project, undefined, async (scratch) => {
      const speed = await measureSpeed(await scratch.create());
      const shared = await replay(scratch, {
        stages: [base.map(({ name }) => name)],
        read: false,
        exclusive: false,
      });
      const cases: CorpusCase[] = [];
      for (const file of files) {
        const request = { before: base, files: [file], exclusive: false, speed };
        const trace = commits(file)
          ? (await traceFiles(scratch, request)).files[0]
          : await traceAndRollBack(shared.project, file);
        if (!trace) throw new Error(`${file.name} was not traced.`);
        const input = { files: [trace], sizes: corpusSizes, speed, threshold: {} };
        const found = lintTrace(input).flatMap(({ findings }) => findings);
        cases.push({
          name: file.name,
          expected: expectationOf(file.path),
          found: found.filter(({ safe }) => safe === undefined),
          trace,
        });
      }
      return cases;
    });
  });
}

/** Whether a file commits, or fails, so that nothing else can run on its database. */
function commits({ path: file }: MigrationFile): boolean {
  return /transaction: false|concurrently: true|expect: fails/.test(readFileSync(file, 'utf8'));
}

async function traceAndRollBack(project: Project, file: MigrationFile): Promise<FileTrace> {
  const { root, migrations } = project.paths;
  const recorder = new TraceRecorder(root, migrations);
  const session = await Session.open(project, undefined, { exclusive: false, tracer: recorder });
  try {
    const { up, safe } = await loadMigration(file);
    recorder.begin();
    await session.connection.begin();
    const settings = { keepWhole: false, ledgerPattern: /(?!)/ };
    const { failed, error } = await session.run(
      () => up?.(session.migrationArguments),
      'transaction',
      settings,
    );
    if (failed) throw error;
    return {
      name: file.name,
      path: path.relative(root, file.path),
      mode: 'transaction',
      asksNoTransaction: false,
      statements: recorder.statements,
      codeMs: 0,
      rollsBack: recorder.rollsBack,
      backfills: recorder.backfills,
      session: recorder.session,
      error: undefined,
      without: [],
      safe: safe as Record<string, string>,
    };
  } finally {
    await session.connection.rollback();
    await session.close();
  }
}

async function withCorpusProject<T>(
  url: string,
  use: (project: Project) => Promise<T>,
): Promise<T> {
  const names = readdirSync(CORPUS);
  const files = names.map((name) => [
    `migrations/${name}`,
    readFileSync(path.join(CORPUS, name), 'utf8'),
  ]);
  return withProject(Object.fromEntries(files) as Record<string, string>, async ({ root }) =>
    use(await readProject({ cwd: root, url })),
  );
}

function expectationOf(file: string): string[] {
  const [, list = ''] = /^\/\/ expect: (.*)$/m.exec(readFileSync(file, 'utf8')) ?? [];
  return list === 'nothing' ? [] : list.split(' ');
}
