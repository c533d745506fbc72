import { keyOf } from '../schema/object-names';
import type { Constraint, QualifiedName } from '../schema/schema';
import type { Operation } from './operation';

/** Whether an index of the same name stands behind the constraint. */
export function hasIndex({ kind }: Constraint): boolean {
  return kind === 'primary key' || kind === 'unique' || kind === 'exclude';
}

/** The keys of the relations (tables, indexes, sequences) that get their names by the operation. */
export function newNames(operation: Operation): string[] {
  const { type } = operation;
  if (type === 'createTable') {
    const { table } = operation;
    const keys = table.constraints.filter(hasIndex).map(({ name }) => within(table, name));
    return [keyOf(table), ...keys];
  }
  if (type === 'addConstraint' && hasIndex(operation.constraint))
    return [within(operation.table, operation.constraint.name)];
  if (type === 'createIndex') return [within(operation.table, operation.index.name)];
  if (type === 'renameIndex' || type === 'renameConstraint')
    return [within(operation.table, operation.to)];
  return type === 'renameSequence' || type === 'renameTable' ? [keyOf(operation.to)] : [];
}

/** The keys of the indexes that lose their names by the operation: they go away, or are renamed. */
export function freedNames(operation: Operation): string[] {
  const { type } = operation;
  if (type === 'dropIndex') return [within(operation.table, operation.index.name)];
  if (type === 'dropConstraint' && hasIndex(operation.constraint))
    return [within(operation.table, operation.constraint.name)];
  return type === 'renameIndex' || type === 'renameConstraint'
    ? [within(operation.table, operation.from)]
    : [];
}

function within({ schema }: QualifiedName, name: string): string {
  return keyOf({ schema, name });
}
