import { ByteWriter } from './byte-writer';
import type { PgType } from './pg-type';
import type { Values } from './values-of';

/** Days from 1970-01-01 to PostgreSQL's epoch, 2000-01-01. */
export const EPOCH_DAYS = 10957;
export const MICROSECONDS_A_DAY = 86_400_000_000;

const pad = (value: number, width: number): string => String(value).padStart(width, '0');

/** The day `days` after 2000-01-01, as `YYYY-MM-DD`. */
function formatDate(days: number): string {
  const date = new Date((days + EPOCH_DAYS) * 86_400_000);
  const year = date.getUTCFullYear();
  const text = `${pad(Math.abs(year), 4)}-${pad(date.getUTCMonth() + 1, 2)}-${pad(date.getUTCDate(), 2)}`;
  return year > 0 ? text : `${pad(1 - year, 4)}${text.slice(4)} BC`;
}

/** A time of day from microseconds after midnight. */
function formatTime(microseconds: number): string {
  const seconds = Math.floor(microseconds / 1e6);
  const fraction = microseconds - seconds * 1e6;
  const text = `${pad(Math.floor(seconds / 3600), 2)}:${pad(Math.floor(seconds / 60) % 60, 2)}:${pad(seconds % 60, 2)}`;
  return fraction === 0 ? text : `${text}.${pad(fraction, 6)}`;
}

/** An instant from microseconds after 2000-01-01, in UTC. */
function formatTimestamp(microseconds: number): string {
  const days = Math.floor(microseconds / MICROSECONDS_A_DAY);
  return `${formatDate(days)} ${formatTime(microseconds - days * MICROSECONDS_A_DAY)}`;
}

/** An integer number of 10^-scale as a decimal. */
function formatDecimal(scaled: number, scale: number): string {
  if (scale === 0) return String(scaled);
  const digits = pad(Math.abs(scaled), scale + 1);
  return `${scaled < 0 ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** An integer value of a column as PostgreSQL reads it for that type. */
function formatInteger(value: number, type: PgType): string {
  switch (type.name) {
    case 'bool':
      return value === 0 ? 'f' : 't';
    case 'date':
      return formatDate(value);
    case 'time':
      return formatTime(value);
    case 'timetz':
      return `${formatTime(value)}+00`;
    case 'timestamp':
      return formatTimestamp(value);
    case 'timestamptz':
      return `${formatTimestamp(value)}+00`;
    case 'interval':
      return `${value} seconds`;
    case 'money':
      return formatDecimal(value, 2);
    case 'bit':
    case 'varbit':
      return value
        .toString(2)
        .padStart(type.length ?? 1, '0')
        .slice(-(type.length ?? 64));
    default:
      return String(value);
  }
}

const hex = (value: number): string => value.toString(16).padStart(8, '0');

/** Row `i` of some values as text that PostgreSQL reads for the type; null is NULL. */
export function formatValues(values: Values, type: PgType): (i: number) => string | null {
  switch (values.kind) {
    case 'integer':
      return (i) => formatInteger(values.at(i), type);
    case 'float':
      return (i) => String(type.name === 'float4' ? Math.fround(values.at(i)) : values.at(i));
    case 'decimal':
      return (i) => formatDecimal(values.at(i), values.scale);
    case 'text':
      return (i) => scratch(values, i).toString('latin1');
    case 'bytes':
      return (i) => `\\x${scratch(values, i).toString('hex')}`;
    case 'uuid':
      return (i) => {
        const all =
          hex(values.word(i, 0)) +
          hex(values.word(i, 1)) +
          hex(values.word(i, 2)) +
          hex(values.word(i, 3));
        return all.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
      };
    case 'string':
      return values.at;
    case 'array': {
      const element = formatValues(values.element, type.element ?? type);
      return (i) => {
        const parts = Array.from({ length: values.length(i) }, (_, n) =>
          quoteElement(element(i * values.most + n)),
        );
        return `{${parts.join(',')}}`;
      };
    }
    case 'range': {
      const bound = type.element ?? type;
      const scale = values.element.kind === 'decimal' ? values.element.scale : undefined;
      const write = (value: number): string =>
        scale === undefined ? formatInteger(value, bound) : formatDecimal(value, scale);
      return (i) => `["${write(values.lower(i))}","${write(values.upper(i))}")`;
    }
  }
}

function scratch(values: Extract<Values, { kind: 'text' | 'bytes' }>, i: number): Buffer {
  const writer = new ByteWriter(values.size + 256);
  values.put(writer, i);
  return writer.buffer.subarray(0, writer.position);
}

/** One element in the text of an array. */
export function quoteElement(text: string | null): string {
  return text === null ? 'NULL' : `"${text.replace(/["\\]/g, '\\$&')}"`;
}

/** One field in the text format of COPY. */
export function escapeCopy(text: string | null): string {
  if (text === null) return '\\N';
  return text.replace(/[\\\n\r\t\b\f\v]/g, (char) => COPY_ESCAPES[char]!);
}

const COPY_ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\b': '\\b',
  '\f': '\\f',
  '\v': '\\v',
};
