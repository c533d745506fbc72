import { withoutTexts } from '../db/sql-text';
import type { RelationRef } from './trace/catalog-change';
import { splitName } from './split-name';

/** Whether a statement names a table, outside of its texts. */
export function namesTable(sql: string, { name }: RelationRef): boolean {
  return withoutTexts(sql).includes(splitName(name).table);
}
