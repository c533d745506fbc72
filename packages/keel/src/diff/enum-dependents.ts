import { keyOf } from '../schema/object-names';
import { quoteIdentifier } from '../db/quote';
import type { Constraint, Index, QualifiedName, Table } from '../schema/schema';
import type { ComparisonState } from './comparison';
import type { EnumColumn, EnumDependent, Operation, OperationOf } from './operation';

/**
 * Tells the changes of enums what names their values: conditions and expressions of indexes, CHECK and
 * EXCLUDE hold on to the type that is replaced.
 */
export function findDependents(state: ComparisonState): void {
  state.operations.forEach((op, position) => {
    if (op.type === 'replaceEnum' || op.type === 'addEnumValues')
      state.operations[position] = {
        ...op,
        dependents: [...dependentsOf(state, op), ...defaultsOf(state, op)],
      };
  });
}

function dependentsOf(
  state: ComparisonState,
  op: OperationOf<'replaceEnum' | 'addEnumValues'>,
): EnumDependent[] {
  const keys = new Set(op.columns.map(({ table }) => keyOf(table)));
  return [...keys].flatMap((key): EnumDependent[] => {
    const table = state.before.tables.get(key);
    if (table === undefined) return [];
    const columns = op.columns.filter((entry) => keyOf(entry.table) === key);
    const found = [
      ...table.indexes
        .filter((index) => namesValues(index, columns))
        .map((index) => ({ table, index })),
      ...table.constraints
        .filter((constraint) => mayNameValues(constraint, columns))
        .map((constraint) => ({ table, constraint })),
    ];
    // Values are added before anything else, and taken away again after it.
    return op.type === 'addEnumValues' ? found : found.flatMap((part) => asItIsThen(state, part));
  });
}

/** Defaults of columns that are of another type: of those that once were of the enum. */
function defaultsOf(
  { before, operations }: ComparisonState,
  op: OperationOf<'replaceEnum' | 'addEnumValues'>,
): EnumDependent[] {
  return [...before.tables.values()].flatMap((table) =>
    table.columns.flatMap((column): EnumDependent[] => {
      const value = column.default;
      if (value === undefined || column.enumType !== undefined || !names(value, op.before))
        return [];
      const isChanged =
        op.type === 'replaceEnum' && operations.some((other) => changes(other, table, column.name));
      return [{ table, column: column.name, before: value, after: isChanged ? undefined : value }];
    }),
  );
}

/** As PostgreSQL writes a type in an expression: with quotes only where the name needs them. */
function names(expression: string, { schema, name }: QualifiedName): boolean {
  const parts = [schema, name].map((part) => [part, quoteIdentifier(part)]);
  const [schemas = [], types = []] = parts;
  return schemas.some((first) =>
    types.some((last) =>
      `${expression} `
        .split(`::${first}.${last}`)
        .slice(1)
        .some((rest) => /^\W/.test(rest)),
    ),
  );
}

function changes(other: Operation, table: Table, column: string): boolean {
  if (other.type === 'dropTable') return keyOf(other.table) === keyOf(table);
  if (other.type === 'dropColumn')
    return keyOf(other.table) === keyOf(table) && other.column.name === column;
  return (
    (other.type === 'changeType' ||
      other.type === 'changeDefault' ||
      other.type === 'changeIncrement') &&
    keyOf(other.table) === keyOf(table) &&
    other.before.name === column
  );
}

function namesValues(index: Index, columns: readonly EnumColumn[]): boolean {
  const isExpression =
    index.predicate !== undefined || index.fields.some((field) => field.isExpression);
  return isExpression && columns.some(({ column }) => index.dependsOn.includes(column));
}

function mayNameValues({ kind, columns }: Constraint, enums: readonly EnumColumn[]): boolean {
  const isExpression = kind === 'check' || kind === 'exclude';
  return isExpression && enums.some(({ column }) => columns.includes(column));
}

/** Under the name that it has by then, if it is still there. */
function asItIsThen(
  { operations }: ComparisonState,
  part: { table: Table; index: Index } | { table: Table; constraint: Constraint },
): EnumDependent[] {
  const key = keyOf(part.table);
  if ('index' in part) {
    const { table, index } = part;
    let { name } = index;
    for (const op of operations) {
      if (op.type === 'dropIndex' && keyOf(op.table) === key && op.index.name === index.name)
        return [];
      if (op.type === 'renameIndex' && keyOf(op.table) === key && op.from === index.name)
        name = op.to;
    }
    return [{ table, index: { ...index, name } }];
  }
  const { table, constraint } = part;
  let { name } = constraint;
  for (const op of operations) {
    if (op.type === 'dropConstraint' && keyOf(op.table) === key && op.constraint.name === name)
      return [];
    if (op.type === 'renameConstraint' && keyOf(op.table) === key && op.from === constraint.name)
      name = op.to;
  }
  return [{ table, constraint: { ...constraint, name } }];
}
