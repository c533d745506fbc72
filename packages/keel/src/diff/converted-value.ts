import { quoteIdentifier } from '../db/quote';
import { keyOf } from '../schema/object-names';
import type { QualifiedName } from '../schema/schema';
import { conversionOf } from './conversion';
import type { Operation, OperationOf } from './operation';

/**
 * The SQL of what a column of before the migration has in it afterwards; undefined where SQL cannot say it yet.
 * `prefix` stands before the column: `child.`.
 */
export type ConvertedValue = (
  table: QualifiedName,
  column: string,
  prefix?: string,
) => string | undefined;

type ChangeType = OperationOf<'changeType'>;

/** @param oldColumn the name that a column has before the migration */
export function convertedValues(
  operations: readonly Operation[],
  oldColumn: (table: QualifiedName, column: string) => string,
  utc: boolean,
): ConvertedValue {
  const changes = operations.filter((one): one is ChangeType => one.type === 'changeType');
  return (table, column, prefix = '') =>
    changes
      .filter((one) => keyOf(one.table) === keyOf(table) && one.after.name === column)
      .reduce<string | undefined>(
        (value, change) => (value === undefined ? undefined : converted(value, change, utc)),
        `${prefix}${quoteIdentifier(oldColumn(table, column))}`,
      );
}

function converted(value: string, { before, after }: ChangeType, utc: boolean): string | undefined {
  // Its type may not be there yet, and it has an equal one for each text.
  if (after.enumType !== undefined && !after.type.endsWith('[]')) return `${value}::text`;
  const { using, fails, helper } = conversionOf(before, after, { utc });
  if (helper !== undefined || (fails !== undefined && fails.rows === undefined)) return undefined;
  const result = using?.(value) ?? `${value}::${after.type}`;
  const isWrong = fails?.rows?.(value);
  return isWrong === undefined ? result : `CASE WHEN ${isWrong} THEN NULL ELSE ${result} END`;
}
