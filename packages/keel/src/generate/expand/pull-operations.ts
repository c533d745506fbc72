import { tableOf, type Operation } from '../../diff/operation';
import { keyOf } from '../../schema/object-names';
import type { ChangePlan } from '../plan-change';
import type { ExpandRequest } from './read-expands';

/** Those operations of a plan that are about the columns of requests for one table. */
export function pullOperations(
  { operations, before }: Pick<ChangePlan, 'operations' | 'before'>,
  group: readonly ExpandRequest[],
): Operation[] {
  const { table } = group[0] ?? { table: { schema: '', name: '' } };
  const names = new Set(group.flatMap(({ olds, news }) => [...olds, ...news]));
  const owner = before.tables.find((one) => keyOf(one) === keyOf(table));
  const parts = new Set([
    ...(owner?.constraints ?? [])
      .filter(({ columns }) => columns.some((name) => names.has(name)))
      .map(({ name }) => name),
    ...(owner?.indexes ?? [])
      .filter(({ dependsOn }) => dependsOn.some((name) => names.has(name)))
      .map(({ name }) => name),
  ]);
  const enums = (owner?.columns ?? [])
    .filter(({ name }) => names.has(name))
    .flatMap(({ enumType }) => (enumType === undefined ? [] : [keyOf(enumType)]));
  return operations.filter((operation) => {
    if (operation.type === 'dropEnum') return enums.includes(keyOf(operation.enum));
    const on = tableOf(operation);
    return on !== undefined && keyOf(on) === keyOf(table) && isAbout(operation, names, parts);
  });
}

function isAbout(
  operation: Operation,
  names: ReadonlySet<string>,
  parts: ReadonlySet<string>,
): boolean {
  const isOne = (name: string): boolean => names.has(name);
  if (operation.type === 'renameColumn') return isOne(operation.from) || isOne(operation.to);
  if (operation.type === 'renameConstraint' || operation.type === 'renameIndex')
    return parts.has(operation.from);
  if (operation.type === 'changeComment') return isOne(operation.column ?? '');
  if ('constraint' in operation) return operation.constraint.columns.some(isOne);
  if ('index' in operation) return operation.index.dependsOn.some(isOne);
  if (operation.type === 'addColumn' || operation.type === 'dropColumn')
    return isOne(operation.column.name);
  return 'after' in operation && 'table' in operation && isOne(operation.after.name);
}
