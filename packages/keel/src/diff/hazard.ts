import { counted } from '../format-count';
import { quoteTable } from '../db/quote';
import { displayName, keyOf } from '../schema/object-names';
import type { Column, Constraint, EnumType, QualifiedName, Table } from '../schema/schema';
import { convertedValues, type ConvertedValue } from './converted-value';
import type { Operation } from './operation';
import { oldNames, type Rename } from './rename-operations';

/** What may go wrong with an operation on a database with rows in it. */
export interface Hazard {
  readonly kind: 'loses data' | 'may fail' | 'rewrites the table' | 'no way back' | 'needs values';
  /** What happens, to follow the kind: `the values of users.phone`. */
  readonly what: string;
  /** Counts the rows that are hit, as `count`; by the names of before the migration. */
  readonly countSql?: string;
  /** Whether it says nothing where no row is hit. */
  readonly minor?: boolean;
  readonly table: QualifiedName;
  readonly operation: Operation;
}

/** What judging operations needs to know besides them. */
export interface HazardContext {
  /** The tables before the changes, by the names that renames have given them. */
  readonly tables: readonly Table[];
  /** Whether the session's time zone is UTC. */
  readonly utc: boolean;
  /** A table in FROM, by the name that it has before the migration. */
  readonly source: (table: QualifiedName) => string;
  readonly oldColumn: (table: QualifiedName, column: string) => string;
  /** The column, where the migration adds it. */
  readonly newColumn: (table: QualifiedName, column: string) => Column | undefined;
  /** What an old column has in it after the migration. */
  readonly value: ConvertedValue;
  /** Whether the constraint or index goes away for good. */
  readonly isGone: (table: QualifiedName, name: string) => boolean;
  /** The values of an enum after the changes. */
  readonly enumValues: (type: QualifiedName | undefined) => readonly string[] | undefined;
}

/** What is known where a context is made: all of it may be left out. */
export interface HazardFacts {
  readonly tables?: readonly Table[];
  readonly renames?: readonly Rename[];
  readonly utc?: boolean;
  /** As they are after the changes. */
  readonly enums?: readonly EnumType[];
}

export function hazardContext(
  operations: readonly Operation[],
  { tables = [], renames = [], utc = true, enums = [] }: HazardFacts,
): HazardContext {
  const names = oldNames(renames);
  const values = new Map(enums.map((type) => [keyOf(type), type.values]));
  const added = operations.flatMap((operation) =>
    operation.type === 'addColumn'
      ? [[`${keyOf(operation.table)}.${operation.column.name}`, operation.column] as const]
      : [],
  );
  const columns = new Map(added);
  return {
    tables,
    utc,
    source: (table) => from(names.table(table)),
    oldColumn: names.column,
    newColumn: (table, column) => columns.get(`${keyOf(table)}.${column}`),
    value: convertedValues(operations, names.column, utc),
    isGone: (table, name) => isGone(operations, table, name),
    enumValues: (type) => type && values.get(keyOf(type)),
  };
}

/** Whether the constraint or index is dropped, and does not come back under its name. */
function isGone(operations: readonly Operation[], table: QualifiedName, name: string): boolean {
  const own = operations.filter((one) => {
    if (!('table' in one) || keyOf(one.table) !== keyOf(table)) return false;
    const part = 'constraint' in one ? one.constraint : 'index' in one ? one.index : undefined;
    return part?.name === name;
  });
  return (
    own.length > 0 && own.every(({ type }) => type === 'dropConstraint' || type === 'dropIndex')
  );
}

/** A hazard whose rows are those of the operation's table that satisfy `condition`, where SQL can tell them. */
export function hazard(
  context: HazardContext,
  operation: Operation & { readonly table?: QualifiedName },
  kind: Hazard['kind'],
  what: string,
  condition?: string,
  table: QualifiedName = operation.table ?? { schema: 'public', name: '' },
): Hazard {
  return {
    kind,
    what,
    table,
    operation,
    countSql:
      condition === undefined
        ? undefined
        : `SELECT count(*) AS count FROM ${context.source(table)} WHERE ${condition}`,
  };
}

/** What makes rows of a table unique. */
export interface UniqueKey {
  readonly name: string;
  readonly columns: readonly string[];
  /** Whether a row without a value is equal to another one: `NULLS NOT DISTINCT`. */
  readonly equalNulls: boolean;
}

/** Each key, unique constraint and unique index of a table. */
export function uniqueKeys({ tables }: HazardContext, table: QualifiedName): UniqueKey[] {
  const owner = tables.find((one) => keyOf(one) === keyOf(table));
  const keys = owner?.constraints.filter(({ kind }) => kind === 'unique' || kind === 'primary key');
  const indexes = owner?.indexes.filter(({ unique }) => unique);
  return [
    ...(keys ?? []).map(uniqueKey),
    ...(indexes ?? []).map(({ name, dependsOn, tail }) => ({
      name,
      columns: dependsOn,
      equalNulls: hasEqualNulls(tail),
    })),
  ];
}

/** What a primary key or UNIQUE constraint asks of the rows. */
export function uniqueKey({ name, columns, definition }: Constraint): UniqueKey {
  return { name, columns, equalNulls: hasEqualNulls(definition) };
}

export function hasEqualNulls(definition: string): boolean {
  return definition.includes(' NULLS NOT DISTINCT');
}

/** Counts the rows that are equal to another one in what the expressions give. */
export function duplicatesSql(
  context: HazardContext,
  table: QualifiedName,
  expressions: readonly string[],
  equalNulls: boolean,
): string {
  const known = equalNulls ? [] : expressions.map((text) => `(${text}) IS NOT NULL`);
  const where = ['true', ...known].join(' AND ');
  const by = expressions.length === 0 ? '()' : expressions.join(', ');
  const groups = `SELECT count(*) AS n FROM ${context.source(table)} WHERE ${where} GROUP BY ${by} HAVING count(*) > 1`;
  return `SELECT coalesce(sum(n - 1), 0) AS count FROM (${groups}) AS duplicates`;
}

/** The table's name as SQL, schema and all. */
function from(table: QualifiedName): string {
  return quoteTable(table.schema, table.name);
}

/** How the line starts where no row is hit: that is good news. */
const clear: Readonly<Record<Hazard['kind'], string>> = {
  'loses data': 'Loses nothing now',
  'may fail': 'Fails on no row now',
  'rewrites the table': 'Rewrites the table',
  'no way back': 'No way back',
  'needs values': 'Needs no values now',
};

/** A hazard as a line, with the number of rows that it hits where that is known. */
export function describeHazard({ kind, what, table }: Hazard, rows: number | undefined): string {
  const start = rows === 0 ? clear[kind] : `${kind.charAt(0).toUpperCase()}${kind.slice(1)}`;
  if (rows === undefined) return `${start}: ${what}`;
  return `${start}: ${what} (${counted(Math.round(rows), 'row')} of ${displayName(table)} now)`;
}
