import type { QueryInterface } from 'sequelize';
import { quoteIdentifier } from '../db/quote';
import { KeelError, messageOf, NOTHING_CHANGED } from '../errors';
import type { BackfillOptions } from './backfill-options';
import type { ChangeSql } from './batch-sql';
import { generatorOf, type Generator } from './query-generator';
import type { Target, TargetColumn } from './read-target';

/** What each batch does. */
export interface Change {
  /** The assignments as SQL; undefined where a function computes them. */
  readonly assignments: string | undefined;
  /** The first column that is to be set and has no value. */
  readonly missing: string | undefined;
  readonly where: string | undefined;
  /** The columns that a function is given. */
  readonly columns: readonly string[];
  /** All of it as text, by which an interrupted backfill is known again. */
  readonly definition: string;
}

/**
 * Brings the options of a backfill into SQL, with Sequelize's own words for values and conditions.
 *
 * @throws KeelError `BACKFILL_INVALID`
 */
export function planBackfill<Row extends object>(
  queryInterface: QueryInterface,
  target: Target,
  options: BackfillOptions<Row>,
): Change {
  const { set, each } = options;
  const generator = generatorOf(queryInterface);
  if ((set === undefined) === (each === undefined))
    throw invalid(target, 'needs either "set" or "each"');
  if (options.batch !== undefined && !(Number.isInteger(options.batch) && options.batch > 0))
    throw invalid(target, `needs a whole number of rows for "batch", not ${options.batch}`);
  const assignments = set && assignmentsSql(generator, target, set);
  const where = options.where && whereSql(generator, target, options.where);
  const columns = options.columns ?? target.columns.map(({ name }) => name);
  const read = each ? [...new Set([...target.key.map(({ name }) => name), ...columns])] : [];
  for (const name of read) requireColumn(target, name);
  const change = assignments ?? `each(${read.join(', ')})`;
  const missing = Object.entries(set ?? {}).find(([, value]) => value === undefined)?.[0];
  return { assignments, missing, where, columns: read, definition: definitionOf(change, where) };
}

/** A moment, as `new Date()` makes another one in each run, does not make it another backfill. */
function definitionOf(change: string, where: ChangeSql['where']): string {
  const text = where === undefined ? change : `${change} WHERE ${where}`;
  return text.replaceAll(/'\d{4}-\d\d-\d\d[ T][^']*'/g, "'…'");
}

function assignmentsSql(generator: Generator, target: Target, set: object): string {
  const entries = Object.entries(set);
  if (entries.length === 0) throw invalid(target, 'has nothing in "set"');
  return entries
    .map(([name, value]) => {
      const column = requireChangeable(target, name);
      // Whether that matters is seen later: there may be no rows.
      if (value === undefined) return `${quoteIdentifier(name)} = NULL`;
      return `${quoteIdentifier(name)} = ${valueSql(generator, target, column, value)}`;
    })
    .join(', ');
}

function valueSql(
  generator: Generator,
  target: Target,
  { name, json }: TargetColumn,
  value: unknown,
): string {
  try {
    return generator.escape(json && isPlain(value) ? JSON.stringify(value) : value);
  } catch (error) {
    throw invalid(target, `has a value for "${name}" that is no SQL: ${messageOf(error)}`);
  }
}

function isPlain(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value) as unknown;
  return Array.isArray(value) || prototype === Object.prototype || prototype === null;
}

function whereSql(
  generator: Generator,
  target: Target,
  where: NonNullable<BackfillOptions['where']>,
): string | undefined {
  try {
    const sql = generator.getWhereConditions(where);
    return sql === '' ? undefined : sql;
  } catch (error) {
    throw invalid(target, `has a "where" that is no SQL: ${messageOf(error)}`);
  }
}

/** @throws KeelError where there is no such column */
function requireColumn(target: Target, name: string): TargetColumn {
  const column = target.columns.find((candidate) => candidate.name === name);
  if (column) return column;
  const names = target.columns.map((candidate) => candidate.name).join(', ');
  throw invalid(target, `names a column "${name}", which is not one of ${names}`);
}

/** @throws KeelError where there is no such column, or it is one of the key */
export function requireChangeable(target: Target, name: string): TargetColumn {
  const column = requireColumn(target, name);
  if (target.key.includes(column))
    throw invalid(target, `changes "${name}", by which the rows are gone through`);
  return column;
}

/** A value is still to be written into the migration. */
export function valueMissing(target: Target, column: string): KeelError {
  return invalid(
    target,
    `has no value for "${column}", and there are rows to be given one`,
    'Write the value into the migration, then run the same command again.',
  );
}

function invalid({ name }: Target, what: string, hint = CORRECT): KeelError {
  return new KeelError(`The backfill of ${name} ${what}.`, {
    code: 'BACKFILL_INVALID',
    state: NOTHING_CHANGED,
    hint,
  });
}

const CORRECT = 'Correct the call of backfill() in the migration.';
