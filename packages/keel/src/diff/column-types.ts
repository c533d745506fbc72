import type { Column } from '../schema/schema';

/** How a column numbers itself. */
export type Increment = 'none' | 'serial' | 'always' | 'by default';

export function incrementOf(column: Column): Increment {
  if (column.identity !== undefined) return column.identity;
  return column.sequence !== undefined && (column.default ?? '').startsWith("nextval('")
    ? 'serial'
    : 'none';
}

/** A column numbered by a sequence that it does not own: made by hand, and as good as SERIAL. */
export function isNumbered(column: Column): boolean {
  return incrementOf(column) !== 'none' || (column.default ?? '').startsWith("nextval('");
}

/** The default, where it is not the numbering's own. */
export function plainDefault(column: Column): string | undefined {
  return incrementOf(column) === 'none' ? column.default : undefined;
}

/** The type without length, precision and array. */
export function baseType(type: string): string {
  return type.replace(/\([^)]*\)/, '').replace(/(\[\])+$/, '');
}

/** Whether both are of the same type but for length and precision, so that a default of one suits the other. */
export function isSameKind(a: string, b: string): boolean {
  return baseType(a) === baseType(b) && isArray(a) === isArray(b);
}

const textTypes = new Set(['character varying', 'text', 'character', 'public.citext', 'name']);
const wholeNumbers = ['smallint', 'integer', 'bigint'];
const numbers = new Set([...wholeNumbers, 'numeric', 'real', 'double precision']);
const moments = new Set(['date', 'timestamp without time zone', 'timestamp with time zone']);

/** Whether values of one type become values of the other by themselves in ALTER COLUMN … TYPE. */
export function convertsByItself(from: string, to: string): boolean {
  const [a, b] = [baseType(from), baseType(to)];
  if (isArray(from) !== isArray(to)) return false;
  if (a === b) return true;
  if (textTypes.has(a) && textTypes.has(b)) return true;
  if (numbers.has(a) && numbers.has(b)) return true;
  if (moments.has(a) && moments.has(b)) return true;
  return textTypes.has(b) && !isArray(from);
}

/** Whether both are texts, numbers or moments, or of the same type: as a renamed column stays, as a rule. */
export function isSameFamily(a: string, b: string): boolean {
  if (isSameKind(a, b)) return true;
  if (isArray(a) !== isArray(b)) return false;
  return [textTypes, numbers, moments].some(
    (family) => family.has(baseType(a)) && family.has(baseType(b)),
  );
}

const explicitCasts = new Set(['integer>boolean', 'boolean>integer', 'json>jsonb', 'jsonb>json']);

/** The USING expression for a change of type, `quoted` being the column's name; undefined where none is needed. */
export function usingExpression(quoted: string, from: string, to: string): string | undefined {
  if (convertsByItself(from, to)) return undefined;
  const direct = explicitCasts.has(`${from}>${to}`) || textTypes.has(baseType(from));
  if (isArray(to) && !isArray(from))
    return `CASE WHEN ${quoted} IS NULL THEN NULL ELSE ARRAY[${quoted}::text]::${to} END`;
  if (isArray(from) && !isArray(to)) return `${quoted}[1]::text::${to}`;
  if (isArray(from)) return `${quoted}::text[]::${to}`;
  return direct ? `${quoted}::${to}` : `${quoted}::text::${to}`;
}

export function isArray(type: string): boolean {
  return type.endsWith('[]');
}

/** Whether a foreign key between the two types is possible while one of them has changed already. */
export function areComparable(a: string, b: string): boolean {
  if (isSameKind(a, b)) return true;
  if (wholeNumbers.includes(a) && wholeNumbers.includes(b)) return true;
  return textTypes.has(baseType(a)) && textTypes.has(baseType(b)) && isArray(a) === isArray(b);
}

/** Whether some values of `from` do not fit into `to`. */
export function narrows(from: string, to: string): boolean {
  if (!convertsByItself(from, to)) return true;
  const [a, b] = [baseType(from), baseType(to)];
  if (textTypes.has(a) && textTypes.has(b))
    return (lengthOf(to) ?? Infinity) < (lengthOf(from) ?? Infinity);
  if (wholeNumbers.includes(a) && wholeNumbers.includes(b))
    return wholeNumbers.indexOf(b) < wholeNumbers.indexOf(a);
  if (textTypes.has(b)) return lengthOf(to) !== undefined;
  return from !== to && !(wholeNumbers.includes(a) && to === 'numeric');
}

/** The `n` of `character varying(n)`. */
export function lengthOf(type: string): number | undefined {
  const match = /^character(?: varying)?\((\d+)\)/.exec(type);
  return match === null ? undefined : Number(match[1]);
}

/**
 * Whether two defaults give the same value. PostgreSQL keeps a default's cast as it was written, so
 * `'x'::text` and `'x'::character varying` may stand for the same one.
 */
export function sameDefault(a: string | undefined, b: string | undefined): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined) return isNullDefault(a) && isNullDefault(b);
  return normalDefault(a) === normalDefault(b);
}

function isNullDefault(text: string | undefined): boolean {
  return text === undefined || text.startsWith('NULL::');
}

function normalDefault(text: string): string {
  if (text === 'CURRENT_TIMESTAMP') return 'now()';
  const quoted =
    /^\(?'((?:[^']|'')*)'::[\w ."]+(?:\(\d+(?:,\d+)?\))?\)?(?:::[\w ."]+(?:\(\d+(?:,\d+)?\))?)?$/.exec(
      text,
    );
  return quoted?.[1] === undefined ? text : quoted[1].replaceAll("''", "'");
}
