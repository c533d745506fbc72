/** A bound; `strict` leaves the value itself out. */
export interface Bound {
  readonly text: string;
  readonly strict: boolean;
}

/** What CHECK constraints ask of the values of one column. */
export interface ColumnRules {
  readonly low?: readonly Bound[];
  readonly high?: readonly Bound[];
  /** Characters, bytes or elements. */
  readonly shortest?: number;
  readonly longest?: number;
  /** The only values that it may have. */
  readonly values?: readonly string[];
  readonly excluded?: readonly string[];
  readonly letters?: 'lower' | 'upper';
  readonly null?: boolean;
}

/** What two constraints ask of a column together. */
export function combineRules(a: ColumnRules, b: ColumnRules): ColumnRules {
  const { values } = b;
  return {
    low: [...(a.low ?? []), ...(b.low ?? [])],
    high: [...(a.high ?? []), ...(b.high ?? [])],
    excluded: [...(a.excluded ?? []), ...(b.excluded ?? [])],
    values:
      a.values && values ? a.values.filter((each) => values.includes(each)) : (values ?? a.values),
    shortest: stricter(a.shortest, b.shortest, Math.max),
    longest: stricter(a.longest, b.longest, Math.min),
    letters: b.letters ?? a.letters,
    null: b.null ?? a.null,
  };
}

function stricter(
  a: number | undefined,
  b: number | undefined,
  of: (a: number, b: number) => number,
): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : of(a, b);
}
