import { sqlOf } from '../codegen/operation-sql';
import { compareSchemas } from '../diff/compare-schemas';
import type { Comparison } from '../diff/comparison';
import type { Operation } from '../diff/operation';
import {
  findRenameCandidates,
  parseRename,
  renamedTables,
  renameOperations,
  type Rename,
  type RenameCandidate,
} from '../diff/renames';
import { KeelError, NOTHING_WRITTEN } from '../errors';
import type { Project } from '../project/project';
import { withProjectClient } from '../project/with-project-client';
import { displayName, keyOf } from '../schema/object-names';
import { readSchema } from '../schema/read-schema';
import type { Schema } from '../schema/schema';
import type { ModelSide } from '../scratch/model-side';
import { ledgerTables } from '../scratch/replay';

/** What the user says about changes that cannot be told from the models alone. */
export interface RenameOptions {
  /** As `--rename` takes them: `users.name:users.fullName`. */
  readonly renames?: readonly string[];
  /** Tables, columns and indexes that are really to go: `users`, `users.name`, `users.users_name_idx`. */
  readonly drop?: readonly string[];
  /** True where no change is a rename. */
  readonly noRename?: boolean;
  /** Asked about changes that may be renames; without it they are an error. */
  readonly ask?: (candidates: readonly RenameCandidate[]) => Promise<readonly RenameCandidate[]>;
}

/** What a new migration has to do. */
export interface ChangePlan {
  readonly operations: readonly Operation[];
  readonly comparison: Comparison;
  readonly drop: ReadonlySet<string>;
}

/**
 * Works out the operations between what the migrations build and the models, renames included.
 *
 * @param replayed a scratch database with the migrations applied; it is left as it is
 * @throws KeelError AMBIGUOUS_RENAME, INVALID_RENAME
 */
export async function planChange(
  replayed: Project,
  before: Schema,
  models: ModelSide,
  options: RenameOptions,
): Promise<ChangePlan> {
  const drop = new Set((options.drop ?? []).map((name) => dropKey(before, name)));
  const given = (options.renames ?? []).map((text) => parseRename(text, before));
  const first = await compareRenamed(replayed, before, models, given, drop);
  const open =
    options.noRename === true ? [] : openCandidates(first.before, first.comparison, drop);
  if (open.length === 0) return { ...first, drop };
  if (options.ask === undefined) throw ambiguous(open);
  const answers = await options.ask(open);
  const second = await compareRenamed(
    replayed,
    before,
    models,
    [...given, ...answers.map(({ rename }) => rename)],
    drop,
  );
  return { ...second, drop };
}

/** Renames are made for real, so that PostgreSQL itself renames in every expression that uses the name. */
async function compareRenamed(
  replayed: Project,
  before: Schema,
  models: ModelSide,
  renames: readonly Rename[],
  drop: ReadonlySet<string>,
): Promise<{ operations: readonly Operation[]; comparison: Comparison; before: Schema }> {
  const operations = renameOperations(renames);
  const renamed = operations.length === 0 ? before : await readRenamed(replayed, operations);
  const rename = renamedTables(renames);
  const comparison = compareSchemas(renamed, models.schema, {
    mode: 'models',
    facts: models.facts,
    drop,
    rename,
  });
  return { operations: [...operations, ...comparison.operations], comparison, before: renamed };
}

async function readRenamed(replayed: Project, operations: readonly Operation[]): Promise<Schema> {
  return withProjectClient(replayed, async (client) => {
    await client.query('BEGIN');
    for (const sql of operations.flatMap((operation) => sqlOf(operation))) await client.query(sql);
    const schema = await readSchema(client, {
      inTransaction: true,
      ignore: ledgerTables(replayed),
    });
    await client.query('ROLLBACK');
    return schema;
  });
}

/** The key of what `--drop` names. */
function dropKey(before: Schema, name: string): string {
  const isTable = before.tables.some(
    (table) => displayName(table) === name || keyOf(table) === name,
  );
  const segments = name.split('.');
  const hasSchema = before.tables.some(
    (table) => name === keyOf(table) || name.startsWith(`${keyOf(table)}.`),
  );
  if (isTable) return hasSchema ? name : `public.${name}`;
  return hasSchema || segments.length > 2 ? name : `public.${name}`;
}

function openCandidates(
  before: Schema,
  comparison: Comparison,
  drop: ReadonlySet<string>,
): RenameCandidate[] {
  return findRenameCandidates(before, comparison).filter(({ rename: { table, column } }) => {
    const key = column === undefined ? keyOf(table) : `${keyOf(table)}.${column}`;
    return !drop.has(key);
  });
}

function ambiguous(candidates: readonly RenameCandidate[]): KeelError {
  const [first] = candidates;
  return new KeelError('Some changes may be renames, and that cannot be seen from the models:', {
    code: 'AMBIGUOUS_RENAME',
    details: candidates.map(({ from, to }) => `${from} -> ${to}   --rename ${from}:${to}`),
    state: NOTHING_WRITTEN,
    hint: `Say so with --rename, or --drop ${first?.from ?? ''} where it is really to go, or --no-rename for all.`,
  });
}
