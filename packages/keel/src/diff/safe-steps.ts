import { quoteIdentifier, quoteTable } from '../db/quote';
import { keyOf } from '../schema/object-names';
import type { Constraint, Index, QualifiedName } from '../schema/schema';
import { fillRows, fillSteps, needsFilling, requireSteps } from './fill-column';
import { tableOf, type Operation, type OperationOf } from './operation';

/** In this order steps run. */
const stages = ['main', 'fill', 'validate', 'index', 'contract'] as const;

/** Operations that belong into one migration file. */
export interface Step {
  readonly stage: (typeof stages)[number];
  /** Added to the migration's name; empty for the first. */
  readonly suffix: string;
  /** False for a file that has to run outside of a transaction. */
  readonly transaction: boolean;
  readonly operations: readonly Operation[];
  /** Lines to stand above an operation: what has to be done by hand, and when. */
  readonly notes?: ReadonlyMap<Operation, string>;
  /** Whether it has to wait until no session of the release of before is left. */
  readonly later?: boolean;
  /** Rules of `db:lint` that it breaks on purpose, each with the reason. */
  readonly safe?: Readonly<Record<string, string>>;
}

/** Steps in their order, those of one name as one. */
export function mergeSteps(steps: readonly Step[]): Step[] {
  const merged = new Map<string, Step>();
  for (const step of steps) {
    const other = merged.get(step.suffix);
    merged.set(step.suffix, other === undefined ? step : joined(other, step));
  }
  const rank = ({ stage }: Step): number => stages.indexOf(stage);
  return [...merged.values()]
    .filter(({ operations }) => operations.length > 0)
    .sort((a, b) => rank(a) - rank(b));
}

function joined(first: Step, second: Step): Step {
  return {
    ...first,
    operations: [...first.operations, ...second.operations],
    notes: new Map([...(first.notes ?? []), ...(second.notes ?? [])]),
    safe: { ...first.safe, ...second.safe },
  };
}

/**
 * The operations with those marked that must not state a whole column: NOT NULL will be set in a later step than the rest
 * of its column, and each would take back what the other has done. Marked are also columns that have to be filled.
 *
 * @param isBig as for {@link planSteps}
 */
export function markSplitColumns(
  operations: readonly Operation[],
  isBig: (table: QualifiedName) => boolean,
  options: FillOptions = {},
): Operation[] {
  const columnOf = ({ table, before }: ColumnOperation): string =>
    JSON.stringify([keyOf(table), before.name]);
  const split = new Set(
    operations.flatMap((operation) =>
      operation.type === 'changeNull' && operation.after.notNull && isBig(operation.table)
        ? [columnOf(operation)]
        : [],
    ),
  );
  const isFilled = (operation: OperationOf<'addColumn'>): boolean =>
    options.fill === true && isBig(operation.table) && needsFilling(operation, operations);
  return operations.map((operation) => {
    if (operation.type === 'addColumn' && isFilled(operation))
      return { ...operation, filled: true };
    return isColumnOperation(operation) && split.has(columnOf(operation))
      ? { ...operation, asSql: true }
      : operation;
  });
}

/** Whether the project can call keel's `backfill`. */
export interface FillOptions {
  readonly fill?: boolean;
}

type ColumnOperation = OperationOf<'changeType' | 'changeDefault' | 'changeNull'>;

function isColumnOperation(operation: Operation): operation is ColumnOperation {
  return ['changeType', 'changeDefault', 'changeNull'].includes(operation.type);
}

/**
 * Splits `operations` so that tables with many rows are never locked for as long as it takes to read
 * them: constraints are added NOT VALID and validated in a later file, NOT NULL goes through a validated
 * CHECK, and each index is built CONCURRENTLY in a file of its own.
 *
 * @param isBig whether a table has many rows, by the name that renames have given it
 * @param isPartitioned whether it has partitions: its index is built partition by partition, its keys are added at once
 */
export function planSteps(
  operations: readonly Operation[],
  isBig: (table: QualifiedName) => boolean,
  isPartitioned: (table: QualifiedName) => boolean,
): Step[] {
  const created = new Set(
    operations.flatMap((op) => (op.type === 'createTable' ? [keyOf(op.table)] : [])),
  );
  const main: Operation[] = [];
  const later: Operation[] = [];
  const fills: Step[] = [];
  const notes = new Map<Operation, string>();
  const indexes: Step[] = [];
  for (const operation of operations) {
    const table = tableOf(operation);
    const needsCare = table !== undefined && isBig(table) && !created.has(keyOf(table));
    if (!needsCare) main.push(operation);
    else if (operation.type === 'addColumn' && operation.filled)
      fillCarefully(operation, { main, later, fills, notes });
    else if (operation.type === 'createIndex')
      indexes.push(concurrently(operation, [], isPartitioned(table)));
    else if (operation.type === 'addConstraint' && !(isPartitioned(table) && isWhole(operation)))
      addCarefully(operation, main, later, indexes);
    else if (operation.type === 'changeNull' && operation.after.notNull)
      requireCarefully(operation, { main, later, fills, notes });
    else main.push(operation);
  }
  const steps: Step[] = [
    { stage: 'main', suffix: '', transaction: true, operations: main },
    ...fills,
    { stage: 'validate', suffix: '-validate', transaction: false, operations: later, notes },
    ...indexes,
  ];
  return mergeSteps(steps);
}

/**
 * What PostgreSQL adds to a partitioned table at once: a key has no index that could be built before, and a foreign key is
 * NOT VALID only from version 18 on.
 */
function isWhole({ constraint }: OperationOf<'addConstraint'>): boolean {
  return constraint.kind !== 'check';
}

function concurrently(
  { table, index }: Pick<OperationOf<'createIndex'>, 'table' | 'index'>,
  then: readonly Operation[],
  onPartitions = false,
): Step {
  const build: Operation = onPartitions
    ? { type: 'createIndex', table, index, onPartitions }
    : { type: 'createIndex', table, index, concurrently: true };
  const suffix = `-index-${index.name}`;
  return { stage: 'index', suffix, transaction: false, operations: [build, ...then] };
}

function addCarefully(
  operation: OperationOf<'addConstraint'>,
  main: Operation[],
  later: Operation[],
  indexes: Step[],
): void {
  const { table, constraint } = operation;
  if (constraint.kind === 'foreign key' || constraint.kind === 'check') {
    main.push({ ...operation, notValid: true });
    later.push({ type: 'validateConstraint', table, constraint });
  } else if (constraint.kind === 'unique' && constraint.definition.startsWith('UNIQUE (')) {
    indexes.push(
      concurrently({ table, index: indexFor(constraint) }, [useIndex(table, constraint)]),
    );
  } else {
    main.push(operation);
  }
}

/** The index that the constraint then takes over, name and all. */
function indexFor({ name, columns, definition }: Constraint): Index {
  return {
    name,
    unique: true,
    method: 'btree',
    fields: columns.map((text) => ({ text, isExpression: false, order: 'ASC' })),
    tail: `USING btree ${definition.slice('UNIQUE '.length)}`,
    special: false,
    valid: true,
    dependsOn: columns,
  };
}

function useIndex(table: OperationOf<'runSql'>['table'], { name }: Constraint): Operation {
  const on = quoteTable(table.schema === 'public' ? undefined : table.schema, table.name);
  const quoted = quoteIdentifier(name);
  return {
    type: 'runSql',
    table,
    what: `constraint ${name}`,
    up: [`ALTER TABLE ${on} ADD CONSTRAINT ${quoted} UNIQUE USING INDEX ${quoted}`],
    down: [`ALTER TABLE ${on} DROP CONSTRAINT ${quoted}`],
  };
}

interface FillParts {
  readonly main: Operation[];
  readonly later: Operation[];
  readonly fills: Step[];
  readonly notes: Map<Operation, string>;
}

function fillCarefully(
  operation: OperationOf<'addColumn'>,
  { main, later, fills, notes }: FillParts,
): void {
  const { add, fill, require: required, notes: said } = fillSteps(operation);
  main.push(add);
  fills.push({
    stage: 'fill',
    suffix: `-backfill-${operation.column.name}`,
    transaction: false,
    operations: [fill],
    notes: new Map([[fill, said.fill]]),
  });
  later.push(...required);
  for (const first of required.slice(0, 1)) notes.set(first, said.require);
}

function requireCarefully(
  operation: OperationOf<'changeNull'>,
  { main, later, fills, notes }: FillParts,
): void {
  const { proof, later: steps } = requireSteps(operation.table, operation);
  if (operation.filled === true) {
    const { fill, note, requireNote } = fillRows(operation);
    const suffix = `-backfill-${operation.after.name}`;
    const own = new Map([[fill, note]]);
    fills.push({ stage: 'fill', suffix, transaction: false, operations: [fill], notes: own });
    // Before it is filled, a row without a value could not be changed in any column.
    later.push(proof);
    notes.set(proof, requireNote);
  } else main.push(proof);
  // The operation itself, by which its hazards are known.
  later.push(...steps.map((step) => (step.type === 'changeNull' ? operation : step)));
}
