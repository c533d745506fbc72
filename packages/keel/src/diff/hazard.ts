import { quoteTable } from '../db/quote';
import { displayName } from '../schema/object-names';
import type { QualifiedName } from '../schema/schema';
import type { Operation } from './operation';

/** What may go wrong with an operation on a database with rows in it. */
export interface Hazard {
  readonly kind: 'loses data' | 'may fail' | 'rewrites the table' | 'no way back';
  /** What happens, to follow the kind: `the values of users.phone`. */
  readonly what: string;
  /** Counts the rows that are hit, as `count`; the table has the names of before the migration. */
  readonly countSql?: string;
  readonly table: QualifiedName;
  readonly operation: Operation;
}

/** A hazard whose rows are those of `table` that satisfy `condition`. */
export function hazard(
  operation: Operation,
  table: QualifiedName,
  kind: Hazard['kind'],
  what: string,
  condition: string,
): Hazard {
  return {
    kind,
    what,
    table,
    operation,
    countSql: `SELECT count(*) AS count FROM ${from(table)} WHERE ${condition}`,
  };
}

/** The table's name as SQL, schema and all. */
export function from(table: QualifiedName): string {
  return quoteTable(table.schema, table.name);
}

/** A hazard as a line, with the number of rows that it hits where that is known. */
export function describeHazard({ kind, what, table }: Hazard, rows: number | undefined): string {
  const start = `${kind.charAt(0).toUpperCase()}${kind.slice(1)}: ${what}`;
  if (rows === undefined) return start;
  const count = rows.toLocaleString('en-US');
  return `${start} (${count} ${rows === 1 ? 'row' : 'rows'} of ${displayName(table)} now)`;
}
