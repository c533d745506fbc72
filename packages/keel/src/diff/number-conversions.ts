import type { Conversion, Convert, RowFact } from './conversion-rule';
import { isFloat, isNumber, isWhole, wholeNumbers, type PgType } from './parse-type';
import { invalidFor } from './text-conversions';

/** Numbers become other numbers, and true and false. */
export const convertNumber: Convert = (from, to) => {
  if (from.isArray || to.isArray) return undefined;
  if (from.base === 'boolean' && isNumber(to)) return fromBoolean(to);
  if (!isNumber(from)) return undefined;
  if (to.base === 'boolean') return toBoolean();
  if (!isNumber(to)) return undefined;
  if (isWhole(to)) return toWhole(from, to);
  return to.base === 'numeric' ? toNumeric(from, to) : toFloat(from, to);
};

function fromBoolean(to: PgType): Conversion {
  const fails = digitsBefore(to) < 1 ? { rows: (column: string) => column } : undefined;
  return { using: (column) => `${column}::integer`, fails, rewrites: true };
}

function toBoolean(): Conversion {
  return {
    using: (column) => `${column} <> 0`,
    loses: { what: 'numbers besides 0 and 1 of', rows: (column) => `${column} NOT IN (0, 1)` },
    rewrites: true,
  };
}

function toWhole(from: PgType, to: PgType): Conversion {
  const { max = '0' } = wholeNumbers[to.base] ?? {};
  const isWider = isWhole(from) && digitsOf(from) <= digitsOf(to);
  const rounded = (column: string): string => (isWhole(from) ? column : `round(${column})`);
  const fails: RowFact = {
    // NaN is greater than every number.
    rows: (column) => `${rounded(column)} NOT BETWEEN -${max} - 1 AND ${max}`,
  };
  return {
    fails: isWider ? undefined : fails,
    loses: isWhole(from)
      ? undefined
      : { what: 'the fractions of', rows: (column) => `${column} <> trunc(${column})` },
    rewrites: true,
  };
}

function digitsOf({ base }: PgType): number {
  return wholeNumbers[base]?.digits ?? Infinity;
}

/** The digits before the point that a type has room for. */
function digitsBefore({ base, args }: PgType): number {
  if (base !== 'numeric') return wholeNumbers[base]?.digits ?? Infinity;
  const [precision, scale = 0] = args;
  return precision === undefined ? Infinity : precision - scale;
}

/** The digits after the point that a type has. */
function scaleOf(type: PgType): number {
  if (isWhole(type)) return 0;
  return type.base === 'numeric' && type.args.length > 0 ? (type.args[1] ?? 0) : Infinity;
}

function toNumeric(from: PgType, to: PgType): Conversion {
  const [scale, room] = [scaleOf(to), digitsBefore(to)];
  const rounds = scale < scaleOf(from);
  // Rounding 99.95 to one digit needs one digit more before the point.
  const fits = room > digitsBefore(from) || (room === digitsBefore(from) && !rounds);
  // The cast of a float keeps 15 digits, its text all.
  const exact = (column: string): string => (isFloat(from) ? `${column}::text::numeric` : column);
  const isSameScale = from.base === 'numeric' && from.args.length > 0 && scaleOf(from) === scale;
  return {
    using: isFloat(from) ? exact : undefined,
    fails: fits || room === Infinity ? undefined : tooGreat(from, exact, scale, room),
    loses: rounds
      ? {
          what: `digits after the point of`,
          rows: (column) => `${exact(column)} <> round(${exact(column)}, ${scale})`,
        }
      : undefined,
    rewrites: from.base !== 'numeric' || !(to.args.length === 0 || (isSameScale && fits)),
  };
}

function tooGreat(
  from: PgType,
  exact: (column: string) => string,
  scale: number,
  room: number,
): RowFact {
  const isOver = (column: string): string => `abs(round(${exact(column)}, ${scale})) >= 1e${room}`;
  if (isWhole(from)) return { rows: (column) => `abs(${column}::numeric) >= 1e${room}` };
  // NaN fits everywhere and is greater than every number.
  return { rows: (column) => `${exact(column)} <> 'NaN' AND ${isOver(column)}` };
}

/** Whole numbers up to this are exact. */
const exactUpTo: Readonly<Record<string, string>> = {
  real: '16777216',
  'double precision': '9007199254740992',
};

function toFloat(from: PgType, to: PgType): Conversion {
  if (isWhole(from)) {
    const most = exactUpTo[to.base] ?? '0';
    const isExact = digitsOf(from) < most.length || from.base === 'smallint';
    const loses: RowFact = {
      what: `the last digits of`,
      rows: (column) => `${column} NOT BETWEEN -${most} AND ${most}`,
    };
    return { loses: isExact ? undefined : loses, rewrites: true };
  }
  if (from.base === 'real') return { rewrites: true };
  const isNumeric = from.base === 'numeric';
  const fails = invalidFor(to);
  const overflows = isNumeric ? digitsBefore(from) > 37 || scaleOf(from) > 44 : true;
  const isInvalid = fails.rows ?? ((): string => 'false');
  return {
    fails: overflows ? fails : undefined,
    loses: {
      what: 'the last digits of',
      rows: (column) => {
        const back = isNumeric
          ? `${column}::${to.base}::text::numeric`
          : `${column}::real::double precision`;
        return `CASE WHEN ${isInvalid(column)} THEN false ELSE ${back} <> ${column} END`;
      },
    },
    rewrites: true,
  };
}
