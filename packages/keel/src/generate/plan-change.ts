import { sqlOf } from '../codegen/operation-sql';
import { compareSchemas } from '../diff/compare-schemas';
import type { Comparison } from '../diff/comparison';
import type { Operation } from '../diff/operation';
import { dropKeys, readDrops } from '../diff/read-drop';
import { readRenames } from '../diff/read-rename';
import type { RenameCandidate } from '../diff/rename-candidate';
import { findRenameCandidates, impliedRenames } from '../diff/rename-candidates';
import { oldNames, renamedTables, renameOperations, type Rename } from '../diff/rename-operations';
import { KeelError, NOTHING_WRITTEN } from '../errors';
import { ledgerTables } from '../project/ledger-tables';
import type { Project } from '../project/project';
import { withProjectClient } from '../project/with-project-client';
import { readSchema } from '../schema/read-schema';
import type { Schema } from '../schema/schema';
import type { ModelSide } from '../scratch/model-side';

/** What the user says about changes that cannot be told from the models alone. */
export interface RenameOptions {
  /** As `--rename` takes them: `users.name:users.fullName`. */
  readonly renames?: readonly string[];
  /** What is really to go: `users`, `users.name`, `users.users_name_idx`, `users.role.admin`. */
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
  /** Keys of what may go. */
  readonly drop: ReadonlySet<string>;
  /** Those that were given, answered or follow from them. */
  readonly renames: readonly Rename[];
  /** What the migrations build, under the new names. */
  readonly before: Schema;
}

/**
 * Works out the operations between what the migrations build and the models, renames included.
 *
 * @param replayed a scratch database with the migrations applied; it is left as it is
 * @throws KeelError AMBIGUOUS_RENAME, INVALID_RENAME, INVALID_DROP
 */
export async function planChange(
  replayed: Project,
  before: Schema,
  models: ModelSide,
  options: RenameOptions,
): Promise<ChangePlan> {
  const sides = {
    before,
    after: models.schema,
    isModel: (key: string) => models.facts.models.has(key),
  };
  const said: Rename[] = readRenames(options.renames ?? [], sides);
  const drops = readDrops(options.drop ?? [], before, said);
  const refused = new Set<string>();
  // An answer may bring up the next question: the columns of a table that has another name.
  for (;;) {
    const implied = impliedRenames(said, {
      before,
      after: models.schema,
      drop: dropKeys(drops, said),
    });
    const renames = [...said, ...implied];
    const drop = dropKeys(drops, renames);
    const plan = await compareRenamed(replayed, { before, models, drop }, renames);
    if (options.noRename === true) return plan;
    const search = { ...plan, after: models.schema };
    const open = findRenameCandidates(search).filter(({ flags }) => !refused.has(flags.join(' ')));
    if (open.length === 0) return plan;
    if (options.ask === undefined) throw ambiguous(open);
    const answers = await options.ask(open);
    if (answers.length === 0) return plan;
    for (const candidate of open) {
      if (!answers.includes(candidate)) refused.add(candidate.flags.join(' '));
    }
    said.push(...answers.flatMap((answer) => byOldNames(answer.renames, renames)));
  }
}

/** The candidates were found under the names that earlier answers gave. */
function byOldNames(found: readonly Rename[], earlier: readonly Rename[]): Rename[] {
  const names = oldNames(earlier);
  return found.map((rename) => ({ ...rename, table: names.table(rename.table) }));
}

interface RenameInput {
  readonly before: Schema;
  readonly models: ModelSide;
  readonly drop: ReadonlySet<string>;
}

/** Renames are made for real, so that PostgreSQL itself renames in every expression that uses the name. */
async function compareRenamed(
  replayed: Project,
  { before, models, drop }: RenameInput,
  renames: readonly Rename[],
): Promise<ChangePlan> {
  const operations = renameOperations(renames, before);
  const renamed = operations.length === 0 ? before : await readRenamed(replayed, operations);
  const comparison = compareSchemas(renamed, models.schema, {
    mode: 'models',
    facts: models.facts,
    drop,
    rename: renamedTables(renames),
  });
  return {
    operations: [...operations, ...comparison.operations],
    comparison,
    before: renamed,
    drop,
    renames,
  };
}

async function readRenamed(replayed: Project, operations: readonly Operation[]): Promise<Schema> {
  return withProjectClient(replayed, async (client) => {
    await client.query('BEGIN');
    for (const sql of operations.flatMap((operation) => sqlOf(operation))) await client.query(sql);
    const schema = await readSchema(client, {
      inTransaction: true,
      ignore: ledgerTables(replayed),
      patterns: replayed.settings.ignore,
    });
    await client.query('ROLLBACK');
    return schema;
  });
}

function ambiguous(candidates: readonly RenameCandidate[]): KeelError {
  const [first] = candidates;
  return new KeelError('Some changes may be renames, and that cannot be seen from the models:', {
    code: 'AMBIGUOUS_RENAME',
    details: candidates.map(({ from, to, also, flags }) => {
      const rest = also === '' ? '' : ` (with ${also})`;
      return `${from} -> ${to}${rest}   ${flags.map((flag) => `--rename ${flag}`).join(' ')}`;
    }),
    state: NOTHING_WRITTEN,
    hint: `Say so with --rename, or --drop ${first?.drop ?? ''} where it is really to go, or --no-rename for all.`,
  });
}
