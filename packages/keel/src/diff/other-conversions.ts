import type { Conversion, Convert } from './conversion-rule';
import { castName, type PgType } from './parse-type';
import { invalidFor } from './text-conversions';

/** Enums, networks and ranges. */
export const convertOther: Convert = (from, to) => {
  if (from.isArray || to.isArray) return undefined;
  if (from.isEnum && to.isEnum) return byText(to);
  if (from.base === 'cidr' && to.base === 'inet') return { rewrites: false };
  if (from.base === 'inet' && to.base === 'cidr') {
    return {
      loses: { what: 'the host in', rows: (column) => `${column}::cidr <> ${column}` },
      rewrites: true,
    };
  }
  if (from.base === 'macaddr' && to.base === 'macaddr8') return { rewrites: true };
  if (from.base === 'macaddr8' && to.base === 'macaddr') return { ...byText(to), using: undefined };
  return rangeRule(from, to);
};

function byText(to: PgType): Conversion {
  return {
    using: (column) => `${column}::text::${castName(to)}`,
    fails: invalidFor(to),
    rewrites: true,
  };
}

/** Ranges whose bounds can be read as each other's, those that hold fewer values first. */
const families = [
  ['int4range', 'int8range', 'numrange'],
  ['daterange', 'tsrange', 'tstzrange'],
] as const;

function rangeRule(from: PgType, to: PgType): Conversion | undefined {
  const position = ({ base }: PgType, names: readonly string[]): number => names.indexOf(base);
  const family = families.find((names) => [from, to].every((type) => position(type, names) !== -1));
  if (family === undefined) return undefined;
  const found = byText(to);
  const isWider = position(from, family) < position(to, family);
  const areMoments = family[0] === 'daterange';
  if (isWider && !areMoments) return { ...found, fails: undefined };
  const loses = {
    what: 'the exact bounds of',
    minor: true,
    rows: (column: string) =>
      `CASE WHEN ${found.fails?.rows?.(column) ?? 'false'} THEN false ELSE ${found.using?.(column) ?? column}::text <> ${column}::text END`,
  };
  // Only years after 294276 fit into dates alone.
  const fails = areMoments ? { ...found.fails, minor: true } : found.fails;
  return { ...found, loses, fails };
}
