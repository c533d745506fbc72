/** `YYYYMMDDHHmmss` of a moment, in UTC. */
function formatTimestamp(date: Date): string {
  return date.toISOString().replace(/\D/g, '').slice(0, 14);
}

/**
 * The timestamp of a new file: now, or the next second that no file of the folder has, since two files with
 * one timestamp run in an order by chance.
 *
 * @param names the names that are in the folder
 */
export function nextTimestamp(names: readonly string[], now: Date): string {
  const taken = new Set(names.map((name) => name.slice(0, 14)));
  const moment = new Date(now);
  while (taken.has(formatTimestamp(moment))) moment.setUTCSeconds(moment.getUTCSeconds() + 1);
  return formatTimestamp(moment);
}
