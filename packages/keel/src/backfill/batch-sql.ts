import { quoteIdentifier, quoteLiteral } from '../db/quote';
import type { Target, TargetColumn } from './read-target';

/** A place in the order of a key: its values as text. */
export type KeyPosition = readonly string[];

/** Rows from one place to another: after the first, which is undefined at the beginning, up to the last. */
export interface KeyRange {
  readonly after: KeyPosition | undefined;
  readonly to: KeyPosition;
}

/** SQL: the condition that a row lies in a range of the key. */
export function rangeSql(key: readonly TargetColumn[], { after, to }: KeyRange): string {
  const columns = keyColumns(key);
  const upper = `${columns} <= ${positionSql(key, to)}`;
  return after ? `${columns} > ${positionSql(key, after)} AND ${upper}` : upper;
}

function keyColumns(key: readonly TargetColumn[]): string {
  const names = key.map(({ name }) => quoteIdentifier(name));
  return names.length === 1 ? (names[0] as string) : `(${names.join(', ')})`;
}

function positionSql(key: readonly TargetColumn[], position: KeyPosition): string {
  const values = key.map(({ type }, index) => `${quoteLiteral(position[index] ?? '')}::${type}`);
  return values.length === 1 ? (values[0] as string) : `(${values.join(', ')})`;
}

/** SQL: the key of a row as an array of texts. */
export function keyTextSql(key: readonly TargetColumn[]): string {
  return `ARRAY[${key.map(({ name }) => `${quoteIdentifier(name)}::text`).join(', ')}]`;
}

/** SQL that reads the last place of a table, as `place`. */
export function lastPlaceSql({ sql, key }: Target): string {
  return `SELECT ${keyTextSql(key)} AS place FROM ${sql} ORDER BY ${descending(key)} LIMIT 1`;
}

/** SQL that finds a row of a table that a condition holds for. */
export function anyRowSql({ sql }: Target, where: string | undefined): string {
  return `SELECT 1 FROM ${sql} WHERE ${where ?? 'true'} LIMIT 1`;
}

/** SQL that reads how many rows the next batch has, as `rows`, and its last place, as `place`. */
export function nextPlaceSql({ sql, key }: Target, range: KeyRange, limit: number): string {
  const names = key.map(({ name }) => quoteIdentifier(name)).join(', ');
  return `SELECT pg_catalog.count(*) OVER ()::int AS rows, ${keyTextSql(key)} AS place
    FROM (SELECT ${names} FROM ${sql} WHERE ${rangeSql(key, range)} ORDER BY ${names} LIMIT ${limit}) batch
   ORDER BY ${descending(key)} LIMIT 1`;
}

function descending(key: readonly TargetColumn[]): string {
  return key.map(({ name }) => `${quoteIdentifier(name)} DESC`).join(', ');
}

/** What a batch changes, as SQL: the assignments, and the condition of the caller's own. */
export interface ChangeSql {
  readonly assignments: string;
  readonly where: string | undefined;
}

/** SQL that changes the rows of a batch. */
export function updateSql({ sql, key }: Target, range: KeyRange, change: ChangeSql): string {
  return `UPDATE ${sql} SET ${change.assignments} WHERE ${rangeSql(key, range)}${andWhere(change)}`;
}

/** The column under which the key's text comes with each row. */
export const KEY_TEXT = 'keel key';

/** SQL that reads the rows of a batch and locks them. */
export function readRowsSql(
  { sql, key }: Target,
  range: KeyRange,
  { columns, where }: { readonly columns: readonly string[]; readonly where: string | undefined },
): string {
  const names = key.map(({ name }) => quoteIdentifier(name)).join(', ');
  return `SELECT ${columns.map(quoteIdentifier).join(', ')}, ${keyTextSql(key)} AS ${quoteIdentifier(KEY_TEXT)}
    FROM ${sql} WHERE ${rangeSql(key, range)}${andWhere({ where })} ORDER BY ${names} FOR NO KEY UPDATE`;
}

function andWhere({ where }: Pick<ChangeSql, 'where'>): string {
  return where === undefined ? '' : ` AND (${where})`;
}

/** SQL that writes values from parameters, each an array of texts: first the columns of the key, then the others. */
export function writeRowsSql({ sql, key }: Target, columns: readonly TargetColumn[]): string {
  const all = [...key, ...columns];
  const names = all.map((_, index) => `v${index}`);
  const parameters = all.map((_, index) => `$${index + 1}::text[]`);
  const assignments = columns.map(
    ({ name, type }, index) => `${quoteIdentifier(name)} = given.v${key.length + index}::${type}`,
  );
  const match = key.map(
    ({ name, type }, index) => `own.${quoteIdentifier(name)} = given.v${index}::${type}`,
  );
  return `UPDATE ${sql} AS own SET ${assignments.join(', ')}
    FROM unnest(${parameters.join(', ')}) AS given (${names.join(', ')})
   WHERE ${match.join(' AND ')}`;
}

/** A place in the order of a key, for people. */
export function describePlace(key: readonly TargetColumn[], place: KeyPosition): string {
  const names = key.map(({ name }) => name).join(', ');
  return key.length === 1 ? `${names} = ${place[0]}` : `(${names}) = (${place.join(', ')})`;
}
