/** Up to so many names are shown one by one. */
const SHOWN = 8;

/** Names in one line, for people: a long list is cut to its ends. */
export function listNames(names: readonly string[]): string {
  if (names.length <= SHOWN) return names.join(', ');
  return `${names[0]}, ${names[1]}, … ${names.at(-1)} (${names.length})`;
}
