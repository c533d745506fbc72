import { quoteLiteral } from '../db/quote';
import type { Conversion, Convert, RowFact } from './conversion-rule';
import { castName, isText, typeName, wholeNumbers, type PgType } from './parse-type';

/** The rows whose text is no value of `to`; needs PostgreSQL 16 where it is no enum whose values are known. */
export function invalidFor(
  to: PgType,
  text = (column: string): string => `${column}::text`,
): RowFact {
  const { values } = to;
  const literal = (value: string): string => quoteLiteral(value).trim();
  if (values === undefined || to.isArray)
    return { rows: (column) => `NOT pg_input_is_valid(${text(column)}, ${literal(typeName(to))})` };
  return { rows: (column) => `${text(column)} NOT IN (${values.map(literal).join(', ')})` };
}

/** Texts become values and values texts; between two kinds of text only the length matters. */
export const convertText: Convert = (from, to) => {
  if (from.isArray || to.isArray) return undefined;
  if (isText(from) && isText(to)) return betweenTexts(from, to);
  if (isText(to)) return toText(from, to);
  return isText(from) ? fromText(from, to) : undefined;
};

/** The most characters that a text type holds. */
function limitOf({ base, args }: PgType): number {
  if (base === 'name') return 63;
  return base === 'character varying' || base === 'character' ? (args[0] ?? Infinity) : Infinity;
}

function betweenTexts(from: PgType, to: PgType): Conversion {
  const limit = limitOf(to);
  const isNarrower = limit < limitOf(from);
  const isPadded = to.base === 'character' || from.base === 'character';
  return {
    fails: isNarrower ? longerThan(limit) : undefined,
    loses: isNarrower || to.base === 'character' ? endSpaces(limit, to) : undefined,
    rewrites: isPadded || from.base === 'name' || to.base === 'name' || needsCheck(from, to),
  };
}

/** Whether PostgreSQL goes through the rows to look at their length; it knows better for varchar to varchar. */
function needsCheck(from: PgType, to: PgType): boolean {
  if (to.base !== 'character varying' || to.args.length === 0) return false;
  return from.base !== 'character varying' || limitOf(to) < limitOf(from);
}

/** Spaces at the end are cut off without a word, as the SQL standard has it. */
function longerThan(limit: number): RowFact {
  return { rows: (column) => `length(rtrim(${column}::text, ' ')) > ${limit}` };
}

function endSpaces(limit: number, to: PgType): RowFact {
  return {
    what: 'spaces at the end of',
    minor: true,
    rows: (column) =>
      to.base === 'character'
        ? `${column}::text LIKE '% '`
        : `length(${column}::text) > ${limit} AND length(rtrim(${column}::text, ' ')) <= ${limit}`,
  };
}

/** The most characters of a value's text; undefined where there is no such number. */
function longestText({ base, args, isEnum }: PgType): number | undefined {
  if (isEnum) return 63;
  const whole = wholeNumbers[base];
  if (whole !== undefined) return whole.digits + 1;
  if (base === 'numeric')
    return args[0] === undefined ? undefined : Math.abs(args[0]) + Math.abs(args[1] ?? 0) + 3;
  return longest[base];
}

const longest: Readonly<Record<string, number>> = {
  boolean: 5,
  uuid: 36,
  real: 15,
  'double precision': 24,
  date: 16,
  'time without time zone': 15,
  'time with time zone': 24,
  'timestamp without time zone': 32,
  'timestamp with time zone': 44,
  interval: 140,
  inet: 50,
  cidr: 50,
  macaddr: 17,
  macaddr8: 23,
  int4range: 25,
  int8range: 43,
  daterange: 39,
  tsrange: 71,
  tstzrange: 95,
};

function toText(from: PgType, to: PgType): Conversion {
  const limit = limitOf(to);
  const isBinary = from.base === 'bytea';
  const fits = (longestText(from) ?? Infinity) <= limit;
  return {
    // The bytes of the text, not their hexadecimal digits.
    using: isBinary ? (column) => `convert_from(${column}, 'UTF8')` : undefined,
    fails: isBinary ? {} : fits ? undefined : longerThan(limit),
    loses: lossOfText(from, to),
    rewrites: true,
  };
}

function lossOfText(from: PgType, to: PgType): RowFact | undefined {
  if (to.base === 'name') return { what: 'what is longer than 63 bytes of' };
  // Text is compared letter by letter in JSON.
  const isPadded = to.base === 'character' && from.base === 'json';
  return isPadded ? { what: 'the spelling of', minor: true } : undefined;
}

function fromText(from: PgType, to: PgType): Conversion {
  if (to.base === 'bytea')
    return { using: (column) => `convert_to(${column}::text, 'UTF8')`, rewrites: true };
  // The padding of a char(n) is no part of the value.
  const isPadded = from.base === 'character';
  const cast = (column: string): string => `${column}${isPadded ? '::text' : ''}::${castName(to)}`;
  const fails = invalidFor(to);
  const isInvalid = fails.rows;
  return {
    using: cast,
    fails,
    loses: to.isEnum
      ? undefined
      : {
          what: 'the spelling of',
          minor: true,
          rows: (column) =>
            `CASE WHEN ${isInvalid?.(column) ?? 'false'} THEN false ELSE ${cast(column)}::text <> ${column}::text END`,
        },
    rewrites: true,
  };
}
