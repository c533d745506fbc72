const ENDINGS = new Set(['.js', '.cjs', '.mjs', '.ts', '.cts', '.mts']);

/** The name without its extension: `x.ts` and the `x.js` compiled from it are the same migration. */
export function stem(name: string): string {
  const dot = name.lastIndexOf('.');
  return dot >= 0 && ENDINGS.has(name.slice(dot)) ? name.slice(0, dot) : name;
}

/** The order in which migrations run: by code unit, as sequelize-cli sorts. */
export function compareNames(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
