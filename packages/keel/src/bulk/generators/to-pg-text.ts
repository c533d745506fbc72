import type { PgType } from './pg-type';
import { quoteElement } from './format-values';

/** Any JavaScript value as text that PostgreSQL reads for a type; null and undefined are NULL. */
export function toPgText(value: unknown, type: PgType): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  if (typeof value === 'boolean') return value ? 't' : 'f';
  if (type.name === 'json' || type.name === 'jsonb') return JSON.stringify(value);
  if (Buffer.isBuffer(value)) return `\\x${value.toString('hex')}`;
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) {
    const elements = value.map((each) => quoteElement(toPgText(each, type.element ?? type)));
    return `{${elements.join(',')}}`;
  }
  return JSON.stringify(value) ?? null;
}
