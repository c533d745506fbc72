import type { PgType } from './parse-type';

/** A fact about the rows of a column; the column stands quoted where it is asked for. */
export interface RowFact {
  /** The condition that such rows satisfy; undefined where SQL cannot tell them. */
  readonly rows?: (column: string) => string;
  /** Whether it is worth no line where no row is hit: an odd corner of PostgreSQL's. */
  readonly minor?: boolean;
  /** What is lost, to stand before the column: `the time of day`. */
  readonly what?: string;
}

/** What becomes of the rows when a column gets another type: three facts that have nothing to do with each other. */
export interface Conversion {
  /** The USING expression; undefined where PostgreSQL converts by itself. */
  readonly using?: (column: string) => string;
  /** Undefined where no row can make it fail. */
  readonly fails?: RowFact;
  /** Undefined where every value is the same again after the way back. */
  readonly loses?: RowFact;
  /** Values that become NULL, which a required column does not take; undefined where none can. */
  readonly empties?: RowFact;
  /** Whether every row is written anew, under an exclusive lock. */
  readonly rewrites: boolean;
  /** A function that the expression calls: USING takes no subquery. */
  readonly helper?: { readonly create: string; readonly drop: string };
  /** True where no conversion is right: then the author has to write the USING. */
  readonly isMissing?: boolean;
}

/** What a conversion depends on besides the two types. */
export interface ConversionOptions {
  /** Whether the session's time zone is UTC, as Sequelize sets it unless it is told another. */
  readonly utc: boolean;
  /** The values of the enum that the new type is, or that its elements are. */
  readonly values?: readonly string[];
}

/** A rule for some pairs of types; undefined for all others. */
export type Convert = (
  from: PgType,
  to: PgType,
  options: ConversionOptions,
) => Conversion | undefined;

/** NULL is converted to NULL, always. */
export function withoutNull(fact: RowFact | undefined): RowFact | undefined {
  const rows = fact?.rows;
  if (fact === undefined || rows === undefined) return fact;
  return { ...fact, rows: (column) => `${column} IS NOT NULL AND (${rows(column)})` };
}
