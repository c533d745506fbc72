import { conversionOf } from '../../diff/conversion';
import { describeOperation } from '../../diff/describe-operation';
import { tableOf, type Operation } from '../../diff/operation';
import { KeelError, NOTHING_WRITTEN } from '../../errors';
import { displayName, keyOf } from '../../schema/object-names';
import type { Table } from '../../schema/schema';
import type { ChangePlan } from '../plan-change';
import { conversionSql } from './expand-expressions';
import type { ExpandRequest } from './read-expands';

/**
 * Refuses changes of type that are not all that happens to the columns, or that old code cannot write through.
 *
 * @throws KeelError EXPAND_REFUSED
 */
export function requireTypesOnly(
  owner: Table,
  group: readonly ExpandRequest[],
  { operations }: ChangePlan,
  own: readonly Operation[],
): void {
  const names = group.flatMap(({ olds }) => olds);
  const reasons = [
    ...(group.some(({ kind }) => kind !== 'type')
      ? ['other columns of its table are renamed or computed: do that in a run of its own']
      : []),
    ...names.flatMap((name) => typeReasons(displayName(owner), name, own)),
    ...own
      .filter((one) => isMore(one, own))
      .map((one) => `more than its type changes: ${say(one)}`),
    ...operations
      .filter((one) => 'constraint' in one && isReference(one.constraint.references, owner, names))
      .filter((one) => keyOf(tableOf(one) ?? owner) !== keyOf(owner))
      .map((one) => `a foreign key that points to it changes: ${say(one)}`),
  ];
  if (reasons.length === 0) return;
  throw new KeelError(
    `The type of ${displayName(owner)}.${names.join(', ')} cannot be changed in steps:`,
    {
      code: 'EXPAND_REFUSED',
      details: reasons,
      state: NOTHING_WRITTEN,
      hint: 'Make the other changes in a migration before or after it, or give the new column a name of its own: --expand <old>:<new>.',
    },
  );
}

function say(operation: Operation): string {
  return describeOperation(operation, { before: 'the migrations', after: 'the models' }).text;
}

function typeReasons(table: string, name: string, own: readonly Operation[]): string[] {
  const change = own.find((one) => one.type === 'changeType' && one.after.name === name);
  if (change?.type !== 'changeType')
    return [`the models do not change the type of ${table}.${name}`];
  const { before, after } = change;
  const what = `${before.type} to ${after.type}`;
  if (conversionSql(before, after) === undefined || conversionSql(after, before) === undefined)
    return [`nothing turns ${what} by itself`];
  const { fails } = conversionOf(before, after);
  return fails === undefined || fails.minor === true
    ? []
    : [`from ${what}, old code could write values that do not fit`];
}

/** Whether an operation is more than the type, or than a foreign key that steps aside for it. */
function isMore(operation: Operation, own: readonly Operation[]): boolean {
  if (operation.type === 'changeType' || operation.type === 'changeComment') return false;
  if (operation.type === 'dropEnum') return false;
  if (operation.type === 'changeDefault' || operation.type === 'changeNull') return false;
  const opposite = { addConstraint: 'dropConstraint', dropConstraint: 'addConstraint' } as const;
  if (operation.type !== 'addConstraint' && operation.type !== 'dropConstraint') return true;
  return !own.some(
    (other) =>
      other.type === opposite[operation.type] &&
      other.constraint.definition === operation.constraint.definition,
  );
}

function isReference(
  references: Table['constraints'][number]['references'],
  owner: Table,
  names: readonly string[],
): boolean {
  return (
    references !== undefined &&
    keyOf(references) === keyOf(owner) &&
    references.columns.some((name) => names.includes(name))
  );
}
