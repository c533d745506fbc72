/** Rows [from, to). */
export interface RowRange {
  readonly from: number;
  readonly to: number;
}

/** The rows of [0, rows) that no range covers, in pieces of at most `chunk` rows. */
export function missingRanges(done: readonly RowRange[], rows: number, chunk: number): RowRange[] {
  const gaps: RowRange[] = [];
  let next = 0;
  const add = (end: number): void => {
    for (; next < end; next = Math.min(end, next + chunk)) {
      gaps.push({ from: next, to: Math.min(end, next + chunk) });
    }
  };
  for (const { from, to } of [...done].sort((a, b) => a.from - b.from)) {
    add(Math.min(from, rows));
    next = Math.max(next, to);
  }
  add(rows);
  return gaps;
}

/** How many rows some ranges cover. */
export function rowsIn(ranges: readonly RowRange[]): number {
  return ranges.reduce((sum, { from, to }) => sum + to - from, 0);
}
