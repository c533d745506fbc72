import { quoteIdentifier, quoteTable } from '../db/quote';
import { defaultObjectName, keyOf, truncateName } from '../schema/object-names';
import type { Constraint, Index, QualifiedName, Table } from '../schema/schema';
import { tableOf, type Operation, type OperationOf } from './operation';

/** Operations that belong into one migration file. */
export interface Step {
  /** Added to the migration's name; empty for the first. */
  readonly suffix: string;
  /** False for a file that has to run outside of a transaction. */
  readonly transaction: boolean;
  readonly operations: readonly Operation[];
}

/**
 * The operations with those marked that must not state a whole column: NOT NULL will be set in a later step than the rest
 * of its column, and each would take back what the other has done.
 *
 * @param isBig as for {@link planSteps}
 */
export function markSplitColumns(
  operations: readonly Operation[],
  isBig: (table: QualifiedName) => boolean,
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
  return operations.map((operation) =>
    isColumnOperation(operation) && split.has(columnOf(operation))
      ? { ...operation, asSql: true }
      : operation,
  );
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
 */
export function planSteps(
  operations: readonly Operation[],
  isBig: (table: QualifiedName) => boolean,
  tables: readonly Table[] = [],
): Step[] {
  const created = new Set(
    operations.flatMap((op) => (op.type === 'createTable' ? [keyOf(op.table)] : [])),
  );
  const main: Operation[] = [];
  const later: Operation[] = [];
  const indexes: Step[] = [];
  for (const operation of operations) {
    const table = tableOf(operation);
    const needsCare = table !== undefined && isBig(table) && !created.has(keyOf(table));
    if (!needsCare) main.push(operation);
    else if (isPartitioned(table, tables)) addToPartitions(operation, tables, main, indexes);
    else if (operation.type === 'createIndex') indexes.push(concurrently(operation, []));
    else if (operation.type === 'addConstraint') addCarefully(operation, main, later, indexes);
    else if (operation.type === 'changeNull' && operation.after.notNull)
      requireCarefully(operation, main, later);
    else main.push(operation);
  }
  const steps: Step[] = [
    { suffix: '', transaction: true, operations: main },
    { suffix: '-validate', transaction: false, operations: later },
    ...indexes,
  ];
  return steps.filter((step) => step.operations.length > 0);
}

function isPartitioned(table: QualifiedName, tables: readonly Table[]): boolean {
  return tables.find((one) => keyOf(one) === keyOf(table))?.kind === 'partitioned';
}

/** PostgreSQL builds no index of a partitioned table concurrently, but takes those of its partitions over. */
function addToPartitions(
  operation: Operation,
  tables: readonly Table[],
  main: Operation[],
  indexes: Step[],
): void {
  const partitions = tables.filter(
    ({ partitionOf }) =>
      partitionOf !== undefined &&
      'table' in operation &&
      keyOf(partitionOf) === keyOf(operation.table),
  );
  const isDeep = partitions.some(({ kind }) => kind === 'partitioned');
  if (operation.type !== 'createIndex' || isDeep) {
    main.push(operation);
    return;
  }
  const { table, index } = operation;
  const name = quoteTable(table.schema, index.name);
  const create = (one: string, how: string, on: string): string =>
    `CREATE ${index.unique ? 'UNIQUE ' : ''}INDEX ${how}${quoteIdentifier(one)} ON ${on} ${index.tail}`;
  const up = partitions.flatMap((partition) => {
    const own = defaultObjectName(partition.name, index.dependsOn, `${index.name.slice(-20)}_idx`);
    return [
      create(own, 'CONCURRENTLY ', quoteTable(partition.schema, partition.name)),
      `ALTER INDEX ${name} ATTACH PARTITION ${quoteTable(partition.schema, own)}`,
    ];
  });
  const build: Operation = {
    type: 'runSql',
    table,
    what: `index ${index.name}`,
    up: [create(index.name, '', `ONLY ${quoteTable(table.schema, table.name)}`), ...up],
    down: [`DROP INDEX ${name}`],
  };
  indexes.push({ suffix: `-index-${index.name}`, transaction: false, operations: [build] });
}

function concurrently(
  { table, index }: Pick<OperationOf<'createIndex'>, 'table' | 'index'>,
  then: readonly Operation[],
): Step {
  const build: Operation = { type: 'createIndex', table, index, concurrently: true };
  return { suffix: `-index-${index.name}`, transaction: false, operations: [build, ...then] };
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

/** PostgreSQL takes a validated CHECK for a proof that no row is null, and does not look itself. */
function requireCarefully(
  operation: OperationOf<'changeNull'>,
  main: Operation[],
  later: Operation[],
): void {
  const { table, after } = operation;
  const column = quoteIdentifier(after.name);
  const constraint: Constraint = {
    name: truncateName(defaultObjectName(table.name, [after.name], 'not_null')),
    kind: 'check',
    columns: [after.name],
    definition: `CHECK (${column} IS NOT NULL)`,
    deferrable: 'not',
    validated: true,
  };
  main.push({ type: 'addConstraint', table, constraint, notValid: true });
  later.push({ type: 'validateConstraint', table, constraint }, operation, {
    type: 'dropConstraint',
    table,
    constraint,
    notValid: true,
  });
}
