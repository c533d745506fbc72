const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  '': 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
};

/**
 * A length of time such as `500ms`, `10s`, `2m`; a bare number counts seconds.
 *
 * @returns milliseconds; undefined for what is none
 */
export function readDuration(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*(ms|s|min|m|h|)$/.exec(text.trim());
  const unit = UNITS[match?.[2] ?? 'none'];
  return match?.[1] === undefined || unit === undefined ? undefined : Number(match[1]) * unit;
}
