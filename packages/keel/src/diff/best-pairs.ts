/** How many new names are offered for one old one. */
const mostForOne = 3;

/** Two things that may be the same one. */
export interface Pair<T> {
  readonly from: T;
  readonly to: T;
  /** From 0 to 1. */
  readonly likeness: number;
}

/** A pair among all that are possible. */
export interface RankedPair<T> extends Pair<T> {
  /** Whether both have the same name in its normal form, and nobody else has it. */
  readonly isSure: boolean;
}

/** The likeliest pairs first; other pairs with a part of one that is sure say nothing. */
export function bestPairs<T>(pairs: readonly Pair<T>[]): RankedPair<T>[] {
  const isSure = ({ from, to, likeness }: Pair<T>): boolean =>
    likeness === 1 &&
    !pairs.some((other) => other.likeness === 1 && (other.from === from) !== (other.to === to));
  const ranked = pairs.map((pair): RankedPair<T> => ({ ...pair, isSure: isSure(pair) }));
  const sure = ranked.filter((pair) => pair.isSure);
  return ranked
    .filter(
      (pair) => pair.isSure || !sure.some(({ from, to }) => from === pair.from || to === pair.to),
    )
    .sort((a, b) => b.likeness - a.likeness)
    .filter(
      (pair, at, all) =>
        all.slice(0, at).filter(({ from }) => from === pair.from).length < mostForOne,
    );
}
