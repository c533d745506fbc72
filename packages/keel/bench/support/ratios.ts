/** How many times as long a piece of work takes as what it is compared with. */
export type Ratios = Readonly<Record<string, number>>;

/** What is kept in the repository. */
export interface KeptRatios {
  /** A row is lost where its ratio is more than so many times the kept one: less is noise. */
  readonly margin: number;
  readonly ratios: Ratios;
}

/** A row that is slower than it was, or that nothing is known of. */
export interface LostRow {
  readonly row: string;
  /** Undefined where the row is new. */
  readonly before: number | undefined;
  readonly now: number;
}

/** The rows of `now` that have lost more than the margin. */
export function findLost({ margin, ratios }: KeptRatios, now: Ratios): LostRow[] {
  return Object.entries(now).flatMap(([row, ratio]): LostRow[] => {
    const before = ratios[row];
    return before !== undefined && ratio <= before * margin ? [] : [{ row, before, now: ratio }];
  });
}

/** The better of two measurements, row by row: noise only ever adds. */
export function bestOf(first: Ratios, second: Ratios): Ratios {
  const rows = new Set([...Object.keys(first), ...Object.keys(second)]);
  return Object.fromEntries(
    [...rows].map((row) => [row, Math.min(first[row] ?? Infinity, second[row] ?? Infinity)]),
  );
}

/** What to say of a row that has lost. */
export function describeLost({ row, before, now }: LostRow, margin: number): string {
  return before === undefined
    ? `${row}: ${now.toFixed(2)} times; nothing is kept of this row yet.`
    : `${row}: ${now.toFixed(2)} times, was ${before.toFixed(2)} (allowed is ${(before * margin).toFixed(2)}).`;
}
