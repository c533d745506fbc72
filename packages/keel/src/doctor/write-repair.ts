import path from 'node:path';
import { trialSql } from '../codegen/trial-sql';
import { compareExact } from '../diff/compare-exact';
import { describeOperations } from '../diff/describe-operations';
import { planBaseline } from '../generate/plan-baseline';
import { planFiles, withProofFolder, type NewFile } from '../generate/plan-files';
import { proveFiles } from '../generate/prove-files';
import { renderReversible } from '../generate/render-reversible';
import { tryOperations } from '../generate/try-operations';
import { isKeelError } from '../errors';
import type { Project } from '../project/project';
import { withProjectClient } from '../project/with-project-client';
import { run } from '../runner/run';
import { keyOf } from '../schema/object-names';
import { readDependencies } from '../schema/read-dependencies';
import type { Schema } from '../schema/schema';
import { readProjectSchema, replay } from '../scratch/replay';
import { withScratch, type Scratch } from '../scratch/with-scratch';
import { findLeftovers, type Leftover } from './find-leftovers';
import { readUses } from './read-uses';

const NAME = 'clear-sync-leftovers';

const REMARK = [
  'What sync({ alter: true }) has left in a database. One that only the migrations have built',
  'has none of it.',
];

/** What was written, and what was not. */
export interface Repair {
  /** None where there is nothing to clear. */
  readonly files: readonly NewFile[];
  /** What the migrations build and need, so that clearing it would part the database from them. */
  readonly left: readonly string[];
}

/**
 * Writes the migration that clears what `sync({ alter: true })` has left behind. It has been run up and down on a
 * copy of the database's schema, and up after all other migrations, before the file is there.
 *
 * @throws KeelError MIGRATION_NOT_PROVED, NO_SCRATCH_DATABASE
 */
export async function writeRepair(
  project: Project,
  leftovers: readonly Leftover[],
  signal: AbortSignal | undefined,
): Promise<Repair> {
  if (leftovers.length === 0) return { files: [], left: [] };
  const live = await readProjectSchema(project);
  return withScratch(project, signal, async (scratch) => {
    const replayed = await replayAll(scratch, signal);
    const needed = replayed === undefined ? new Set<string>() : await readNeeded(replayed);
    const clear = leftovers.filter(({ key }) => !needed.has(key));
    const left = leftovers.filter(({ key }) => needed.has(key)).map(({ what }) => what);
    if (clear.length === 0) return { files: [], left };
    const files = await planFiles(project, NAME, [
      renderReversible(
        project,
        clear.map(({ operation }) => operation),
        REMARK,
        live,
      ),
    ]);
    if (replayed !== undefined) await proveAfterOthers(replayed.project, files, signal);
    const copy = await copySchema(project, scratch, live);
    const before = await readProjectSchema(copy);
    const expected = withoutLeftovers(before, clear);
    await proveFiles(copy, files, {
      before,
      differences: (after) => {
        const sides = { before: 'what should be left', after: 'what is left' };
        return describeOperations(compareExact(expected, after), sides).map(({ text }) => text);
      },
      exclusive: true,
      signal,
    });
    return { files, left };
  });
}

interface Replayed {
  readonly project: Project;
  readonly schema: Schema;
}

/** Migrations that cannot be replayed say nothing. */
async function replayAll(
  scratch: Scratch,
  signal: AbortSignal | undefined,
): Promise<Replayed | undefined> {
  try {
    const { project, schemas } = await replay(scratch, { exclusive: true, signal });
    return { project, schema: schemas[0]! };
  } catch (error) {
    if (isKeelError(error, 'REPLAY_FAILED')) return undefined;
    throw error;
  }
}

/** What the migrations build and is no leftover there, such as a type that a column has. */
async function readNeeded({ project, schema }: Replayed): Promise<ReadonlySet<string>> {
  const uses = await withProjectClient(project, readUses);
  const surplus = new Set(findLeftovers(schema, uses).clear.map(({ key }) => key));
  const built = [
    ...schema.enums.map(keyOf),
    ...schema.tables.flatMap((table) =>
      [...table.constraints, ...table.indexes].map(({ name }) => `${keyOf(table)}.${name}`),
    ),
  ];
  return new Set(built.filter((key) => !surplus.has(key)));
}

/** A new database runs the file after all others. */
async function proveAfterOthers(
  replayed: Project,
  files: readonly NewFile[],
  signal: AbortSignal | undefined,
): Promise<void> {
  await withProofFolder(replayed, files, async (migrations) => {
    const names = files.map((file) => path.basename(file.path));
    await run(
      { ...replayed, paths: { ...replayed.paths, migrations } },
      { kind: 'migration', direction: 'up', names },
      { exclusive: true, signal },
    );
  });
}

/** A scratch database with the schema of the real one, as far as it can be made anew. */
async function copySchema(project: Project, scratch: Scratch, live: Schema): Promise<Project> {
  const copy = await scratch.create();
  const needs = await withProjectClient(project, readDependencies);
  const all = planBaseline(await readProjectSchema(copy), live, needs);
  const { kept } = await tryOperations(copy, all);
  await withProjectClient(copy, async (client) => {
    await client.query('BEGIN');
    for (const sql of kept.flatMap(trialSql)) await client.query(sql);
    await client.query('COMMIT');
  });
  return copy;
}

function withoutLeftovers(schema: Schema, leftovers: readonly Leftover[]): Schema {
  const gone = new Set(leftovers.map(({ key }) => key));
  return {
    ...schema,
    enums: schema.enums.filter((type) => !gone.has(keyOf(type))),
    tables: schema.tables.map((table) => {
      const stays = ({ name }: { readonly name: string }): boolean =>
        !gone.has(`${keyOf(table)}.${name}`);
      return {
        ...table,
        constraints: table.constraints.filter(stays),
        indexes: table.indexes.filter(stays),
      };
    }),
  };
}
