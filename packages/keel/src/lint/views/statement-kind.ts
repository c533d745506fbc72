import { withoutTexts } from '../../db/sql-text';

/** The first word of a statement, in small letters; of WITH, the word of what it leads to. */
export function verbOf(sql: string): string {
  const text = withoutTexts(sql).trim().toLowerCase();
  const verb = /^[a-z]+/.exec(text)?.[0] ?? '';
  if (verb !== 'with') return verb;
  return /\b(insert|update|delete|merge)\b/.exec(text)?.[0] ?? 'select';
}

/** Whether a statement changes rows. */
export function isData(sql: string): boolean {
  return ['insert', 'update', 'delete', 'merge', 'copy'].includes(verbOf(sql));
}

/** Whether a statement only reads rows. */
export function isSelect(sql: string): boolean {
  return ['select', 'table', 'values'].includes(verbOf(sql));
}

/** Whether a statement says CONCURRENTLY. */
export function isConcurrent(sql: string): boolean {
  return /\bconcurrently\b/i.test(withoutTexts(sql));
}
