import type { Conversion, ConversionOptions, Convert, RowFact } from './conversion-rule';
import { typeName, type PgType } from './parse-type';

const stamp = 'timestamp without time zone';
const zoned = 'timestamp with time zone';
const time = 'time without time zone';
const zonedTime = 'time with time zone';

/** Dates, times and intervals, as far as PostgreSQL converts them by itself. */
export const convertTime: Convert = (from, to, options) => {
  if (from.isArray || to.isArray) return undefined;
  if (from.base === to.base) return precision(from, to);
  const rule = rules[`${from.base}>${to.base}`];
  const isRounded = precisionOf(to) < precisionOf(from);
  const found = rule?.(options);
  if (found === undefined || !isRounded) return found;
  return { ...found, loses: found.loses ?? fractions(to), rewrites: true };
};

const timeOfDay: RowFact = {
  what: 'the time of day of',
  rows: (column) => `${column} <> ${column}::date`,
};

/** A date goes to the year 5874897, a timestamp to 294276. */
const tooLate: RowFact = {
  minor: true,
  rows: (column) => `${column} > '294276-12-31' AND isfinite(${column})`,
};

/** By their bytes the two are the same where the session's time zone is UTC: then nothing is rewritten. */
function changeOfZone({ utc }: ConversionOptions): Conversion {
  const repeated: RowFact = {
    what: 'the hour that a change of the clocks repeats of',
    minor: true,
  };
  return { loses: utc ? undefined : repeated, rewrites: !utc };
}

const rules: Readonly<Record<string, (options: ConversionOptions) => Conversion>> = {
  [`date>${stamp}`]: () => ({ fails: tooLate, rewrites: true }),
  [`date>${zoned}`]: () => ({ fails: tooLate, rewrites: true }),
  [`${stamp}>date`]: () => ({ loses: timeOfDay, rewrites: true }),
  [`${zoned}>date`]: () => ({ loses: timeOfDay, rewrites: true }),
  [`${stamp}>${zoned}`]: changeOfZone,
  [`${zoned}>${stamp}`]: changeOfZone,
  [`${stamp}>${time}`]: () => ({ loses: all('the date of'), rewrites: true }),
  [`${zoned}>${time}`]: () => ({ loses: all('the date of'), rewrites: true }),
  [`${time}>${zonedTime}`]: () => ({ rewrites: true }),
  [`${zonedTime}>${time}`]: () => ({ loses: all('the time zone of'), rewrites: true }),
  [`${time}>interval`]: () => ({
    loses: { what: 'the hour 24:00 of', minor: true, rows: (column) => `${column} = '24:00'` },
    rewrites: true,
  }),
  [`interval>${time}`]: () => ({
    loses: {
      what: 'whole days of',
      rows: (column) => `${column}::time::interval <> ${column}`,
    },
    rewrites: true,
  }),
};

function all(what: string): RowFact {
  return { what, rows: (column) => `${column} IS NOT NULL` };
}

/** The digits of a second's fraction. */
function precisionOf({ base, args }: PgType): number {
  return /^(time|interval)/.test(base) ? (args[0] ?? 6) : 6;
}

function precision(from: PgType, to: PgType): Conversion | undefined {
  if (!/^(time|interval)/.test(from.base)) return undefined;
  const isRounded = precisionOf(to) < precisionOf(from);
  return { loses: isRounded ? fractions(to) : undefined, rewrites: isRounded };
}

function fractions(to: PgType): RowFact {
  return {
    what: 'fractions of a second of',
    rows: (column) => `${column} <> ${column}::${typeName(to)}`,
  };
}
