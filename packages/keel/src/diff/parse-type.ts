/** A type as `format_type` writes it, taken apart. */
export interface PgType {
  /** Without length, precision and array: `timestamp with time zone`. */
  readonly base: string;
  /** Length, or precision and scale. */
  readonly args: readonly number[];
  readonly isArray: boolean;
  readonly isEnum: boolean;
  /** Of an enum, where they are known: the type itself may not be there yet. */
  readonly values?: readonly string[];
}

/** Takes a type apart. */
export function parseType(type: string, isEnum = false, values?: readonly string[]): PgType {
  const isArray = type.endsWith('[]');
  const element = type.replace(/(\[\])+$/, '');
  if (isEnum) return { base: element, args: [], isArray, isEnum, values };
  const args = /\((-?\d+(?:,-?\d+)*)\)/.exec(element)?.[1]?.split(',').map(Number) ?? [];
  return { base: element.replace(/\([^)]*\)/, ''), args, isArray, isEnum };
}

/** The type of an array's elements. */
export function elementOf(type: PgType): PgType {
  return { ...type, isArray: false };
}

/**
 * The type for a cast. Without a text's length: an explicit cast cuts what is too long without a word, where
 * the assignment to the column then refuses it.
 */
export function castName(type: PgType): string {
  const suffix = type.isArray ? '[]' : '';
  if (type.isEnum) return type.base + suffix;
  if (isText(type)) return `${type.base === 'character' ? 'text' : type.base}${suffix}`;
  return typeName(type);
}

/** The whole type, as `format_type` writes it. */
export function typeName(type: PgType): string {
  const suffix = type.isArray ? '[]' : '';
  const args = type.args.length === 0 ? '' : `(${type.args.join(',')})`;
  const [first = '', ...rest] = type.base.split(' ');
  // The precision of a moment stands after its first word.
  const name = type.base.startsWith('time')
    ? [first + args, ...rest].join(' ')
    : `${type.base}${args}`;
  return name + suffix;
}

const textTypes = new Set(['character varying', 'text', 'character', 'public.citext', 'name']);

export function isText({ base, isEnum }: PgType): boolean {
  return !isEnum && textTypes.has(base);
}

/** The integer types, from narrow to wide, with their greatest value and its digits. */
export const wholeNumbers: Readonly<Record<string, { max: string; digits: number }>> = {
  smallint: { max: '32767', digits: 5 },
  integer: { max: '2147483647', digits: 10 },
  bigint: { max: '9223372036854775807', digits: 19 },
};

export function isWhole({ base }: PgType): boolean {
  return base in wholeNumbers;
}

export function isFloat({ base }: PgType): boolean {
  return base === 'real' || base === 'double precision';
}

export function isNumber(type: PgType): boolean {
  return isWhole(type) || isFloat(type) || type.base === 'numeric';
}

export function isJson({ base }: PgType): boolean {
  return base === 'json' || base === 'jsonb';
}
