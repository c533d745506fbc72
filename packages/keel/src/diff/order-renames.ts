/** One name that becomes another. */
export interface NamePair {
  readonly from: string;
  readonly to: string;
}

/**
 * Renames in an order in which each new name is free when it is given. Where names go round in a circle,
 * one of them steps aside first: it then comes twice.
 */
export function orderRenames<P extends NamePair>(
  pairs: readonly P[],
  aside: (name: string) => string = (name) => `${name}_renamed`,
): P[] {
  const ordered: P[] = [];
  let open = pairs.filter(({ from, to }) => from !== to);
  while (open.length > 0) {
    const next = open.find(({ to }) => !open.some(({ from }) => from === to));
    if (next === undefined) {
      const [first, ...others] = open;
      if (first === undefined) break;
      const waiting = aside(first.from);
      ordered.push({ ...first, to: waiting });
      open = [...others, { ...first, from: waiting }];
    } else {
      ordered.push(next);
      open = open.filter((pair) => pair !== next);
    }
  }
  return ordered;
}
