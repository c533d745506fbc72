import type { ByteWriter } from './byte-writer';
import { permutationOf } from './permutation';
import { draw32, drawBelow, drawUnit, keyOf, type Key } from './random-draws';
import { makeTextSource } from './make-text-source';
import type { Generator } from './generator';

// Looked up once: these run many times a row.
const { floor, round } = Math;

/** What a function of the plan file is told about the row that it makes a value for. */
interface CustomRow {
  /** The row's number within its table, from 0. */
  readonly index: number;
  /** A number in [0, 1) that belongs to this row and column; `salt` gives further ones. */
  random(salt?: number): number;
}

/** A function of the plan file. It must depend on its argument alone. */
export type CustomGenerator = (row: CustomRow) => unknown;

/** The values of a column as functions of the row, before they are encoded for its type. */
export type Values =
  | { readonly kind: 'integer'; at(this: void, i: number): number }
  | { readonly kind: 'float'; at(this: void, i: number): number }
  | { readonly kind: 'decimal'; readonly scale: number; at(this: void, i: number): number }
  | {
      readonly kind: 'text';
      readonly size: number;
      put(this: void, writer: ByteWriter, i: number): void;
    }
  | { readonly kind: 'uuid'; word(this: void, i: number, number: 0 | 1 | 2 | 3): number }
  | {
      readonly kind: 'bytes';
      readonly size: number;
      put(this: void, writer: ByteWriter, i: number): void;
    }
  /** As PostgreSQL reads them; null is NULL. */
  | { readonly kind: 'string'; at(this: void, i: number): string | null }
  | {
      readonly kind: 'array';
      readonly most: number;
      readonly element: Values;
      length(this: void, i: number): number;
    }
  | {
      readonly kind: 'range';
      readonly element: Values;
      lower(this: void, i: number): number;
      upper(this: void, i: number): number;
    };

/** What a generator may need besides its own description. */
export interface ValueContext {
  /** Whether each value comes at most once. */
  readonly unique: boolean;
  /** The key of (generator version, seed, table, column). */
  readonly key: Key;
  /** For `serial`: the number of row `i`. */
  readonly serial: (i: number) => number;
  /** For `after`: the values of another column of the table. */
  readonly other: (column: string) => Values;
  /** For `custom`: the function, wrapped to give PostgreSQL's text. */
  readonly custom: (i: number) => string | null;
}

/** The values that a generator makes. Pure. */
export function valuesOf(generator: Generator, context: ValueContext): Values {
  const { key, unique } = context;
  switch (generator.kind) {
    case 'serial':
      return { kind: 'integer', at: context.serial };
    case 'integer':
      return {
        kind: 'integer',
        at: integers(generator.min, generator.max, generator.unit ?? 1, unique, key),
      };
    case 'decimal':
      return {
        kind: 'decimal',
        scale: generator.scale,
        at: integers(generator.min, generator.max, 1, unique, key),
      };
    case 'float': {
      const { min, max } = generator;
      if (unique) {
        const order = permutationOf(2 ** 40, key);
        return { kind: 'float', at: (i) => min + (order.at(i) / 2 ** 40) * (max - min) };
      }
      return {
        kind: 'float',
        at: (i) => round((min + drawUnit(key, i) * (max - min)) * 1e4) / 1e4,
      };
    }
    case 'text':
      return { kind: 'text', ...makeTextSource(generator.form, generator, unique, key) };
    case 'choice':
      return { kind: 'string', at: choices(generator, unique, key) };
    case 'constant':
      return { kind: 'string', at: () => generator.value };
    case 'uuid':
      return { kind: 'uuid', word: uuidWords(key) };
    case 'bytes':
      return randomBytes(generator.min, generator.max, unique, key);
    case 'after': {
      const other = context.other(generator.column);
      if (other.kind !== 'integer') return other;
      const { spread, unit } = generator;
      return { kind: 'integer', at: (i) => other.at(i) + drawBelow(key, i, spread) * unit };
    }
    case 'array':
      return arrays(generator, context);
    case 'range':
      return ranges(generator, context);
    case 'pattern':
      return { kind: 'string', at: pattern(generator.parts, unique, key) };
    case 'custom':
      return { kind: 'string', at: context.custom };
  }
}

/** How many different values a generator has; Infinity where the limit is out of reach of any table. */
export function integerCapacity(min: number, max: number, unit: number): number {
  return floor((max - min) / unit) + 1;
}

function integers(
  min: number,
  max: number,
  unit: number,
  unique: boolean,
  key: Key,
): (i: number) => number {
  const size = integerCapacity(min, max, unit);
  if (unique) {
    const order = permutationOf(size, key);
    return (i) => min + order.at(i) * unit;
  }
  return (i) => min + drawBelow(key, i, size) * unit;
}

function choices(
  { values, weights }: Extract<Generator, { kind: 'choice' }>,
  unique: boolean,
  key: Key,
): (i: number) => string {
  if (unique) {
    const order = permutationOf(values.length, key);
    return (i) => values[order.at(i)]!;
  }
  if (!weights) return (i) => values[drawBelow(key, i, values.length)]!;
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return (i) => {
    let rest = drawUnit(key, i) * total;
    for (let at = 0; at < values.length; at += 1) {
      rest -= weights[at] ?? 0;
      if (rest < 0) return values[at]!;
    }
    return values.at(-1)!;
  };
}

/** Version 4 UUIDs. 48 of their bits are a permutation of the row's number, so that none comes twice. */
function uuidWords(key: Key): (i: number, number: 0 | 1 | 2 | 3) => number {
  const order = permutationOf(2 ** 48, key);
  return (i, number) => {
    if (number === 0) return floor(order.at(i) / 65536) >>> 0;
    if (number === 1)
      return ((order.at(i) % 65536) * 65536 + (0x4000 | (draw32(key, i, 1) & 0x0fff))) >>> 0;
    if (number === 2) return ((draw32(key, i, 2) & 0x3fffffff) | 0x80000000) >>> 0;
    return draw32(key, i, 3);
  };
}

function randomBytes(min: number, max: number, unique: boolean, key: Key): Values {
  const order = permutationOf(256 ** Math.min(6, max), key);
  const prefix = unique ? Math.min(6, max) : 0;
  return {
    kind: 'bytes',
    size: max,
    put: (writer, i) => {
      const length = Math.max(prefix, min + drawBelow(key, i, max - min + 1));
      let rest = prefix > 0 ? order.at(i) : 0;
      for (let at = 0; at < length; at += 1) {
        writer.byte(at < prefix ? rest % 256 : draw32(key, i, at + 8) & 255);
        rest = floor(rest / 256);
      }
    },
  };
}

function arrays(generator: Extract<Generator, { kind: 'array' }>, context: ValueContext): Values {
  const { min, max } = generator;
  const key = keyOf(context.key.a, context.key.b, 'element');
  // Element n of row i is element number i * max + n of a column of its own.
  return {
    kind: 'array',
    most: max,
    element: valuesOf(generator.element, { ...context, unique: false, key }),
    length: (i) => min + drawBelow(context.key, i, max - min + 1, 3),
  };
}

function ranges(generator: Extract<Generator, { kind: 'range' }>, context: ValueContext): Values {
  const element = valuesOf(generator.element, context);
  if (element.kind !== 'integer' && element.kind !== 'decimal')
    throw new TypeError('A range needs integers');
  return {
    kind: 'range',
    element,
    lower: (i) => element.at(i),
    upper: (i) => element.at(i) + 1 + drawBelow(context.key, i, generator.spread, 9),
  };
}

function pattern(
  parts: Extract<Generator, { kind: 'pattern' }>['parts'],
  unique: boolean,
  key: Key,
): (i: number) => string {
  const sizes = parts.map((part) => (typeof part === 'string' ? 1 : part[1] - part[0] + 1));
  const order = unique ? permutationOf(patternCapacity(parts), key) : undefined;
  return (i) => {
    let rest = order ? order.at(i) : 0;
    return parts
      .map((part, number) => {
        if (typeof part === 'string') return part;
        const size = sizes[number]!;
        const draw = order ? rest % size : drawBelow(key, i, size, number);
        rest = floor(rest / size);
        return String(part[0] + draw);
      })
      .join('');
  };
}

export function patternCapacity(parts: Extract<Generator, { kind: 'pattern' }>['parts']): number {
  return parts.reduce(
    (product, part) => product * (typeof part === 'string' ? 1 : part[1] - part[0] + 1),
    1,
  );
}
