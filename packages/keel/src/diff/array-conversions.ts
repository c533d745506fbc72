import { withoutNull, type Conversion, type RowFact } from './conversion-rule';
import { castName, elementOf, isJson, isNumber, isText, isWhole, type PgType } from './parse-type';
import { invalidFor } from './text-conversions';

type ConvertElement = (from: PgType, to: PgType) => Conversion;

/** Arrays are converted element by element; a value becomes an array of one, and an array its first element. */
export function convertArray(
  from: PgType,
  to: PgType,
  convert: ConvertElement,
): Conversion | undefined {
  if (from.isArray === to.isArray) return from.isArray ? between(from, to, convert) : undefined;
  if (isJson(from.isArray ? to : from)) return undefined;
  return to.isArray ? toArray(from, to, convert) : fromArray(from, to, convert);
}

function between(from: PgType, to: PgType, convert: ConvertElement): Conversion | undefined {
  const element = convert(elementOf(from), elementOf(to));
  const route = routeBetween(elementOf(from), elementOf(to), element);
  if (route === undefined) return undefined;
  const cast = castName(to);
  const each = (fact: RowFact | undefined): RowFact | undefined => {
    const known = withoutNull(fact);
    const rows = known?.rows;
    if (known === undefined || rows === undefined) return known;
    return {
      ...fact,
      rows: (column) =>
        `EXISTS (SELECT FROM unnest(${column}) AS element WHERE ${rows('element')})`,
    };
  };
  return {
    using: route === '' ? undefined : (column) => `${column}${route}::${cast}`,
    // Here by its text, elsewhere by what is in it: a string has quotes, and null is a text.
    fails: each(isJson(from) && element.fails ? invalidFor(elementOf(to)) : element.fails),
    loses: each(element.loses),
    rewrites: true,
  };
}

/** The casts that lead from one array to the other: USING takes no subquery, so nothing else reaches the elements. */
function routeBetween(from: PgType, to: PgType, element: Conversion): string | undefined {
  if (element.isMissing === true || element.helper !== undefined) return undefined;
  if (from.base === 'bytea' || to.base === 'bytea') return undefined;
  if (to.base === 'boolean' && isNumber(from))
    return from.base === 'integer' || from.base === 'smallint' ? '::integer[]' : undefined;
  if (from.base === 'boolean' && isNumber(to))
    return to.base === 'integer' || to.base === 'smallint' ? '::integer[]' : undefined;
  // Their text is JSON.
  const isPlain = (type: PgType): boolean => isWhole(type) || type.base === 'boolean';
  if (isJson(from) !== isJson(to) && ![from, to].some((type) => isPlain(type) || isText(type)))
    return undefined;
  return element.using === undefined && isText(from) === isText(to) ? '' : '::text[]';
}

function toArray(from: PgType, to: PgType, convert: ConvertElement): Conversion | undefined {
  const element = convert(from, elementOf(to));
  if (element.isMissing === true) return undefined;
  const value = (column: string): string => {
    const converted = element.using?.(column) ?? `${column}::${castName(elementOf(to))}`;
    return `CASE WHEN ${column} IS NULL THEN NULL ELSE ARRAY[${converted}] END`;
  };
  return { ...element, using: value, rewrites: true };
}

function fromArray(from: PgType, to: PgType, convert: ConvertElement): Conversion | undefined {
  const element = convert(elementOf(from), to);
  if (element.isMissing === true) return undefined;
  const first = (column: string): string => `${column}[1]`;
  const { fails, loses } = element;
  const isMore = (column: string): string =>
    `cardinality(${column}) <> 1 OR array_ndims(${column}) <> 1 OR array_lower(${column}, 1) <> 1 OR ${first(column)} IS NULL`;
  return {
    using: (column) => element.using?.(`(${first(column)})`) ?? first(column),
    fails: fails && { ...fails, rows: (column) => fails.rows?.(`(${first(column)})`) ?? 'NULL' },
    loses: {
      what: 'all but the first element of',
      rows:
        loses !== undefined && loses.rows === undefined
          ? undefined
          : (column) => `(${isMore(column)} OR ${loses?.rows?.(`(${first(column)})`) ?? 'false'})`,
    },
    empties: { rows: (column) => `${first(column)} IS NULL` },
    rewrites: true,
    helper: element.helper,
  };
}
