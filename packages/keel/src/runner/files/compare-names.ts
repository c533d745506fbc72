/** The name without its extension: `x.ts` and the `x.js` compiled from it are the same migration. */
export function stem(name: string): string {
  return name.replace(/\.[cm]?[jt]s$/, '');
}

/** The order in which migrations run: by code unit, as sequelize-cli sorts. */
export function compareNames(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
