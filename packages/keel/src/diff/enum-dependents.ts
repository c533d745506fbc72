import { keyOf } from '../schema/object-names';
import type { Constraint, Index, Table } from '../schema/schema';
import type { ComparisonState } from './comparison';
import type { EnumColumn, EnumDependent, OperationOf } from './operation';

/**
 * Tells the changes of enums what names their values: conditions and expressions of indexes, CHECK and
 * EXCLUDE hold on to the type that is replaced.
 */
export function findDependents(state: ComparisonState): void {
  state.operations.forEach((op, position) => {
    if (op.type === 'replaceEnum' || op.type === 'addEnumValues')
      state.operations[position] = { ...op, dependents: dependentsOf(state, op) };
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
