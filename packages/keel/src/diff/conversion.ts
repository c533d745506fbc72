import { convertArray } from './array-conversions';
import {
  withoutNull,
  type Conversion,
  type ConversionOptions,
  type Convert,
} from './conversion-rule';
import { convertJson } from './json-conversions';
import { convertNumber } from './number-conversions';
import { convertText } from './text-conversions';
import { convertTime } from './time-conversions';
import { convertOther } from './other-conversions';
import { parseType, typeName, type PgType } from './parse-type';

/** A column's type, and whether it is an enum or an array of one. */
export interface TypedColumn {
  readonly type: string;
  readonly enumType?: object;
}

const kinds: readonly Convert[] = [
  (from, to, options) => convertArray(from, to, (a, b) => convert(a, b, options)),
  convertJson,
  convertText,
  convertNumber,
  convertTime,
  convertOther,
];

/** What changing a column from one type to another does to its rows. */
export function conversionOf(
  from: TypedColumn,
  to: TypedColumn,
  options: ConversionOptions = { utc: true },
): Conversion {
  if (from.type === to.type) return { rewrites: false };
  const found = convert(
    parseType(from.type, from.enumType !== undefined),
    parseType(to.type, to.enumType !== undefined, options.values),
    options,
  );
  return {
    ...found,
    fails: withoutNull(found.fails),
    loses: withoutNull(found.loses),
    empties: withoutNull(found.empties),
  };
}

/** The first rule that knows both types. */
function convert(from: PgType, to: PgType, options: ConversionOptions): Conversion {
  if (typeName(from) === typeName(to)) return { rewrites: false };
  for (const kind of kinds) {
    const found = kind(from, to, options);
    if (found !== undefined) return found;
  }
  return missing(to);
}

/** Nothing is right, and nothing must happen to rows by chance: with rows it fails. */
function missing(to: PgType): Conversion {
  return {
    using: () => `NULL::${typeName(to)}`,
    fails: { rows: (column) => `${column} IS NOT NULL` },
    rewrites: true,
    isMissing: true,
  };
}
