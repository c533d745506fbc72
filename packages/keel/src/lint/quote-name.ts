import { quoteTable } from '../db/quote';
import type { RelationRef } from './trace/catalog-change';
import { splitName } from './split-name';

/** A table's name as SQL. */
export function quoteName({ name }: RelationRef): string {
  const { schema, table } = splitName(name);
  return quoteTable(schema, table);
}
