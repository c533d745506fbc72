import type { CodegenContext } from '../codegen/context';
import { writeMigrationFile } from '../codegen/file';
import { writeStatements } from '../codegen/statements';
import { compareSchemas } from '../diff/compare';
import type { Operation } from '../diff/operations';
import { reverseAll } from '../diff/reverse';
import { KeelError } from '../errors';
import { sequelizeVersion } from '../project/sequelize';
import type { Project } from '../project/types';
import { run } from '../runner/migrator';
import { readStatus } from '../runner/status';
import { readFileStyle } from '../scaffold/file-style';
import { quoteTable } from '../db/quote';
import { emptyFacts } from '../schema/model-facts';
import { byKey } from '../schema/read';
import type { OtherObject, Schema } from '../schema/types';
import { proveSteps } from './prove';
import { readProjectSchema } from './replay';
import { withScratch } from './scratch';
import { writeSteps, type NewFile } from './write-steps';

export interface BaselineOptions {
  readonly name: string;
  readonly exclusive: boolean;
  readonly signal?: AbortSignal;
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
): Promise<NewFile> {
  const { migrations } = await readStatus(project, 'migration').catch(noFolder);
  if (migrations.length > 0) throw hasMigrations(migrations[0]?.name ?? '');
  const live = await readProjectSchema(project);
  if (live.tables.length === 0) throw emptyDatabase(project);
  const file = await withScratch(project, options.signal, async (scratch) => {
    const target = await scratch.create();
    const before = await readProjectSchema(target);
    const text = writeBaseline(project, before, live);
    const isReached = (after: Schema): readonly Operation[] =>
      compareSchemas(after, live, { mode: 'exact', facts: emptyFacts() }).operations;
    await proveSteps(target, [text], { before, isReached, ...options });
    return writeSteps(project, options.name, [text])[0];
  });
  if (file === undefined) throw emptyDatabase(project);
  await run(
    project,
    { kind: 'migration', direction: 'up' },
    { exclusive: options.exclusive, fake: true },
  );
  return file;
}

function noFolder(error: unknown): { readonly migrations: [] } {
  if (error instanceof KeelError && error.code === 'FOLDER_NOT_FOUND') return { migrations: [] };
  throw error;
}

function hasMigrations(name: string): KeelError {
  return new KeelError(`This project has migrations already (${name})`, {
    code: 'HAS_MIGRATIONS',
    state: 'Nothing was written.',
    hint: 'Write the difference between models and migrations with: keel migration:generate --from-models --name <name>',
  });
}

function emptyDatabase({ connection }: Project): KeelError {
  return new KeelError(`The database ${connection.database} has no tables`, {
    code: 'EMPTY_DATABASE',
    state: 'Nothing was written.',
    hint: 'Write the first migration from the models: keel migration:generate --from-models --name <name>',
  });
}

function writeBaseline(
  project: Project,
  before: Schema,
  live: Schema,
): { suffix: string; text: string; extension: string } {
  const style = readFileStyle(project.paths.migrations, project.paths.root);
  const major = sequelizeVersion(project.paths.root)?.major;
  const context: CodegenContext = { language: style.language, sequelizeMajor: major === 5 ? 5 : 6 };
  const { operations } = compareSchemas(before, live, { mode: 'exact', facts: emptyFacts() });
  const all = withOthers(operations, live);
  const text = writeMigrationFile(
    context,
    {
      up: writeStatements(context, all, byKey(live.enums)),
      down: writeStatements(context, reverseAll(all), byKey(live.enums)),
      remarks: new Map(),
      withoutTransaction: false,
    },
    { printWidth: 80 },
  );
  return { suffix: '', text, extension: style.extension };
}

/** Functions and types before the tables that may use them, views after. */
function withOthers(operations: readonly Operation[], live: Schema): Operation[] {
  const isEarly = ({ kind }: OtherObject): boolean =>
    !['view', 'materialized view', 'rule'].includes(kind);
  const firstTable = operations.findIndex(
    ({ type }) => type === 'createEnum' || type === 'createTable',
  );
  const at = firstTable === -1 ? operations.length : firstTable;
  const early = live.others.filter(isEarly);
  const sequences = live.sequences.map((sequence) =>
    sql(
      `sequence ${sequence.name}`,
      `CREATE SEQUENCE ${quoteTable(sequence.schema, sequence.name)} ${sequence.definition}`,
      `DROP SEQUENCE ${quoteTable(sequence.schema, sequence.name)}`,
    ),
  );
  const checks = early.some(({ kind }) => kind === 'function' || kind === 'procedure')
    ? [sql('function bodies', 'SET LOCAL check_function_bodies = off')]
    : [];
  return [
    ...operations.slice(0, at),
    ...checks,
    ...sequences,
    ...early
      .filter(({ kind }) => kind !== 'aggregate')
      .sort((a, b) => rank(a) - rank(b))
      .map(objectOperation),
    ...operations.slice(at),
    ...byDependency(live.others.filter((object) => !isEarly(object))).map(objectOperation),
  ];
}

/** A view after those whose names its definition holds. */
function byDependency(objects: readonly OtherObject[]): OtherObject[] {
  const ordered: OtherObject[] = [];
  const add = (object: OtherObject, path: readonly OtherObject[]): void => {
    if (ordered.includes(object) || path.includes(object)) return;
    const needed = objects.filter(
      (other) => other !== object && object.definition.includes(other.name),
    );
    for (const other of needed) add(other, [...path, object]);
    ordered.push(object);
  };
  for (const object of objects) add(object, []);
  return ordered;
}

function rank({ kind }: OtherObject): number {
  return kind === 'function' || kind === 'procedure' ? 1 : 0;
}

function sql(what: string, up: string, down?: string): Operation {
  return {
    type: 'runSql',
    table: { schema: 'public', name: '' },
    what,
    up: [up],
    down: down === undefined ? [] : [down],
  };
}

function objectOperation(object: OtherObject): Operation {
  const name = quoteTable(object.schema, object.name);
  const definition = object.definition.trim().replace(/;$/, '');
  const what = `${object.kind} ${object.identity}`;
  switch (object.kind) {
    case 'view':
      return sql(what, `CREATE VIEW ${name} AS\n${definition}`, `DROP VIEW ${name}`);
    case 'materialized view':
      return sql(
        what,
        `CREATE MATERIALIZED VIEW ${name} AS\n${definition}`,
        `DROP MATERIALIZED VIEW ${name}`,
      );
    case 'function':
    case 'procedure': {
      const args = object.identity.slice(object.name.length);
      return sql(what, definition, `DROP ${object.kind.toUpperCase()} ${name}${args}`);
    }
    case 'domain':
      return sql(what, `CREATE DOMAIN ${name} ${definition}`, `DROP DOMAIN ${name}`);
    case 'rule':
      return sql(what, definition);
    case 'aggregate':
    case 'composite type':
    case 'range type':
      return sql(what, `CREATE TYPE ${name} ${definition}`, `DROP TYPE ${name}`);
  }
}
