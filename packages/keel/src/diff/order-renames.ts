/** One name that becomes another. */
export interface NamePair {
  readonly from: string;
  readonly to: string;
}

/**
 * Renames in an order in which each new name is free when it is given. Where names go round in a circle,
 * one of them steps aside first.
 */
export function orderRenames(
  pairs: readonly NamePair[],
  aside: (name: string) => string = (name) => `${name}_renamed`,
): NamePair[] {
  const ordered: NamePair[] = [];
  let open = pairs.filter(({ from, to }) => from !== to);
  while (open.length > 0) {
    const next = open.find(({ to }) => !open.some(({ from }) => from === to));
    if (next === undefined) {
      const [first, ...others] = open;
      if (first === undefined) break;
      const waiting = aside(first.from);
      ordered.push({ from: first.from, to: waiting });
      open = [...others, { from: waiting, to: first.to }];
    } else {
      ordered.push(next);
      open = open.filter((pair) => pair !== next);
    }
  }
  return ordered;
}
