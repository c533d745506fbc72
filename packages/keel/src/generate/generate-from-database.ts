import type { ClientBase } from 'pg';
import type { CodegenContext } from '../codegen/codegen-context';
import { writeMigrationFile } from '../codegen/write-migration-file';
import { writeStatements } from '../codegen/write-statements';
import { compareSchemas } from '../diff/compare-schemas';
import { compareOthers } from '../diff/compare-others';
import { describeOperations } from '../diff/describe-operations';
import { reverseAll } from '../diff/reverse';
import { isKeelError, KeelError, NOTHING_WRITTEN } from '../errors';
import { sequelizeVersion } from '../project/load-sequelize';
import type { Project } from '../project/project';
import { withProjectClient } from '../project/with-project-client';
import { run } from '../runner/run';
import { readStatus } from '../runner/read-status';
import { readFileStyle } from '../scaffold/file-style';
import { emptyFacts } from '../schema/model-facts';
import { byKey } from '../schema/read-schema';
import { readDependencies } from '../schema/read-dependencies';
import { readUnread } from '../schema/read-unread';
import type { Schema } from '../schema/schema';
import { planBaseline } from './plan-baseline';
import { proveSteps } from './prove-steps';
import { readProjectSchema } from '../scratch/replay';
import { withScratch } from '../scratch/with-scratch';
import { writeSteps, type NewFile } from './write-steps';

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
  if (live.schema.tables.length === 0) throw emptyDatabase(project);
  const file = await withScratch(project, options.signal, async (scratch) => {
    const target = await scratch.create();
    const before = await readProjectSchema(target);
    const text = writeBaseline(project, before, live);
    const differences = (after: Schema): string[] => {
      const sides = { before: 'what the migration builds', after: 'the database' };
      const { operations } = compareSchemas(after, live.schema, {
        mode: 'exact',
        facts: emptyFacts(),
      });
      return [
        ...describeOperations(operations, sides),
        ...compareOthers(after, live.schema, sides, { definitions: true }),
      ].map(({ table, text: what }) => (table === undefined ? what : `${table}: ${what}`));
    };
    await proveSteps(target, [text], { before, differences, ...options });
    return writeSteps(project, options.name, [text])[0];
  });
  if (file === undefined) throw emptyDatabase(project);
  await run(
    project,
    { kind: 'migration', direction: 'up' },
    { exclusive: options.exclusive, fake: true },
  );
  return { file, left: live.left };
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

function writeBaseline(
  project: Project,
  before: Schema,
  { schema, needs }: Live,
): { suffix: string; text: string; extension: string } {
  const style = readFileStyle(project.paths.migrations, project.paths.root);
  const major = sequelizeVersion(project.paths.root)?.major;
  const context: CodegenContext = { language: style.language, sequelizeMajor: major === 5 ? 5 : 6 };
  const all = planBaseline(before, schema, needs);
  const text = writeMigrationFile(
    context,
    {
      up: writeStatements(context, all, byKey(schema.enums)),
      down: writeStatements(context, reverseAll(all), byKey(schema.enums)),
      remarks: new Map(),
      withoutTransaction: false,
    },
    { printWidth: 80 },
  );
  return { suffix: '', text, extension: style.extension };
}
