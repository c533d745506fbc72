// Looked up once: these run many times a row.
const { imul, floor, min } = Math;

/** The key of one stream of draws: 64 bits, as two unsigned 32-bit numbers. */
export interface Key {
  readonly a: number;
  readonly b: number;
}

const TWO_32 = 4294967296;

/**
 * The key that belongs to a list of names, such as (generator version, seed, table, column).
 * Different lists give unrelated keys; the same list gives the same key on every machine.
 */
export function keyOf(...parts: readonly (string | number)[]): Key {
  const bytes = Buffer.from(parts.join('\u0000'), 'utf8');
  let a = 0x811c9dc5;
  let b = 0x9747b28c;
  for (const byte of bytes) {
    a = imul(a ^ byte, 0x01000193);
    b = imul(b ^ byte, 0x5bd1e995);
    b ^= b >>> 15;
  }
  return { a: finish(a ^ bytes.length), b: finish(b ^ a) };
}

/** 32 uniform bits for the counter `i` (0 to 2^53) and a small `salt` that tells draws of one row apart. */
export function draw32(key: Key, i: number, salt = 0): number {
  let h = key.a ^ imul(i | 0, 0x9e3779b1);
  h = imul(h ^ (h >>> 16), 0x85ebca6b);
  h ^= key.b + imul((i / TWO_32) | 0, 0x27d4eb2f) + imul(salt, 0x165667b1);
  h = imul(h ^ (h >>> 13), 0xc2b2ae35);
  h = imul(h ^ (h >>> 16), 0x7feb352d);
  h = imul(h ^ (h >>> 15), 0x846ca68b);
  return (h ^ (h >>> 16)) >>> 0;
}

/** A uniform number in [0, 1) with 53 random bits. */
export function drawUnit(key: Key, i: number, salt = 0): number {
  const high = draw32(key, i, salt) >>> 5;
  const low = draw32(key, i, salt ^ 0x40000000) >>> 6;
  return (high * 67108864 + low) / 9007199254740992;
}

/** A uniform integer in [0, size), for any size up to 2^53. */
export function drawBelow(key: Key, i: number, size: number, salt = 0): number {
  // Only products and quotients of doubles, which IEEE 754 fixes to the last bit everywhere.
  if (size <= 65536) return floor((draw32(key, i, salt) / TWO_32) * size);
  return min(size - 1, floor(drawUnit(key, i, salt) * size));
}

function finish(value: number): number {
  let h = value;
  h = imul(h ^ (h >>> 16), 0x85ebca6b);
  h = imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
