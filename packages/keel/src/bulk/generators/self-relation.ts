import { drawBelow, draw32, type Key } from './random-draws';
import type { Relation } from './relation-of';

/** A tree within one table: row `i` has a parent among the rows before it; row 0 has none (-1). */
export function treeRelation(key: Key): Relation {
  return {
    parent: (i) => (i === 0 ? -1 : drawBelow(key, i, i)),
    ordinal: () => 0,
    step: () => 0,
  };
}

/**
 * A chain within one table, for a unique self-reference: row `i` follows row `i - 1`. Where every row must have a parent of
 * its own, the first one's parent would be one too many: each row is its own then.
 */
export function chainRelation(notNull: boolean): Relation {
  return { parent: (i) => (notNull ? i : i - 1), ordinal: () => 0, step: () => 0 };
}

/** Whether row `i` of a nullable column is left empty, at the given rate. */
export function isAbsent(key: Key, i: number, rate: number): boolean {
  return rate > 0 && draw32(key, i, 77) / 4294967296 < rate;
}
