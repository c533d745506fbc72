import { quoteIdentifier } from '../../db/quote';
import { conversionOf } from '../../diff/conversion';
import type { Assignment } from '../../diff/operation';
import type { Column } from '../../schema/schema';
import type { ColumnSide, SyncedColumns } from './expansion';
import type { ExpandRequest } from './read-expands';

/** How each column is computed from those of the other side. */
export function expressionsOf(
  { kind, expressions, olds, news }: ExpandRequest,
  old: ColumnSide,
  fresh: ColumnSide,
): SyncedColumns {
  const from = old.columns.filter(({ name }) => olds.includes(name));
  const to = fresh.columns.filter(({ name }) => news.includes(name));
  const assign = (column: Column, other: Column | undefined): Assignment => ({
    column: column.name,
    sql:
      kind === 'computed' || other === undefined
        ? expressions.get(column.name)
        : conversionSql(other, column),
  });
  return {
    forward: to.map((column) => assign(column, from[0])),
    back: from.map((column) => assign(column, to[0])),
  };
}

/** Undefined where nothing turns the one type into the other by itself. */
export function conversionSql(from: Column, to: Column): string | undefined {
  const name = quoteIdentifier(from.name);
  if (from.type === to.type) return name;
  const { using, helper, isMissing } = conversionOf(from, to);
  if (helper !== undefined || isMissing === true) return undefined;
  return using === undefined ? `${name}::${to.type}` : using(name);
}
