import { EPOCH_DAYS, MICROSECONDS_A_DAY } from '../generators/format-values';
import type { Bound, ColumnRules } from './column-rules';
import type { Generator } from '../generators/generator';
import type { PgType } from '../generators/pg-type';

/** The numbers that `float` makes are this far apart. */
export const FLOAT_STEP = 1e-4;

/** What no constraint has a say in. */
const SETTLED: ReadonlySet<Generator['kind']> = new Set(['serial', 'uuid', 'constant', 'custom']);

const LARGEST: Readonly<Record<string, number>> = { int2: 32_767, int4: 2_147_483_647 };

/**
 * Narrows a generator to what CHECK constraints ask of a column. A generator that satisfies them stays as it is. What
 * cannot be satisfied is left alone: the check of the first rows finds it.
 */
export function narrowGenerator(
  generator: Generator | undefined,
  rules: ColumnRules,
  type: PgType,
): Generator | undefined {
  if (generator && SETTLED.has(generator.kind)) return generator;
  if (rules.null) return { kind: 'constant', value: null };
  if (rules.values) {
    // Validators or an enum may leave out some of them.
    const known = generator?.kind === 'choice' ? generator.values : rules.values;
    const values = rules.values.filter((value) => known.includes(value));
    return { kind: 'choice', values: allowed(values, rules) };
  }
  if (!generator) return undefined;
  switch (generator.kind) {
    case 'choice':
      return { ...generator, values: allowed(generator.values, rules) };
    case 'integer': {
      const unit = generator.unit ?? 1;
      const scale = (text: string): number => scaleOf(text, type);
      const most = LARGEST[type.name] ?? Number.MAX_SAFE_INTEGER;
      return { ...generator, ...within(generator, boundsOf(rules, scale, unit), most) };
    }
    case 'decimal': {
      const most = 10 ** Math.min(15, type.precision ?? 15) - 1;
      const scale = (text: string): number => Number(text) * 10 ** generator.scale;
      return { ...generator, ...within(generator, boundsOf(rules, scale, 1), most) };
    }
    case 'float':
      return { ...generator, ...within(generator, boundsOf(rules, Number, FLOAT_STEP), Infinity) };
    case 'text':
      return {
        ...generator,
        ...lengths(generator, rules),
        letters: rules.letters ?? generator.letters,
      };
    case 'bytes':
    case 'array':
      return { ...generator, ...lengths(generator, rules) };
    case 'after':
    case 'pattern':
    case 'range':
    case 'constant':
    case 'custom':
    case 'serial':
    case 'uuid':
      return generator;
  }
}

function allowed(values: readonly string[], { excluded = [] }: ColumnRules): string[] {
  return values.filter((value) => !excluded.includes(value));
}

function lengths(
  { min, max }: { readonly min: number; readonly max: number },
  { shortest, longest }: ColumnRules,
): { min: number; max: number } {
  const least = Math.max(min, shortest ?? min);
  const most = Math.max(max, least);
  return longest === undefined
    ? { min: least, max: most }
    : { min: Math.min(least, longest), max: Math.min(most, longest) };
}

/** A literal as the integers of a generator count; NaN where it is none. */
function scaleOf(text: string, type: PgType): number {
  switch (type.name) {
    case 'date':
      return instantOf(text) / MICROSECONDS_A_DAY;
    case 'timestamp':
    case 'timestamptz':
      return instantOf(text);
    case 'money':
      return NaN;
    default:
      return Number(text);
  }
}

/** Microseconds from PostgreSQL's epoch of a date or a timestamp in ISO's form. */
function instantOf(text: string): number {
  const match = /^(\d{4}-\d\d-\d\d)(?: (\d\d:\d\d:\d\d(?:\.\d+)?))?([+-]\d\d)?(:\d\d)?$/.exec(text);
  if (!match) return NaN;
  const [, day, time = '00:00:00', hours = '+00', minutes = ':00'] = match;
  const milliseconds = Date.parse(`${day}T${time}${hours}${minutes}`);
  return (milliseconds - EPOCH_DAYS * 86_400_000) * 1000;
}

interface Bounds {
  readonly low: number | undefined;
  readonly high: number | undefined;
  readonly excluded: readonly number[];
  readonly step: number;
}

/** The bounds as multiples of `step`, both included. */
function boundsOf(rules: ColumnRules, scale: (text: string) => number, step: number): Bounds {
  const steps = (bounds: readonly Bound[] = []): { at: number; strict: boolean }[] =>
    bounds
      .map(({ text, strict }) => ({ at: exact(scale(text) / step), strict }))
      .filter(({ at }) => Number.isFinite(at));
  const low = steps(rules.low).map(({ at, strict }) =>
    strict ? Math.floor(at) + 1 : Math.ceil(at),
  );
  const high = steps(rules.high).map(({ at, strict }) =>
    strict ? Math.ceil(at) - 1 : Math.floor(at),
  );
  return {
    low: low.length > 0 ? Math.max(...low) * step : undefined,
    high: high.length > 0 ? Math.min(...high) * step : undefined,
    excluded: (rules.excluded ?? []).map(scale),
    step,
  };
}

/** Without the error of a division: 1.1 * 100 is a little more than 110. */
function exact(value: number): number {
  return Number.isInteger(value) ? value : Number(value.toPrecision(15));
}

/**
 * The usual range, cut to the bounds. Where the two do not overlap, a range as wide as the usual one, at the bound.
 * Where both bounds are given and the usual range goes past the upper one, the bounds themselves.
 */
function within(
  usual: { readonly min: number; readonly max: number },
  { low, high, excluded, step }: Bounds,
  most: number,
): { min: number; max: number } {
  let min = Math.max(usual.min, low ?? usual.min);
  let max = Math.min(usual.max, high ?? usual.max);
  if (low !== undefined && high !== undefined && usual.max > high) {
    min = low;
    max = high;
  } else if (min > max) {
    const width = usual.max - usual.min;
    min = low ?? (high ?? max) - width;
    max = high ?? Math.min(min + width, most);
  }
  while (excluded.includes(min)) min += step;
  while (excluded.includes(max)) max -= step;
  return { min, max };
}
