import { inspect } from 'node:util';
import { KEY_TEXT } from './batch-sql';
import { requireChangeable } from './plan-backfill';
import type { Target, TargetColumn } from './read-target';

type Values = Readonly<Record<string, unknown>>;

/** Rows as they were read, each with its key as text. */
export interface ReadRows {
  /** What the function is given. */
  readonly rows: readonly Values[];
  /** By the key as the function sees it: the key as PostgreSQL writes it. */
  readonly keys: ReadonlyMap<string, readonly string[]>;
}

/** Changes of the same columns, to be written by one statement. */
export interface ChangedColumns {
  readonly columns: readonly TargetColumn[];
  /** For each column of the key, then for each of the others, its values as text. */
  readonly values: readonly (readonly (string | null)[])[];
}

/** Takes the key's text off the rows again. */
export function takeKeys({ key }: Target, read: readonly Values[]): ReadRows {
  const keys = new Map<string, readonly string[]>();
  const rows = read.map((row) => {
    const { [KEY_TEXT]: text, ...rest } = row;
    const seen = seenKey(key, rest);
    if (keys.has(seen))
      throw new Error(
        `Two rows have a key that JavaScript cannot tell apart (${seen}); use "set" for this table.`,
      );
    keys.set(seen, text as string[]);
    return rest;
  });
  return { rows, keys };
}

/**
 * Groups the changes that a function has computed by the columns that they change.
 *
 * @throws Error where a change names no row of the batch, or one that another has named
 */
export function groupChanges(
  target: Target,
  { keys }: Pick<ReadRows, 'keys'>,
  changes: readonly unknown[],
): ChangedColumns[] {
  const { key } = target;
  const names = new Set(key.map(({ name }) => name));
  const groups = new Map<string, { columns: TargetColumn[]; rows: (string | null)[][] }>();
  const named = new Set<string>();
  for (const change of changes) {
    if (typeof change !== 'object' || change === null)
      throw new Error(
        `"each" is to return a list of objects, and returned ${inspect(change)} in it.`,
      );
    const values = change as Values;
    const missing = key.find(({ name }) => values[name] === undefined);
    if (missing) throw new Error(`A change has no "${missing.name}" to know its row by.`);
    const seen = seenKey(key, values);
    const text = keys.get(seen);
    if (!text) throw new Error(`A change is for a row that is not of this batch: ${seen}.`);
    if (named.has(seen)) throw new Error(`Two changes are for the same row: ${seen}.`);
    named.add(seen);
    const changed = Object.entries(values)
      .filter(([name, value]) => !names.has(name) && value !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1));
    if (changed.length === 0) continue;
    const id = JSON.stringify(changed.map(([name]) => name));
    const columns = changed.map(([name]) => requireChangeable(target, name));
    const group = groups.get(id) ?? { columns, rows: [] };
    groups.set(id, group);
    group.rows.push([...text, ...changed.map(([, value], at) => textOf(value, columns[at]))]);
  }
  return [...groups.values()].map(({ columns, rows }) => ({
    columns,
    values: [...key, ...columns].map((_, at) => rows.map((row) => row[at] ?? null)),
  }));
}

function seenKey(key: readonly TargetColumn[], row: Values): string {
  return key.map(({ name }) => `${name} = ${textOf(row[name], undefined)}`).join(', ');
}

/** A value as PostgreSQL reads it. `column` is the column that it is for. */
function textOf(value: unknown, column: TargetColumn | undefined): string | null {
  if (value === null) return null;
  if (column?.json) return JSON.stringify(value);
  if (value instanceof Date) return value.toISOString();
  if (Buffer.isBuffer(value)) return `\\x${value.toString('hex')}`;
  if (Array.isArray(value)) return arrayText(value);
  if (typeof value === 'string') return value;
  if (['number', 'boolean', 'bigint'].includes(typeof value))
    return inspect(value).replace(/n$/, '');
  throw new Error(`${inspect(value)} is no value for the column "${column?.name ?? ''}".`);
}

function arrayText(values: readonly unknown[]): string {
  const items = values.map((value) => {
    if (Array.isArray(value)) return arrayText(value);
    const text = textOf(value, undefined);
    return text === null ? 'NULL' : `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
  });
  return `{${items.join(',')}}`;
}
