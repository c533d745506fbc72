import type { ClientBase } from 'pg';
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
import { keyOf } from '../schema/object-names';
import { ledgerTables } from '../project/ledger-tables';
import type { Project } from '../project/project';
import { withProjectClient } from '../project/with-project-client';
import {
  NOTHING_ASIDE,
  readDependents,
  readHeldColumns,
  type ChangedColumn,
  type SteppingAside,
} from './read-dependents';
import { readSchema } from '../schema/read-schema';
import type { Schema } from '../schema/schema';
import type { ModelSide } from '../scratch/model-side';

/** What the user says about changes that cannot be told from the models alone. */
export interface RenameOptions {
  /** As `--rename` takes them: `users.name:users.fullName`. */
  readonly renames?: readonly string[];
  /** The same, already read: those that are made in steps. */
  readonly expanded?: readonly Rename[];
  /** What is really to go: `users`, `users.name`, `users.users_name_idx`, `users.role.admin`. */
  readonly drop?: readonly string[];
  /** True where no change is a rename. */
  readonly noRename?: boolean;
  /** Asked about changes that may be renames; without it they are an error. */
  readonly ask?: (candidates: readonly RenameCandidate[]) => Promise<readonly RenameCandidate[]>;
}

/** What a new migration has to do. */
export interface ChangePlan {
  /** All that the migration does. */
  readonly operations: readonly Operation[];
  /** What of it changes something: without what only steps aside and comes back. */
  readonly changes: readonly Operation[];
  readonly comparison: Comparison;
  /** Keys of what may go. */
  readonly drop: ReadonlySet<string>;
  /** Those that were given, answered or follow from them. */
  readonly renames: readonly Rename[];
  /** What the migrations build, under the new names. */
  readonly before: Schema;
  /** What uses columns whose type changes, and cannot step aside. */
  readonly blockers: readonly string[];
}

/** A database with the migrations applied, on which changes are tried. */
export interface Replayed {
  /** Lends a connection to `use` and rolls back what it does. */
  readonly attempt: <T>(use: (client: ClientBase) => Promise<T>) => Promise<T>;
  readonly read: (client: ClientBase) => Promise<Schema>;
}

/** A scratch database to which the project's migrations were applied. */
export function replayedOn(scratch: Project): Replayed {
  return {
    attempt: (use) =>
      withProjectClient(scratch, async (client) => {
        await client.query('BEGIN');
        const result = await use(client);
        await client.query('ROLLBACK');
        return result;
      }),
    read: (client) => readSchema(client, { inTransaction: true, ignore: ledgerTables(scratch) }),
  };
}

/**
 * Works out the operations between what the migrations build and the models, renames included.
 *
 * @throws KeelError AMBIGUOUS_RENAME, INVALID_RENAME, INVALID_DROP
 */
export async function planChange(
  replayed: Replayed,
  before: Schema,
  models: ModelSide,
  options: RenameOptions,
): Promise<ChangePlan> {
  const sides = {
    before,
    after: models.schema,
    isModel: (key: string) => models.facts.models.has(key),
  };
  const { renames: texts = [], expanded = [] } = options;
  const said: Rename[] = [...readRenames(texts, sides), ...expanded];
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
    said.push(...answers.flatMap((answer) => byOldNames(answer.renames, renames, before)));
  }
}

/** The candidates were found under the names that earlier answers gave, and enums under their new ones. */
function byOldNames(
  found: readonly Rename[],
  earlier: readonly Rename[],
  before: Schema,
): Rename[] {
  const names = oldNames(earlier);
  return found.map((rename) => {
    const table = names.table(rename.table);
    if (rename.kind !== 'value') return { ...rename, table };
    const column = names.column(rename.table, rename.column);
    const owner = before.tables.find((one) => keyOf(one) === keyOf(table));
    const type = owner?.columns.find(({ name }) => name === column)?.enumType;
    return { ...rename, table, column, enum: type ?? rename.enum };
  });
}

interface RenameInput {
  readonly before: Schema;
  readonly models: ModelSide;
  readonly drop: ReadonlySet<string>;
}

/** Renames are made for real, so that PostgreSQL itself renames in every expression that uses the name. */
async function compareRenamed(
  replayed: Replayed,
  { before, models, drop }: RenameInput,
  renames: readonly Rename[],
): Promise<ChangePlan> {
  const operations = renameOperations(renames, before);
  for (;;) {
    const renamed =
      operations.length === 0 ? before : await withRenames(replayed, operations, replayed.read);
    const comparison = compareSchemas(renamed, models.schema, {
      mode: 'models',
      facts: models.facts,
      drop,
      rename: renamedTables(renames),
    });
    // Defaults and conditions name the enum, so it is renamed for real as well.
    const enums = comparison.operations.filter(({ type }) => type === 'renameEnum');
    const made = new Set(operations.map((operation) => JSON.stringify(operation)));
    const open = enums.filter((operation) => !made.has(JSON.stringify(operation)));
    if (open.length === 0) {
      return planWith(replayed, operations, { comparison, before: renamed, drop, renames });
    }
    operations.push(...open);
  }
}

async function planWith(
  replayed: Replayed,
  operations: readonly Operation[],
  known: Pick<ChangePlan, 'comparison' | 'before' | 'drop' | 'renames'>,
): Promise<ChangePlan> {
  const changes = await markHeld(replayed, operations, known.comparison.operations);
  const comparison = { ...known.comparison, operations: changes };
  const aside = await readAside(replayed, operations, changes);
  return {
    ...known,
    operations: [...operations, ...aside.first, ...changes, ...aside.last],
    changes: [...operations, ...changes],
    comparison,
    blockers: aside.blockers,
  };
}

async function withRenames<T>(
  replayed: Replayed,
  renames: readonly Operation[],
  use: (client: ClientBase) => Promise<T>,
): Promise<T> {
  return replayed.attempt(async (client) => {
    for (const sql of renames.flatMap((operation) => sqlOf(operation))) await client.query(sql);
    return use(client);
  });
}

/** Changes of columns that must be written without their type, see `asSql` of {@link Operation}. */
async function markHeld(
  replayed: Replayed,
  renames: readonly Operation[],
  operations: readonly Operation[],
): Promise<Operation[]> {
  const columns = operations.flatMap((operation): ChangedColumn[] =>
    operation.type === 'changeNull' || operation.type === 'changeDefault'
      ? [{ table: operation.table, column: operation.before.name }]
      : [],
  );
  if (columns.length === 0) return [...operations];
  const found = await withRenames(replayed, renames, (client) => readHeldColumns(client, columns));
  const held = new Set(found.map(({ table, column }) => JSON.stringify([keyOf(table), column])));
  return operations.map((operation) =>
    (operation.type === 'changeNull' || operation.type === 'changeDefault') &&
    held.has(JSON.stringify([keyOf(operation.table), operation.before.name]))
      ? { ...operation, asSql: true }
      : operation,
  );
}

/** What has to step aside while columns get another type. */
async function readAside(
  replayed: Replayed,
  renames: readonly Operation[],
  operations: readonly Operation[],
): Promise<SteppingAside> {
  const columns = operations.flatMap((operation): ChangedColumn[] => {
    if (operation.type === 'changeType')
      return [{ table: operation.table, column: operation.before.name }];
    if (operation.type !== 'replaceEnum') return [];
    return operation.columns.map(({ table, column }) => ({ table, column }));
  });
  if (columns.length === 0) return NOTHING_ASIDE;
  return withRenames(replayed, renames, (client) => readDependents(client, columns));
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
