import { emptyFacts } from '../schema/model-facts';
import type { Schema } from '../schema/schema';
import { compareSchemas } from './compare-schemas';
import type { Operation } from './operation';

/** What makes two databases equal where no models are concerned: every name and every text counts. */
export function compareExact(before: Schema, after: Schema): readonly Operation[] {
  return compareSchemas(before, after, { mode: 'exact', facts: emptyFacts() }).operations;
}
