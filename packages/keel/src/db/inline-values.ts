import { quoteLiteral } from './quote';
import { mapParts } from './sql-text';

/**
 * A statement with its parameters written into it as texts without a type, which is how they are sent too: PostgreSQL
 * takes the type from the place where they stand.
 */
export function inlineValues(sql: string, values: readonly unknown[] = []): string {
  if (values.length === 0) return sql;
  return mapParts(sql, (part, kind) =>
    kind === 'code'
      ? part.replaceAll(/\$(\d+)/g, (_, number: string) => literalOf(values[Number(number) - 1]))
      : part,
  );
}

/** A value of JavaScript as `pg` sends it. */
function literalOf(value: unknown): string {
  const text = textOf(value);
  return text === undefined ? 'NULL' : quoteLiteral(text);
}

function textOf(value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined;
  if (Buffer.isBuffer(value)) return `\\x${value.toString('hex')}`;
  if (value instanceof Date) return localTime(value);
  if (Array.isArray(value)) return `{${value.map(elementOf).join(',')}}`;
  if (typeof value !== 'object')
    return typeof value === 'string' ? value : (value as number | bigint | boolean).toString();
  const { toPostgres } = value as { readonly toPostgres?: (prepare: typeof textOf) => unknown };
  return typeof toPostgres === 'function'
    ? textOf(toPostgres.call(value, textOf))
    : JSON.stringify(value);
}

function elementOf(value: unknown): string {
  const text = textOf(value);
  if (text === undefined) return 'NULL';
  return Array.isArray(value) ? text : `"${text.replaceAll(/[\\"]/g, '\\$&')}"`;
}

/** `pg` sends the time of this machine with its offset, so that a column without a zone gets the time on the wall. */
function localTime(date: Date): string {
  const offset = -date.getTimezoneOffset();
  const wall = new Date(date.getTime() + offset * 60_000).toISOString().slice(0, -1);
  const part = (minutes: number): string => `${minutes}`.padStart(2, '0');
  const [hours, minutes] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60];
  return `${wall}${offset < 0 ? '-' : '+'}${part(hours)}:${part(minutes)}`;
}
