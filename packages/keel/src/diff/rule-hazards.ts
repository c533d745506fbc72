import { quoteIdentifier } from '../db/quote';
import { displayName, keyOf } from '../schema/object-names';
import type { Column, Constraint, QualifiedName } from '../schema/schema';
import { incrementOf, isAddedEmpty } from './column-types';
import type { Conversion } from './conversion-rule';
import {
  duplicatesSql,
  hazard,
  uniqueKeys,
  type Hazard,
  type HazardContext,
  type UniqueKey,
} from './hazard';
import type { Operation, OperationOf } from './operation';

/** Rows that are equal in what becomes unique. */
export function duplicates(
  context: HazardContext,
  operation: Operation,
  table: QualifiedName,
  { columns, equalNulls }: UniqueKey,
): Hazard[] {
  const added = columns.flatMap((name) => context.newColumn(table, name) ?? []);
  if (added.some((column) => isDistinct(column, equalNulls))) return [];
  // Any other new column has the same value in every row.
  const old = columns.filter((name) => context.newColumn(table, name) === undefined);
  const values = allKnown(old.map((name) => context.value(table, name)));
  const isComputed = added.some(({ generated }) => generated !== undefined);
  const what = `${displayName(table)} (${columns.join(', ')}) becomes unique`;
  const countSql =
    isComputed || values === undefined
      ? undefined
      : duplicatesSql(context, table, values, equalNulls);
  return [{ kind: 'may fail', what, countSql, table, operation }];
}

/** Functions that give another value for each row, so that a new column is written into every row. */
export const volatile =
  /\b(?:nextval|random|gen_random_uuid|uuid_generate_v\w+|uuidv[47]|clock_timestamp|timeofday|gen_salt|gen_random_bytes)\(/;

/** Whether no two rows are equal in a column that is new to them. */
function isDistinct(column: Column, equalNulls: boolean): boolean {
  if (isAddedEmpty(column)) return !equalNulls;
  return incrementOf(column) !== 'none' || volatile.test(column.default ?? '');
}

function allKnown(values: readonly (string | undefined)[]): string[] | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === values.length ? known : undefined;
}

/** Rows that refer to one that is not there. */
export function orphans(
  context: HazardContext,
  operation: Operation,
  table: QualifiedName,
  { columns, references }: Constraint,
): Hazard[] {
  if (references === undefined) return [];
  const what = `${displayName(table)} (${columns.join(', ')}) has to have its rows in ${displayName(references)}`;
  const added = columns.flatMap((name) => context.newColumn(table, name) ?? []);
  // A row without a value refers to nothing.
  if (added.some(isAddedEmpty)) return [];
  const children = allKnown(columns.map((name) => context.value(table, name, 'child.')));
  const parents = allKnown(
    references.columns.map((name) => context.value(references, name, 'parent.')),
  );
  if (added.length > 0 || children === undefined || parents === undefined)
    return [{ kind: 'may fail', what, table, operation }];
  const known = children.map((value) => `(${value}) IS NOT NULL`).join(' AND ');
  const match = children.map((value, at) => `(${parents[at] ?? ''}) = (${value})`).join(' AND ');
  const countSql = `SELECT count(*) AS count FROM ${context.source(table)} AS child WHERE ${known} AND NOT EXISTS (SELECT FROM ${context.source(references)} AS parent WHERE ${match})`;
  return [{ kind: 'may fail', what, countSql, table, operation }];
}

/** The rules that rows may break because a column of theirs gets another type. */
export function brokenRules(
  context: HazardContext,
  operation: OperationOf<'changeType'>,
  { loses, rewrites }: Conversion,
): Hazard[] {
  const { table, before, after } = operation;
  const isLossy = loses !== undefined || after.type === 'public.citext';
  const involves = (owner: QualifiedName, columns: readonly string[]): boolean =>
    keyOf(owner) === keyOf(table) && columns.includes(before.name);
  const rules = context.tables.flatMap((owner) =>
    owner.constraints.flatMap((constraint): Hazard[] => {
      const { kind, name, columns, references } = constraint;
      const isOwn = involves(owner, columns);
      const isTarget = references !== undefined && involves(references, references.columns);
      if ((!isOwn && !isTarget) || context.isGone(owner, name)) return [];
      if (kind === 'check')
        return isLossy || rewrites ? unchecked(context, operation, constraint) : [];
      return isLossy && kind === 'foreign key'
        ? orphans(context, operation, owner, constraint).map((one) => ({ ...one, minor: true }))
        : [];
    }),
  );
  return isLossy ? [...becomesEqual(context, operation), ...rules] : rules;
}

/** Values that differ only in what is lost become the same, which a unique column does not take. */
function becomesEqual(context: HazardContext, operation: OperationOf<'changeType'>): Hazard[] {
  const { table, before, after } = operation;
  const keys = uniqueKeys(context, table).filter(
    ({ name, columns }) => columns.includes(before.name) && !context.isGone(table, name),
  );
  return keys.flatMap((key) => {
    const what = `values of ${displayName(table)} (${key.columns.join(', ')}) that are unique may be equal as ${after.type}`;
    return duplicates(context, operation, table, key).map((one) => ({ ...one, what }));
  });
}

/** Rows that a CHECK refuses once they are converted. */
function unchecked(
  context: HazardContext,
  operation: OperationOf<'changeType'>,
  { name, columns, definition }: Constraint,
): Hazard[] {
  const { table, after } = operation;
  const condition = /^CHECK (\(.*\))(?: NO INHERIT)?(?: NOT ENFORCED)?$/s.exec(definition)?.[1];
  const values = allKnown(columns.map((column) => context.value(table, column)));
  const list = values?.map((value, at) => `${value} AS ${quoteIdentifier(columns[at] ?? '')}`);
  const countSql =
    condition === undefined || list === undefined
      ? undefined
      : `SELECT count(*) AS count FROM (SELECT ${list.join(', ')} FROM ${context.source(table)}) AS converted WHERE NOT ${condition}`;
  const what = `${displayName(table)}.${after.name} becomes ${after.type}, which the CHECK ${name} may refuse`;
  return [{ ...hazard(context, operation, 'may fail', what), countSql, minor: true }];
}
