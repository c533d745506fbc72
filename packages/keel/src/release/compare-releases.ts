/**
 * Compares two releases part by part, as `2.10.0` comes after `2.9.3`: numbers as numbers, anything else as text. What
 * follows a hyphen comes before the release itself (`2.0.0-rc.1`), and what follows a plus sign does not count.
 *
 * @returns negative where `a` is older, positive where it is newer; undefined where one of them has no order
 */
export function compareReleases(a: string, b: string): number | undefined {
  const [left, right] = [readRelease(a), readRelease(b)];
  if (!left || !right) return undefined;
  const order = compareParts(left.parts, right.parts, '0');
  if (order !== 0) return order;
  if (left.before === undefined || right.before === undefined)
    return Number(left.before === undefined) - Number(right.before === undefined);
  return compareParts(left.before, right.before, '');
}

interface Release {
  readonly parts: readonly string[];
  readonly before: readonly string[] | undefined;
}

/** A number first: the hash of a commit has no order. */
function readRelease(text: string): Release | undefined {
  const match = /^v?(\d+(?:\.\d+)*)(?:-([^+]+))?(?:\+.*)?$/.exec(text.trim());
  if (!match) return undefined;
  const [, parts = '', before] = match;
  return { parts: parts.split('.'), before: before?.split('.') };
}

function compareParts(a: readonly string[], b: readonly string[], missing: string): number {
  for (let at = 0; at < Math.max(a.length, b.length); at += 1) {
    const [left, right] = [a[at] ?? missing, b[at] ?? missing];
    const areNumbers = /^\d+$/.test(left) && /^\d+$/.test(right);
    const order = areNumbers ? compareNumbers(left, right) : compareTexts(left, right);
    if (order !== 0) return order;
  }
  return 0;
}

/** Dates with a time, as `20250131120000`, are too long for a sum of JavaScript's numbers to be relied on. */
function compareNumbers(a: string, b: string): number {
  return Number(BigInt(a) > BigInt(b)) - Number(BigInt(a) < BigInt(b));
}

function compareTexts(a: string, b: string): number {
  return Number(a > b) - Number(a < b);
}
