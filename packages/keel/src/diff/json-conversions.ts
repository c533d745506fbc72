import { quoteBody } from '../db/quote';
import type { Conversion, Convert, RowFact } from './conversion-rule';
import { castName, elementOf, isJson, isText, typeName, type PgType } from './parse-type';
import { invalidFor } from './text-conversions';

/** JSON keeps whatever `to_jsonb` can write, arrays too; not every JSON is a value of another type. */
export const convertJson: Convert = (from, to) => {
  if (isJson(from) && isJson(to) && !from.isArray && !to.isArray) return betweenJson(to);
  if (isJson(to) && !to.isArray) return toJson(from, to);
  if (isJson(from) && !from.isArray) return fromJson(from, to);
  return undefined;
};

function betweenJson(to: PgType): Conversion {
  const using = (column: string): string => `${column}::${to.base}`;
  if (to.base === 'json') return { using, rewrites: true };
  const fails = invalidFor(to);
  return {
    using,
    // \u0000, and numbers that are too great.
    fails: { ...fails, minor: true },
    loses: {
      what: 'the spelling (spaces, the order of keys, keys that stand twice) of',
      minor: true,
      rows: (column) =>
        `CASE WHEN ${fails.rows?.(column) ?? 'false'} THEN false ELSE ${using(column)}::text <> ${column}::text END`,
    },
    rewrites: true,
  };
}

function toJson(from: PgType, to: PgType): Conversion | undefined {
  // A text is JSON already, or is meant to be; bytes have no form in JSON.
  if ((isText(from) || from.base === 'bytea') && !from.isArray) return undefined;
  const loses = isJson(from)
    ? { what: 'the difference of null and NULL in', minor: true }
    : undefined;
  return { using: (column) => `to_${to.base}(${column})`, loses, rewrites: true };
}

function fromJson(from: PgType, to: PgType): Conversion | undefined {
  if ((isText(to) || to.base === 'bytea') && !to.isArray) return undefined;
  if (to.isArray) return fromJsonArray(from, to);
  const hstore = /^(.*)\.hstore$/.exec(to.base)?.[1];
  if (hstore !== undefined) return toHstore(from, to, hstore);
  const scalar = (column: string): string => `${column} #>> '{}'`;
  const using = (column: string): string => `(${scalar(column)})::${castName(to)}`;
  const fails: RowFact = { rows: (column) => isNo(from, to, column) };
  return {
    using,
    fails,
    loses: {
      what: 'the kind (number, string, null) of',
      minor: true,
      rows: (column) =>
        `${from.base}_typeof(${column}) = 'null' OR CASE WHEN ${isNo(from, to, column)} THEN false ELSE to_${from.base}(${using(column)})::text <> ${column}::text END`,
    },
    empties: nullOf(from),
    rewrites: true,
  };
}

function nullOf({ base }: PgType): RowFact {
  return { rows: (column) => `${base}_typeof(${column}) = 'null'` };
}

/** JSON may hold a \\u0000, which neither text nor JSONB can. */
function isNo(from: PgType, to: PgType, column: string): string {
  const invalid = invalidFor(to, (json) => `${json} #>> '{}'`).rows?.(column) ?? 'false';
  if (from.base === 'jsonb') return invalid;
  return `CASE WHEN pg_input_is_valid(${column}::text, 'jsonb') THEN ${invalid} ELSE true END`;
}

/** The extension has a cast to JSON and none back. */
function toHstore(from: PgType, to: PgType, schema: string): Conversion {
  const signature = `pg_temp.hstore_of(${from.base})`;
  const pairs = `SELECT ${schema}.hstore(COALESCE(array_agg(key), '{}'), COALESCE(array_agg(value), '{}')) FROM ${from.base}_each_text($1)`;
  const body = `SELECT CASE WHEN ${from.base}_typeof($1) <> 'null' THEN (${pairs}) END`;
  const kind = (column: string): string => `${from.base}_typeof(${column})`;
  return {
    using: (column) => `pg_temp.hstore_of(${column})`,
    fails: { rows: (column) => `${kind(column)} NOT IN ('object', 'null')` },
    loses: {
      what: 'the kind (number, object, array) of values in',
      minor: true,
      rows: (column) =>
        `CASE ${kind(column)} WHEN 'null' THEN true WHEN 'object' THEN EXISTS (SELECT FROM ${from.base}_each(${column}) AS pair WHERE ${from.base}_typeof(pair.value) NOT IN ('string', 'null')) ELSE false END`,
    },
    empties: nullOf(from),
    rewrites: true,
    helper: {
      create: `CREATE FUNCTION ${signature} RETURNS ${typeName(to)} LANGUAGE sql AS ${quoteBody(body)}`,
      drop: `DROP FUNCTION ${signature}`,
    },
  };
}

/** What a cast cannot do and USING must not: a function of the session reads the elements. */
function fromJsonArray(from: PgType, to: PgType): Conversion {
  const type = typeName(to);
  const signature = `pg_temp.elements_of(${from.base})`;
  const body = `SELECT a FROM jsonb_to_record(jsonb_build_object('a', $1)) AS r(a ${type})`;
  return {
    using: (column) => `pg_temp.elements_of(${column})`,
    fails: { rows: (column) => isNoArrayOf(from, elementOf(to), column) },
    // The elements that were numbers may be strings after the way back, and null no array.
    loses: { what: 'the kind (number, string, null) of what is in', minor: true },
    empties: nullOf(from),
    rewrites: true,
    helper: {
      create: `CREATE FUNCTION ${signature} RETURNS ${type} LANGUAGE sql AS ${quoteBody(body)}`,
      drop: `DROP FUNCTION ${signature}`,
    },
  };
}

function isNoArrayOf({ base }: PgType, element: PgType, column: string): string {
  const invalid = invalidFor(element, (text) => text).rows?.('element') ?? 'false';
  const hasInvalid = isJson(element)
    ? 'false'
    : `EXISTS (SELECT FROM ${base}_array_elements_text(${column}) AS element WHERE ${invalid})`;
  return `CASE ${base}_typeof(${column}) WHEN 'null' THEN false WHEN 'array' THEN ${hasInvalid} ELSE true END`;
}
