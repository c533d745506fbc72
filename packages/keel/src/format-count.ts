/** A whole number with commas: 1,000,000. `toLocaleString` would load all of ICU first, a fiftieth of a second. */
export function formatCount(value: number): string {
  return `${value}`.replace(/\B(?=(\d{3})+$)/g, ',');
}

/** A number with its noun: 1 row, 1,000 rows. */
export function counted(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}
