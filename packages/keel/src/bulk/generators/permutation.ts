import { draw32, type Key } from './random-draws';

// Looked up once: these run many times a row.
const { floor, ceil, sqrt } = Math;

/** A keyed one-to-one mapping of [0, size) onto itself, computed, never stored. */
export interface Permutation {
  readonly size: number;
  /** The image of `index`, which must be an integer in [0, size). */
  at(index: number): number;
}

const ROUNDS = 6;

/**
 * A Feistel network over mixed radix a x b >= size with cycle walking: the domain is at most
 * sqrt(size) larger than `size`, so a second walk is rare. Sizes up to 2^53.
 *
 * Black and Rogaway, "Ciphers with Arbitrary Finite Domains" (CT-RSA 2002).
 */
export function permutationOf(size: number, key: Key): Permutation {
  if (size <= 1) return { size, at: (index) => index };
  const a = ceil(sqrt(size));
  const b = ceil(size / a);
  const at = (index: number): number => {
    let value = index;
    do {
      let left = floor(value / b);
      let right = value - left * b;
      for (let round = 0; round < ROUNDS; round += 2) {
        left = (left + draw32(key, right, round)) % a;
        right = (right + draw32(key, left, round + 1)) % b;
      }
      value = left * b + right;
    } while (value >= size);
    return value;
  };
  return { size, at };
}

/** The image of `index` under one of many permutations of [0, size): the one that `which` selects. */
export function permuteOneOf(which: number, index: number, size: number, key: Key): number {
  const own: Key = { a: draw32(key, which, 101), b: draw32(key, which, 102) };
  return permutationOf(size, own).at(index);
}
