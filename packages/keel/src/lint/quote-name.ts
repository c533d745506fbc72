import { quoteTable } from '../db/quote';
import type { RelationRef } from './trace/catalog-change';

/** A table's name as SQL. */
export function quoteName({ name }: RelationRef): string {
  const dot = name.indexOf('.');
  return quoteTable(name.slice(0, dot), name.slice(dot + 1));
}
