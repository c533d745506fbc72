import type { ClientBase } from 'pg';
import { compareExact } from '../diff/compare-exact';
import { compareOthers } from '../diff/compare-others';
import { describeOperations } from '../diff/describe-operations';
import { isKeelError, KeelError, NOTHING_WRITTEN } from '../errors';
import type { Project } from '../project/project';
import { withProjectClient } from '../project/with-project-client';
import { run } from '../runner/run';
import { readStatus } from '../runner/read-status';
import { writeNewFile } from '../scaffold/new-files';
import { readDependencies } from '../schema/read-dependencies';
import { readUnread } from '../schema/read-unread';
import type { Schema } from '../schema/schema';
import { planBaseline } from './plan-baseline';
import { formatWithPrettier } from '../project/format-with-prettier';
import { proveFiles } from './prove-files';
import { renderReversible } from './render-reversible';
import { readProjectSchema } from '../scratch/replay';
import { withScratch } from '../scratch/with-scratch';
import { tryOperations, type Gap } from './try-operations';
import { planFiles, type NewFile, type StepText } from './plan-files';

export interface BaselineOptions {
  readonly name: string;
  readonly exclusive: boolean;
  readonly signal?: AbortSignal;
}

/** The first migration of a database that was there before it. */
export interface Baseline {
  readonly file: NewFile;
  /** What the database has besides, by name: nothing that a migration is written from. */
  readonly left: readonly string[];
}

/**
 * Writes the first migration of a project whose database is there already, proves that it builds the same
 * schema from nothing, and records it as applied.
 *
 * @throws KeelError HAS_MIGRATIONS, EMPTY_DATABASE, MIGRATION_NOT_PROVED
 */
export async function generateFromDatabase(
  project: Project,
  options: BaselineOptions,
): Promise<Baseline> {
  const { migrations } = await readStatus(project, 'migration').catch(noFolder);
  if (migrations.length > 0) throw hasMigrations(migrations[0]?.name ?? '');
  const live = await readLive(project);
  if (isEmpty(live.schema)) throw emptyDatabase(project);
  const written = await withScratch(project, options.signal, async (scratch) => {
    const target = await scratch.create();
    const before = await readProjectSchema(target);
    const all = planBaseline(before, live.schema, live.needs);
    const { kept, gaps } = await tryOperations(await scratch.create(), all);
    const left = [...live.left, ...gaps.map(({ what, reason }) => `${what} (${reason})`)];
    const render = (): StepText =>
      renderReversible(project, kept, left.map(notWritten), live.schema);
    const draft = render();
    const differences = (after: Schema): string[] => {
      left.push(...differencesOf(after, live.schema, gaps));
      return [];
    };
    const files = await planFiles(project, options.name, [draft]);
    const file = files[0] as NewFile;
    await proveFiles(target, files, { before, differences, ...options });
    // The gaps that only the proof has found are said in the file too.
    const said = render().text;
    const text = await formatWithPrettier(project.paths.root, file.path, said);
    writeNewFile(file.path, text, { replace: true });
    return { file: { ...file, text }, left };
  });
  await run(
    project,
    { kind: 'migration', direction: 'up' },
    { exclusive: options.exclusive, fake: true },
  );
  return written;
}

/** What the migration builds otherwise than it is, besides the gaps that are known. */
function differencesOf(after: Schema, live: Schema, gaps: readonly Gap[]): string[] {
  const sides = { before: 'what the migration builds', after: 'the database' };
  const differences = [
    ...describeOperations(compareExact(after, live), sides),
    ...compareOthers(after, live, sides, { definitions: true }),
  ];
  return differences
    .filter(({ text }) => !gaps.some(({ what }) => text.startsWith(`${what} is in`)))
    .map(({ table, text }) => (table === undefined ? text : `${table}: ${text}`));
}

function isEmpty({ tables, others, enums, sequences }: Schema): boolean {
  return tables.length + others.length + enums.length + sequences.length === 0;
}

interface Live {
  readonly schema: Schema;
  /** What of the database the migration does not hold. */
  readonly left: readonly string[];
  /** What each object needs, by key. */
  readonly needs: ReadonlyMap<string, readonly string[]>;
}

async function readLive(project: Project): Promise<Live> {
  const schema = await readProjectSchema(project);
  const read = async (client: ClientBase): Promise<Omit<Live, 'schema'>> => ({
    needs: await readDependencies(client),
    left: await readUnread(client),
  });
  return {
    schema,
    ...(await withProjectClient(project, read)),
  };
}

function noFolder(error: unknown): { readonly migrations: [] } {
  if (isKeelError(error, 'FOLDER_NOT_FOUND')) return { migrations: [] };
  throw error;
}

function hasMigrations(name: string): KeelError {
  return new KeelError(`This project has migrations already (${name})`, {
    code: 'HAS_MIGRATIONS',
    state: NOTHING_WRITTEN,
    hint: 'Write the difference between models and migrations with: keel migration:generate --from-models --name <name>',
  });
}

function emptyDatabase({ connection }: Project): KeelError {
  return new KeelError(`The database ${connection.database} has no tables`, {
    code: 'EMPTY_DATABASE',
    state: NOTHING_WRITTEN,
    hint: 'Write the first migration from the models: keel migration:generate --from-models --name <name>',
  });
}

function notWritten(what: string): string {
  return `Not written: ${what.replaceAll(/\s+/g, ' ')}`;
}
