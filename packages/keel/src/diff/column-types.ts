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

/** Whether a column that is added has no value in the rows that are there. */
export function isAddedEmpty(column: Column): boolean {
  return (
    column.default === undefined && column.generated === undefined && incrementOf(column) === 'none'
  );
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

/** Whether both are texts, numbers or moments, or of the same type: as a renamed column stays, as a rule. */
export function isSameFamily(a: string, b: string): boolean {
  if (isSameKind(a, b)) return true;
  if (isArray(a) !== isArray(b)) return false;
  return [textTypes, numbers, moments].some(
    (family) => family.has(baseType(a)) && family.has(baseType(b)),
  );
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
